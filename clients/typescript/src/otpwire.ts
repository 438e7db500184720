// Where the server is, and leases from it.

import { OtpwireError, TimeoutError } from './errors.js';
import { Http } from './http.js';
import { Lease, type WireLease } from './lease.js';

/** Which number is leased, and for how long. */
export interface LeaseOptions {
  /** One of this pool. */
  pool?: string | undefined;
  /** One of this country, such as `US`, instead of a pool. */
  country?: string | undefined;
  /** How long the lease lasts without being renewed, in milliseconds: 5,000 to 3,600,000, 120,000 by default. */
  ttl?: number | undefined;
  /** How long to wait until a number is free, in milliseconds: 60,000 by default. */
  wait?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** Where the server is, and the options of leases that name none. */
export interface OtpwireOptions extends Omit<LeaseOptions, 'signal'> {
  /** Where the server is, such as `https://otpwire.example.com`; by default, OTPWIRE_URL. */
  url?: string | undefined;
  /** A key with the scope `numbers:lease`; by default, OTPWIRE_API_KEY. */
  apiKey?: string | undefined;
}

/** What is asked for, as the REST API has it. */
interface Wanted {
  pool: string | undefined;
  country_code: string | undefined;
  ttl_seconds: number;
  ticket: string | undefined;
}

/** A place among those who wait. */
interface Queued {
  ticket: string;
  position: number;
}

/** How long to wait for a number if nothing else is said, in milliseconds. */
export const DEFAULT_WAIT = 60_000;
/** The longest time for which one request is held, in seconds: proxies often close what takes a minute. */
const LONGEST_HOLD = 45;

/** A client of an otpwire server. */
export class Otpwire {
  readonly #http: Http;
  readonly #defaults: LeaseOptions;

  constructor({ url: address, apiKey: key, ...defaults }: OtpwireOptions = {}) {
    const url = (address ?? fromEnvironment('OTPWIRE_URL') ?? '').replace(/\/+$/, '');
    const apiKey = key ?? fromEnvironment('OTPWIRE_API_KEY') ?? '';
    if (!isAddress(url)) {
      throw new TypeError('url: must be where otpwire is, such as http://127.0.0.1:8080; or set OTPWIRE_URL');
    }
    // Whoever sends a header with other characters is told the whole of it in the error.
    if (!/^[\x21-\x7e]+$/.test(apiKey)) {
      throw new TypeError('apiKey: must be a key as otpwire prints it; or set OTPWIRE_API_KEY');
    }
    this.#http = new Http(url, apiKey);
    this.#defaults = defaults;
  }

  /** Leases a number. Whoever waits is served in order. */
  async lease(options: LeaseOptions = {}): Promise<Lease> {
    // Whoever names a pool does not mean the country of the defaults, and the other way round.
    const { pool, country } = options.pool === undefined && options.country === undefined ? this.#defaults : options;
    const { ttl = 120_000, wait = DEFAULT_WAIT, signal } = { ...this.#defaults, ...options };
    const isOne = (pool === undefined) !== (country === undefined);
    if (!isOne) throw new TypeError('lease: needs a pool or a country, and not both');
    const isTtl = ttl >= 5_000 && ttl <= 3_600_000;
    if (!isTtl) throw new RangeError(`ttl: must be from 5,000 to 3,600,000 milliseconds, not ${ttl}`);
    if (!(wait >= 0)) throw new RangeError(`wait: must be a number of milliseconds from 0, not ${wait}`);
    const ttl_seconds = Math.round(ttl / 1000);
    const end = performance.now() + wait;
    let ticket: string | undefined;
    for (;;) {
      const left = Math.max(0, end - performance.now());
      const answer = await this.#attempt({ pool, country_code: country, ttl_seconds, ticket }, left, signal);
      if ('fence' in answer) return new Lease(this.#http, answer, ttl_seconds * 1000);
      if (performance.now() >= end) {
        await this.#giveUp(answer.ticket);
        const what = `number ${pool === undefined ? `of ${country}` : `of the pool ${pool}`}`;
        const place = `position ${answer.position} of those who wait`;
        throw new TimeoutError(`no ${what} became free within ${wait / 1000} s: ${place}`, `a ${what}`);
      }
      ticket = answer.ticket;
    }
  }

  /** Lets those go on who wait behind a ticket. It would expire by itself, so that a failure is nobody's concern. */
  async #giveUp(ticket: string): Promise<void> {
    const signal = AbortSignal.timeout(2_000);
    await this.#http.send('DELETE', `/v1/leases/tickets/${ticket}`, { retryFor: 0, signal }).catch(() => undefined);
  }

  async #attempt(wanted: Wanted, left: number, signal?: AbortSignal): Promise<WireLease | Queued> {
    const wait_seconds = Math.min(LONGEST_HOLD, Math.ceil(left / 1000));
    const request = { body: { ...wanted, wait_seconds }, idempotencyKey: randomKey(), hold: wait_seconds * 1000, signal };
    try {
      const retryFor = Math.max(left, 10_000);
      return (await this.#http.send<WireLease | Queued>('POST', '/v1/leases', { ...request, retryFor })).body;
    } catch (error) {
      // A place is kept for seconds. A server that was away for longer has given it up.
      const isGone = error instanceof OtpwireError && error.code === 'NOT_FOUND' && error.details['field'] === 'ticket';
      if (isGone) return this.#attempt({ ...wanted, ticket: undefined }, left, signal);
      throw error;
    }
  }
}

function fromEnvironment(name: string): string | undefined {
  // Browsers have no environment.
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env?.[name] || undefined;
}

/** Whether this is an address without a password, which would be in errors. */
function isAddress(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, username, search, hash } = new URL(url);
  return /^https?:$/.test(protocol) && username === '' && search === '' && hash === '';
}

function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
