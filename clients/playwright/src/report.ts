// What a report shows of a lease: its waits as steps, and its timeline.

import { test, type TestInfo } from '@playwright/test';
import { DEFAULT_TIMEOUT, type Lease, type LinkOptions, type WaitOptions } from '@otpwire/client';

/** Makes a step of each wait, whose time does not count against the timeout of the test: an SMS takes as long as it takes. */
export function observe(lease: Lease, testInfo: TestInfo): Lease {
  const observed = <T>(title: string, wait: (options?: LinkOptions) => Promise<T>) => (options: LinkOptions = {}) =>
    test.step(options.service === undefined ? title : `${title} of ${options.service}`, () => untimed(testInfo, options, () => wait(options)), { box: true });
  lease.waitForCode = observed('Wait for a code', lease.waitForCode.bind(lease));
  lease.waitForMessage = observed('Wait for a message', lease.waitForMessage.bind(lease));
  lease.waitForLink = observed('Wait for a link', lease.waitForLink.bind(lease));
  return lease;
}

async function untimed<T>(testInfo: TestInfo, { timeout = DEFAULT_TIMEOUT }: WaitOptions, wait: () => Promise<T>): Promise<T> {
  // A test with the timeout 0 has none.
  if (testInfo.timeout === 0) return wait();
  const start = performance.now();
  const allowed = timeout + 1_000;
  testInfo.setTimeout(testInfo.timeout + allowed);
  try {
    return await wait();
  } finally {
    testInfo.setTimeout(testInfo.timeout - allowed + Math.ceil(performance.now() - start));
  }
}

/** A line for each event, with the seconds since the lease began. */
export function report({ timeline }: Lease): string {
  const start = timeline[0]?.at.getTime() ?? 0;
  return timeline.map(({ at, event }) => `${((at.getTime() - start) / 1000).toFixed(3).padStart(8)} s  ${event}`).join('\n');
}
