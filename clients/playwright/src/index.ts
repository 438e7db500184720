/** Fixtures for Playwright: a phone number for each test, and the codes that arrive on it. */

import { test as base, type TestInfo } from '@playwright/test';
import { DEFAULT_WAIT, formatTimeline, Otpwire, type Lease, type LeaseOptions, type OtpwireOptions } from '@otpwire/client';
import { observe } from './observe.js';
import { untimed } from './untimed.js';

export { expect } from '@playwright/test';
export * from '@otpwire/client';

/** More numbers for a test that needs several. */
export interface SmsPool {
  /** Leases another number, as `smsOptions` say or of another pool or country. It is released after the test. */
  lease(options?: LeaseOptions): Promise<Lease>;
}

export interface SmsFixtures {
  /** Where the server is, and which numbers are leased: for `use` in the configuration or in a test file. */
  smsOptions: OtpwireOptions;
  /** A number that is this test's alone. */
  sms: Lease;
  smsPool: SmsPool;
}

/** `test` of Playwright with the fixtures. To add them to a `test` of your own, use `mergeTests`. */
export const test = base.extend<SmsFixtures>({
  smsOptions: [{}, { option: true }],

  // `wait` limits how long a lease may take, so this time is not the test's.
  sms: [async ({ smsPool }, use) => use(await smsPool.lease()), { timeout: 0 }],

  smsPool: [async ({ smsOptions }, use, testInfo) => {
    const otpwire = new Otpwire(smsOptions);
    const leases: Lease[] = [];
    // A number that is still waited for when the test has timed out is for nobody.
    const over = new AbortController();
    const acquire = async ({ signal, ...options }: LeaseOptions) => {
      const either = signal ? AbortSignal.any([signal, over.signal]) : over.signal;
      const lease = await otpwire.lease({ ...options, signal: either });
      leases.push(lease);
      return observe(lease, testInfo);
    };
    await use({
      lease(options = {}) {
        const { wait = smsOptions.wait ?? DEFAULT_WAIT } = options;
        return untimed(testInfo, wait, () => acquire(options));
      },
    });
    over.abort();
    await end(leases, testInfo);
  }, { timeout: 30_000 }],
});

/** Releases what the test had, whatever became of it. A server that is away fails no test now: leases end by themselves. */
async function end(leases: Lease[], testInfo: TestInfo): Promise<void> {
  await Promise.all(leases.map((lease) => lease[Symbol.asyncDispose]()));
  for (const [n, lease] of leases.entries()) {
    await testInfo.attach(n === 0 ? 'sms' : `sms ${n + 1}`, { body: formatTimeline(lease.timeline), contentType: 'text/plain' });
  }
}
