/** The part for `cypress/support/e2e.ts`: importing it adds the commands, and releases what a test leased after it. */

/// <reference types="cypress" preserve="true" />

import type { LeaseOptions, LinkOptions, Message } from '@otpwire/client';
import type { Outcome, SmsNumber, What } from './protocol.js';

/** As for the client, but functions cannot be sent to Node. */
export interface SmsWaitOptions extends Pick<LinkOptions, 'service' | 'sender' | 'timeout' | 'kind'> {
  match?: RegExp;
}

declare global {
  namespace Cypress {
    interface Chainable {
      /** The number of this test, which the first call leases. */
      sms(options?: LeaseOptions): Chainable<SmsNumber>;
      /** The next code that arrives on the number of this test, as it is typed in. */
      waitForCode(options?: Omit<SmsWaitOptions, 'kind'>): Chainable<string>;
      /** The next link that arrives on it. */
      waitForLink(options?: SmsWaitOptions): Chainable<string>;
      /** The next message that arrives on it; `receivedAt` is a text. */
      waitForSms(options?: Omit<SmsWaitOptions, 'kind'>): Chainable<Omit<Message, 'receivedAt'> & { receivedAt: string }>;
    }
  }
}

/** How long a task may take, in milliseconds: more than the tasks allow themselves. */
const TASK_TIMEOUT = 20_000;

/** The number of the test that runs. */
let current: SmsNumber | undefined;
let calls = 0;

/** Asks again and again, so that no command takes longer than Cypress likes, and a test can be stopped meanwhile. */
function proceed<T>(task: string, request: object): Cypress.Chainable<T> {
  const key = `${Date.now()}-${(calls += 1)}`;
  const ask = (): Cypress.Chainable<T> =>
    cy.task<Outcome<T>>(task, { key, ...request }, { log: false, timeout: TASK_TIMEOUT }).then((outcome) => {
      if (outcome.state === 'pending') return ask();
      if (outcome.state === 'failed') throw new Error(outcome.message);
      return cy.wrap(outcome.value, { log: false });
    });
  return ask();
}

function lease(options: LeaseOptions): Cypress.Chainable<SmsNumber> {
  if (current) return cy.wrap(current, { log: false });
  return proceed<SmsNumber>('otpwire:lease', { options }).then((number) => {
    current = number;
    return cy.wrap(number, { log: false });
  });
}

function wait<T>(what: What, { match, ...options }: SmsWaitOptions): Cypress.Chainable<T> {
  if (match !== undefined && !(match instanceof RegExp)) throw new TypeError('match: must be a regular expression');
  Cypress.log({ name: what, message: options.service ?? '' });
  const sent = match && { source: match.source, flags: match.flags };
  return lease({}).then(({ id }) => proceed<T>('otpwire:wait', { id, what, match: sent, ...options }));
}

Cypress.Commands.add('sms', (options = {}) => lease(options));
Cypress.Commands.add('waitForCode', (options = {}) => wait<string>('waitForCode', options));
Cypress.Commands.add('waitForLink', (options = {}) => wait<string>('waitForLink', options));
Cypress.Commands.add('waitForSms', (options = {}) => wait('waitForMessage', options));

afterEach(() => {
  if (!current) return;
  const { id } = current;
  current = undefined;
  cy.task<string>('otpwire:release', id, { log: false, timeout: TASK_TIMEOUT }).then((timeline) => {
    Cypress.log({ name: 'sms', message: 'released', consoleProps: () => ({ timeline }) });
  });
});
