// What can go wrong. No error has a code, a text, a key or a full phone number in it: errors end up in logs.

import type { ArrivalSummary } from './message.js';

/** An error that the server answers with, or that the client found. `code` is for programs, and stable. */
export class OtpwireError extends Error {
  override name = 'OtpwireError';
  /** Such as `NOT_FOUND`; docs/errors.md of otpwire lists them. */
  readonly code: string;
  /** The HTTP status, if there was an answer. */
  readonly status: number | undefined;
  /** What the server says besides, such as the field that is wrong. */
  readonly details: Readonly<Record<string, unknown>>;
  /** The request in the server's log. */
  readonly requestId: string | undefined;

  constructor(code: string, message: string, more: ErrorOptions & ErrorDetails = {}) {
    super(message, more);
    this.code = code;
    this.status = more.status;
    this.details = more.details ?? {};
    this.requestId = more.requestId;
  }
}

interface ErrorDetails {
  status?: number | undefined;
  details?: Record<string, unknown> | undefined;
  requestId?: string | undefined;
}

/** The lease is over: what arrives on the number now belongs to somebody else. */
export class LeaseLostError extends OtpwireError {
  override name = 'LeaseLostError';

  /**
   * `expired`, `released`, `superseded` by a newer lease of the number, `rental_ended`, `blocked`, `deactivated`, or
   * `unknown_fence` for a fence that was never given.
   */
  get reason(): string {
    return typeof this.details['reason'] === 'string' ? this.details['reason'] : 'unknown';
  }
}

/** Nothing that was waited for came in time. The message says what did arrive. */
export class TimeoutError extends OtpwireError {
  override name = 'TimeoutError';
  /** Such as `a code of GitHub`. */
  readonly waitedFor: string;
  /** What arrived during the lease. */
  readonly arrived: readonly ArrivalSummary[];

  constructor(message: string, waitedFor: string, arrived: readonly ArrivalSummary[] = [], options: ErrorOptions = {}) {
    super('TIMEOUT', message, options);
    this.waitedFor = waitedFor;
    this.arrived = arrived;
  }
}
