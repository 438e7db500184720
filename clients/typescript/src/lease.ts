/// <reference lib="esnext.disposable" preserve="true" />
// One worker's hold on a number.

import { LeaseLostError, OtpwireError, TimeoutError } from './errors.js';
import type { Http } from './http.js';
import { Inbox, TIMED_OUT } from './inbox.js';
import { codeOf, describeArrival, describeContent, describeWanted, linkOf, passes, readMessage, shown } from './message.js';
import type { Link, Message, MessageFilter, WireMessage } from './message.js';

/** How to wait for a message. */
export interface WaitOptions extends MessageFilter {
  /** How long, in milliseconds: 30,000 by default. 0 looks only at what is there. */
  timeout?: number | undefined;
  signal?: AbortSignal | undefined;
}

export interface LinkOptions extends WaitOptions {
  /** What the link is for. */
  kind?: Link['kind'] | undefined;
}

/** What happened during a lease, for reports: without codes, texts and full numbers. */
export interface TimelineEntry {
  at: Date;
  event: string;
}

/** A lease as the REST API has it. */
export interface WireLease {
  id: number;
  fence: number;
  phone_number: string;
  country_code: string;
  pool?: string;
  cursor: string;
  expires_at: string;
  unclaimed_messages?: number;
}

interface Page {
  messages: { message: WireMessage }[];
  cursor: string;
}

/** A line for each event, with the seconds since the lease began. */
export function formatTimeline(timeline: readonly TimelineEntry[]): string {
  const start = timeline[0]?.at.getTime() ?? 0;
  const line = ({ at, event }: TimelineEntry) => `${((at.getTime() - start) / 1000).toFixed(3).padStart(8)} s  ${event}`;
  return timeline.map(line).join('\n');
}

/** How long a wait lasts if nothing else is said, in milliseconds. */
export const DEFAULT_TIMEOUT = 30_000;
/** How many messages an error lists. */
const LISTED = 10;

/**
 * A number that is this worker's alone until it is released. It is renewed for as long as the object is used; if the
 * process dies, it ends by itself within its `ttl`.
 *
 * Only what arrived during the lease is ever seen, and each message is given to one wait: waiting for a code twice gives
 * two codes, in their order.
 */
export class Lease {
  readonly id: number;
  /** Grows with each lease of the number: whoever shows an older one is refused. */
  readonly fence: number;
  /** Such as `+14155550100`. */
  readonly phoneNumber: string;
  readonly countryCode: string;
  readonly pool: string | undefined;
  /** How many messages for this number belonged to no lease: they came late, or between two leases. */
  readonly unclaimedMessages: number;
  readonly #http: Http;
  readonly #ttl: number;
  readonly #start: string;
  readonly #inbox: Inbox;
  readonly #timeline: TimelineEntry[] = [];
  #cursor: string;
  #expiresAt: Date;
  #renewal: ReturnType<typeof setTimeout> | undefined;
  #release: Promise<void> | undefined;
  /** Why the server does not answer at the moment. */
  #absence: OtpwireError | undefined;

  /** @internal Leases come from `Otpwire.lease`. */
  constructor(http: Http, wire: WireLease, ttl: number) {
    this.id = wire.id;
    this.fence = wire.fence;
    this.phoneNumber = wire.phone_number;
    this.countryCode = wire.country_code;
    this.pool = wire.pool;
    this.unclaimedMessages = wire.unclaimed_messages ?? 0;
    this.#http = http;
    this.#ttl = ttl;
    this.#start = this.#cursor = wire.cursor;
    this.#expiresAt = new Date(wire.expires_at);
    this.#inbox = new Inbox((hold, signal) => this.#next(hold, signal));
    this.#note(`leased ${shown(this.phoneNumber)} (lease ${this.id}, fence ${this.fence})`);
    this.#renewLater();
  }

  /** When the lease ends if it is not renewed. */
  get expiresAt(): Date {
    return this.#expiresAt;
  }

  /** What has happened so far. */
  get timeline(): readonly TimelineEntry[] {
    return this.#timeline;
  }

  /** The next code, as it is typed in. */
  async waitForCode(options: WaitOptions = {}): Promise<string> {
    return this.#wait('a code', options, (message) => codeOf(message, options));
  }

  /** The next message, whatever it is. */
  async waitForMessage(options: WaitOptions = {}): Promise<Message> {
    return this.#wait('a message', options, (message) => message);
  }

  /** The next link; of several in one message, one that verifies or logs in before any other. */
  async waitForLink(options: LinkOptions = {}): Promise<string> {
    const { kind } = options;
    return this.#wait(kind ? `a link of kind ${kind}` : 'a link', options, (message) => linkOf(message, kind));
  }

  /** Everything that has arrived during the lease, the oldest first. No wait misses anything because of it. */
  async messages(options: { signal?: AbortSignal } = {}): Promise<Message[]> {
    const found: Message[] = [];
    for (let after = this.#start; ; ) {
      const page = await this.#get<Page>('messages', { after, limit: '50' }, options);
      found.push(...page.body.messages.map(({ message }) => readMessage(message)));
      if (page.body.messages.length === 0) return found;
      after = page.body.cursor;
    }
  }

