// A worker of the test with many: three times, it leases a number and waits for two codes that it asks for on its output.

import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { Otpwire } from '@otpwire/client';

const otpwire = new Otpwire();
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
for (let round = 0; round < 3; round += 1) {
  const lease = await otpwire.lease({ pool: process.env.POOL });
  try {
    say({ to: lease.phoneNumber });
    for (let n = 0; n < 2; n += 1) {
      const code = `${randomInt(100_000, 1_000_000)}`;
      say({ to: lease.phoneNumber, code });
      assert.equal(await lease.waitForCode(), code);
    }
    await assert.rejects(lease.waitForCode({ timeout: 0 }), { code: 'TIMEOUT' });
  } finally {
    await lease.release();
  }
}
