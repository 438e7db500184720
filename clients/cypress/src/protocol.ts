// What commands in the browser and tasks in Node say to each other: JSON.

import type { LinkOptions } from '@otpwire/client';

/** A number that is the test's alone. */
export interface SmsNumber {
  id: number;
  /** Such as `+14155550100`. */
  phoneNumber: string;
  countryCode: string;
}

export type What = 'waitForCode' | 'waitForLink' | 'waitForMessage';

export interface WaitRequest extends Pick<LinkOptions, 'service' | 'sender' | 'timeout' | 'kind'> {
  /** The same for each call that asks after one wait. */
  key: string;
  id: number;
  what: What;
  match?: { source: string; flags: string } | undefined;
}

export type Outcome<T> = { state: 'pending' } | { state: 'done'; value: T } | { state: 'failed'; message: string };
