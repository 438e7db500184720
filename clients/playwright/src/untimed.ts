// Waits whose time is not that of the test: an SMS, and a number that others hold, take as long as they take.

import type { TestInfo } from '@playwright/test';

/** Tests in which something is waited for: their timeout without that, since when, and how many waits there are. */
const waiting = new WeakMap<TestInfo, { limit: number; since: number; count: number }>();

/** Does some work that ends by itself within `limit` milliseconds, and extends the timeout of the test by what it takes. */
export async function untimed<T>(testInfo: TestInfo, limit: number, work: () => Promise<T>): Promise<T> {
  // A test with the timeout 0 has none.
  if (testInfo.timeout === 0) return work();
  const test = waiting.get(testInfo) ?? { limit: testInfo.timeout, since: performance.now(), count: 0 };
  waiting.set(testInfo, test);
  test.count += 1;
  const extended = () => Math.ceil(test.limit + performance.now() - test.since);
  // A second more, because what the work says about its end is worth more than the timeout of the test.
  testInfo.setTimeout(Math.max(testInfo.timeout, extended() + limit + 1_000));
  try {
    return await work();
  } finally {
    test.count -= 1;
    if (test.count === 0) {
      testInfo.setTimeout(extended());
      waiting.delete(testInfo);
    }
  }
}