  /** Gives the number back. Waits that are under way fail. To do it again does nothing. */
  release(): Promise<void> {
    this.#release ??= this.#giveBack().catch((error: unknown) => {
      // It may be tried again.
      this.#release = undefined;
      throw error;
    });
    return this.#release;
  }

  /** For `await using`. A server that is away is no reason to hide the error of the test: the lease ends by itself. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.release().catch(() => undefined);
  }

  async #wait<T>(what: string, options: WaitOptions, read: (message: Message) => T | undefined): Promise<T> {
    const { timeout = DEFAULT_TIMEOUT, signal } = options;
    if (!(timeout >= 0)) throw new RangeError(`timeout: must be a number of milliseconds from 0, not ${timeout}`);
    const wanted = describeWanted(what, options);
    this.#note(`waiting for ${wanted}`);
    const readWanted = (message: Message) => (passes(message, options) ? read(message) : undefined);
    const value = await this.#inbox.take(readWanted, timeout, signal);
    if (value !== TIMED_OUT) {
      this.#note(`found ${wanted}`);
      return value;
    }
    this.#note(`gave up waiting for ${wanted}`);
    throw this.#timedOut(wanted, timeout);
  }

  #timedOut(wanted: string, timeout: number): TimeoutError {
    const arrived = this.#inbox.summary();
    const parts = [`no ${wanted.replace(/^a /, '')} arrived at ${shown(this.phoneNumber)} within ${timeout / 1000} s`];
    if (arrived.length === 0) parts.push('nothing arrived during this lease');
    else parts.push(`what did arrive: ${arrived.slice(-LISTED).map(describeArrival).join(', ')}`);
    if (arrived.length > LISTED) parts.push(`and ${arrived.length - LISTED} before`);
    if (this.unclaimedMessages > 0) parts.push(`older messages for this number: ${this.unclaimedMessages}`);
    if (this.#absence) parts.push(`at the end, ${this.#absence.message}`);
    return new TimeoutError(parts.join('; '), wanted, arrived, this.#absence && { cause: this.#absence });
  }

  async #next(hold: number, signal: AbortSignal): Promise<Message | undefined> {
    const query = { after: this.#cursor, timeout: `${Math.ceil(hold / 1000)}` };
    const onRetry = (error: OtpwireError | undefined) => (this.#absence = error);
    // It is asked again for as long as somebody waits.
    const more = { signal, hold, retryFor: Infinity, onRetry };
    const { headers, body } = await this.#get<{ message: WireMessage; cursor: string } | undefined>('wait', query, more);
    this.#cursor = body?.cursor ?? headers.get('x-cursor') ?? this.#cursor;
    if (!body) return undefined;
    const message = readMessage(body.message);
    this.#note(`arrived: ${describeContent(message)}`);
    return message;
  }

  async #get<T>(what: string, query: Record<string, string>, request: Parameters<Http['send']>[2]) {
    const parameters = new URLSearchParams({ fence: `${this.fence}`, ...query });
    try {
      return await this.#http.send<T>('GET', `/v1/leases/${this.id}/${what}?${parameters}`, request);
    } catch (error) {
      if (error instanceof LeaseLostError) this.#end(error);
      throw error;
    }
  }

  /** A lease that nobody refers to any more is not renewed, and the timer keeps no process alive. */
  #renewLater(): void {
    const held = new WeakRef(this);
    this.#renewal = setTimeout(() => {
      const lease = held.deref();
      if (lease) void lease.#renew();
    }, this.#ttl / 3);
    (this.#renewal as { unref?(): void }).unref?.();
  }

  async #renew(): Promise<void> {
    const body = { fence: this.fence, ttl_seconds: this.#ttl / 1000 };
    try {
      const answer = await this.#http.send<WireLease>('POST', `/v1/leases/${this.id}/renew`, { body, retryFor: this.#ttl });
      this.#expiresAt = new Date(answer.body.expires_at);
      if (!this.#release) this.#renewLater();
    } catch (error) {
      if (this.#release) return;
      this.#note(`could not be renewed: ${error instanceof OtpwireError ? error.code : 'UNKNOWN'}`);
      // Otherwise it may still be valid for a while, and the server says when it is not.
      if (error instanceof LeaseLostError) this.#end(error);
    }
  }

  async #giveBack(): Promise<void> {
    clearTimeout(this.#renewal);
    this.#inbox.close(new LeaseLostError('LEASE_LOST', 'the lease was released', { details: { reason: 'released' } }));
    try {
      await this.#http.send('DELETE', `/v1/leases/${this.id}?fence=${this.fence}`, { retryFor: 10_000 });
    } catch (error) {
      // It is over already.
      if (!(error instanceof LeaseLostError)) throw error;
    }
    this.#note('released');
  }

  #end(error: LeaseLostError): void {
    clearTimeout(this.#renewal);
    this.#note(`lost: ${error.reason}`);
    this.#inbox.close(error);
  }

  #note(event: string): void {
    this.#timeline.push({ at: new Date(), event });
  }
}
