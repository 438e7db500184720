// Run by playwright.test.mjs, which looks at the report. The outcome of each test is in its name.

import { expect, test, TimeoutError } from '@otpwire/playwright';

test.describe.configure({ mode: 'parallel' });

test('passes: leases nothing if it needs nothing', () => {
  expect(1).toBe(1);
});

test('passes: the time of a wait is not that of the test', async ({ sms }) => {
  test.setTimeout(1_000);
  await expect(sms.waitForCode({ timeout: 2_500 })).rejects.toThrow(TimeoutError);
});

test('passes: several numbers', async ({ sms, smsPool }) => {
  const other = await smsPool.lease();
  expect(other.phoneNumber).not.toBe(sms.phoneNumber);
});

test('fails: a wait without a code', async ({ sms }) => {
  await sms.waitForCode({ service: 'GitHub', timeout: 1_000 });
});

test('fails: its timeout, in the middle', async ({ sms }) => {
  test.setTimeout(1_000);
  await new Promise((resolve) => setTimeout(resolve, 60_000));
  await sms.release();
});
