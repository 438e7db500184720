// Compiled strictly and run by types.test.mjs: `await using` releases a lease when its block is left by an error.

import { LeaseLostError, Otpwire, TimeoutError, type Lease, type LinkOptions, type Message, type WaitOptions } from '@otpwire/client';

const otpwire = new Otpwire();
const thrown = new Error('the block is left');
let left: Lease | undefined;
try {
  await using lease = await otpwire.lease({ pool: process.env['POOL'] ?? '', ttl: 60_000 });
  left = lease;
  const options: WaitOptions = { service: 'GitHub', match: /x/, timeout: 0, signal: AbortSignal.timeout(1_000) };
  const code: string | undefined = await lease.waitForCode(options).catch((error: unknown) => {
    if (!(error instanceof TimeoutError)) throw error;
    return error.arrived[0]?.service;
  });
  const message: Message | undefined = (await lease.messages())[0];
  if (code !== undefined || message) throw new Error('something arrived');
  throw thrown;
} catch (error) {
  if (error !== thrown) throw error;
}
const error: unknown = await left?.waitForLink({ kind: 'verify' } satisfies LinkOptions).catch((error: unknown) => error);
if (!(error instanceof LeaseLostError) || error.reason !== 'released') throw error;

// @ts-expect-error: the option is misspelt
void (() => otpwire.lease({ poool: 'ci' }));
