// Requests to the server: repeated while it is away, and errors made of its answers.

import { LeaseLostError, OtpwireError } from './errors.js';

/** Answers after which the same request makes sense again; proxies answer 502 and 504 while a server restarts. */
const RETRIED = new Set([429, 502, 503, 504]);
/** How much longer than the server holds a request an answer may take, in milliseconds. */
const PATIENCE = 15_000;
/** For how long a server is waited for that never answered: its address may be wrong. In milliseconds. */
const FIRST_CONTACT = 10_000;
/** The longest pause between two attempts that the server did not ask for, in milliseconds. */
const LONGEST_PAUSE = 5_000;

export interface Request {
  body?: unknown;
  /** Repeating a request with the same key does nothing twice. */
  idempotencyKey?: string;
  signal?: AbortSignal | undefined;
  /** How long the server may hold the request, in milliseconds. */
  hold?: number;
  /** For how long a request that fails is repeated, in milliseconds. */
  retryFor?: number;
  /** Is told why an attempt is repeated, and undefined once one was answered. */
  onRetry?: (error: OtpwireError | undefined) => void;
}

export interface Answer<T> {
  status: number;
  headers: Headers;
  body: T;
}

export class Http {
  readonly url: string;
  readonly #apiKey: string;
  #isKnown = false;

  constructor(url: string, apiKey: string) {
    this.url = url;
    this.#apiKey = apiKey;
  }

  /** Every request may be repeated: those that make something have a key, the others can do nothing twice. */
  async send<T>(method: string, path: string, request: Request = {}): Promise<Answer<T>> {
    const { retryFor = 30_000, onRetry, signal } = request;
    const start = performance.now();
    for (let attempt = 0; ; attempt += 1) {
      signal?.throwIfAborted();
      const { answer, error, retryAfter } = await this.#attempt<T>(method, path, request);
      this.#isKnown ||= error?.code !== 'UNREACHABLE';
      if (answer) {
        onRetry?.(undefined);
        return answer;
      }
      // Full jitter: clients that failed together do not come back together.
      const pause = (retryAfter ?? 0) * 1000 + Math.random() * Math.min(LONGEST_PAUSE, 100 * 2 ** attempt);
      const limit = this.#isKnown ? retryFor : Math.min(retryFor, FIRST_CONTACT);
      if (retryAfter === undefined || performance.now() + pause - start > limit) throw error;
      onRetry?.(error);
      await sleep(pause, signal);
    }
  }

  /** `retryAfter` in seconds is there if the request may be repeated. */
  async #attempt<T>(method: string, path: string, { body, idempotencyKey, signal, hold = 0 }: Request) {
    const late = AbortSignal.timeout(Math.ceil(hold) + PATIENCE);
    try {
      const response = await fetch(`${this.url}${path}`, {
        method,
        headers: {
          accept: 'application/json',
          authorization: `Bearer ${this.#apiKey}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(idempotencyKey && { 'idempotency-key': idempotencyKey }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        // A redirect would turn a POST into a GET.
        redirect: 'manual',
        cache: 'no-store',
        signal: signal ? AbortSignal.any([signal, late]) : late,
      });
      const text = await response.text();
      const { status, headers } = response;
      if (status === 204) return { answer: { status, headers, body: undefined as T } };
      const parsed = parse(text);
      if (response.ok && parsed) return { answer: { status, headers, body: parsed as T } };
      const error = refusal(`${method} ${path.replace(/\?.*/, '')}`, this.url, status, parsed);
      return RETRIED.has(status) ? { error, retryAfter: Number(headers.get('retry-after')) || 0 } : { error };
    } catch (cause) {
      if (signal?.aborted) throw signal.reason;
      const why = late.aborted ? 'it did not answer in time' : reasonOf(cause);
      return { error: new OtpwireError('UNREACHABLE', `cannot reach ${this.url}: ${why}`, { cause }), retryAfter: 0 };
    }
  }
}

function refusal(request: string, url: string, status: number, body: Record<string, unknown> | undefined): OtpwireError {
  if (typeof body?.['code'] !== 'string') {
    const message = `${request} was answered with status ${status}, and not as otpwire does: is ${url} its address?`;
    return new OtpwireError('UNEXPECTED_ANSWER', message, { status });
  }
  const details = (body['details'] ?? {}) as Record<string, unknown>;
  const more = { status, details, requestId: body['request_id'] as string | undefined };
  const kind = body['code'] === 'LEASE_LOST' ? LeaseLostError : OtpwireError;
  return new kind(body['code'], `${body['message']} (${body['code']})`, more);
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** What Node says is in the cause: `connect ECONNREFUSED`. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const { code, message } = cause as { code?: string; message?: string };
  return code || message || 'the connection failed';
}

export function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, milliseconds);
    signal?.addEventListener('abort', abort, { once: true });
  });
}
