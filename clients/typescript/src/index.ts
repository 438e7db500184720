/** A client of otpwire for tests: leases a phone number, and waits for the code that is sent to it. */

export { DEFAULT_WAIT, Otpwire, type LeaseOptions, type OtpwireOptions } from './otpwire.js';
export { DEFAULT_TIMEOUT, formatTimeline, Lease, type LinkOptions, type TimelineEntry, type WaitOptions } from './lease.js';
export type { ArrivalSummary, Link, Message, MessageFilter } from './message.js';
export { LeaseLostError, OtpwireError, TimeoutError } from './errors.js';
