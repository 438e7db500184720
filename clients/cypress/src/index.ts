/** The part for `cypress.config.ts`: tasks that hold leases in Node, where they are renewed while a test runs. */

/// <reference types="cypress" preserve="true" />

import { formatTimeline, Otpwire, type Lease, type LeaseOptions, type OtpwireOptions } from '@otpwire/client';
import type { Outcome, SmsNumber, WaitRequest } from './protocol.js';

export type { SmsNumber } from './protocol.js';

/** How long one task may take, in milliseconds: Cypress can stop a test between two. */
const SLICE = 2_000;

/** Registers the tasks: `setupNodeEvents: (on) => otpwire(on, { pool: 'ci' })`. */
export function otpwire(on: Cypress.PluginEvents, options: OtpwireOptions = {}): void {
  on('task', smsTasks(options));
}

/** The tasks by themselves, for a `setupNodeEvents` that registers everything in one call of `on`. */
export function smsTasks(options: OtpwireOptions = {}) {
  const client = new Otpwire(options);
  const leases = new Map<number, Lease>();
  /** What was begun by an earlier call of a task, and goes on between two calls. */
  const running = new Map<string, Promise<Outcome<unknown>>>();

  async function proceed<T>(key: string, begin: () => Promise<T>): Promise<Outcome<T>> {
    const outcome = running.get(key) ?? settled(begin());
    running.set(key, outcome);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const later = new Promise<Outcome<T>>((resolve) => {
      timer = setTimeout(() => resolve({ state: 'pending' }), SLICE);
    });
    const now = await Promise.race([outcome, later]);
    clearTimeout(timer);
    if (now.state !== 'pending') running.delete(key);
    return now as Outcome<T>;
  }

  async function release(id: number): Promise<string> {
    const lease = leases.get(id);
    leases.delete(id);
    await lease?.[Symbol.asyncDispose]();
    return lease ? formatTimeline(lease.timeline) : '';
  }

  return {
    'otpwire:lease': ({ key, options }: { key: string; options: LeaseOptions }): Promise<Outcome<SmsNumber>> =>
      proceed(key, async () => {
        // One test runs at a time, and one that was stopped may have left its number behind.
        await Promise.all([...leases.keys()].map(release));
        const lease = await client.lease(options);
        leases.set(lease.id, lease);
        const { id, phoneNumber, countryCode } = lease;
        return { id, phoneNumber, countryCode };
      }),
    'otpwire:wait': ({ key, id, what, match, ...options }: WaitRequest): Promise<Outcome<unknown>> =>
      proceed(key, async () => {
        const lease = leases.get(id);
        if (!lease) throw new Error('this number was released after an earlier test: call cy.sms() in this one');
        return lease[what]({ ...options, ...(match && { match: new RegExp(match.source, match.flags) }) });
      }),
    /** Yields the timeline. */
    'otpwire:release': release,
  };
}

/** Errors lose their class on the way to the browser, so only what they say is sent. */
async function settled<T>(promise: Promise<T>): Promise<Outcome<T>> {
  return promise.then(
    (value) => ({ state: 'done', value }),
    (error: unknown) => ({ state: 'failed', message: String(error) }),
  );
}
