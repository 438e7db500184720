// Compiled strictly by types.test.mjs: how a project uses @otpwire/cypress.

import '@otpwire/cypress/commands';
import { otpwire } from '@otpwire/cypress';
import { defineConfig } from 'cypress';

export default defineConfig({ e2e: { setupNodeEvents: (on) => otpwire(on, { pool: 'ci', wait: 10_000 }) } });

it('logs in', () => {
  cy.sms({ country: 'US' }).then(({ phoneNumber }) => cy.get('[name=phone]').type(phoneNumber));
  cy.waitForCode({ service: 'Lemonade', timeout: 10_000 }).then((code) => cy.get('[name=code]').type(code));
  cy.waitForLink({ kind: 'verify', match: /x/ }).then((url) => cy.visit(url));
  cy.waitForSms().its('text').should('contain', 'Lemonade');
  // @ts-expect-error: a function cannot be sent to Node
  cy.waitForCode({ match: () => true });
});
