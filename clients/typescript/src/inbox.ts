// The messages of a lease in their order, and those who wait for one.

import type { ArrivalSummary, Message } from './message.js';

/** The longest time for which one request is held, in milliseconds: proxies often close what takes a minute. */
const LONGEST_HOLD = 45_000;
/** How long an answer may take even if nobody wants to wait, so that a timeout of 0 finds what is there. */
const SHORTEST_WAIT = 1_000;

/** The longest time of a timer, in milliseconds: 24 days. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Asks the server for the next message; undefined if none came within `hold` milliseconds. */
export type Fetch = (hold: number, signal: AbortSignal) => Promise<Message | undefined>;

interface Waiter {
  deadline: number;
  /** Takes the message if it is the right one. */
  offer(message: Message): boolean;
  expire(): void;
  fail(error: unknown): void;
}

/** What a wait ends with when its time is over. */
export const TIMED_OUT = Symbol('timed out');

export class Inbox {
  readonly #fetch: Fetch;
  readonly #arrived: { message: Message; taken: boolean }[] = [];
  readonly #waiters = new Set<Waiter>();
  #request: AbortController | undefined;
  #closed: unknown;

  constructor(fetch: Fetch) {
    this.#fetch = fetch;
  }

  /**
   * The first message for which `read` has something, and which nobody was given before. What `read` does not want is
   * kept for others, so the order in which codes of two services arrive does not matter.
   */
  take<T>(read: (message: Message) => T | undefined, timeout: number, signal?: AbortSignal) {
    return new Promise<T | typeof TIMED_OUT>((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      if (this.#closed !== undefined) return reject(this.#closed);
      const leave = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        this.#waiters.delete(waiter);
        // Nobody listens to the answer any more.
        if (this.#waiters.size === 0) this.#request?.abort();
      };
      const waiter: Waiter = {
        deadline: performance.now() + timeout,
        offer: (message) => {
          let value: T | undefined;
          try {
            value = read(message);
          } catch (error) {
            waiter.fail(error);
            return false;
          }
          if (value === undefined) return false;
          leave();
          resolve(value);
          return true;
        },
        expire: () => {
          leave();
          resolve(TIMED_OUT);
        },
        fail: (error) => {
          leave();
          reject(error);
        },
      };
      const abort = () => waiter.fail(signal?.reason);
      const timer = setTimeout(waiter.expire, Math.min(Math.max(timeout, SHORTEST_WAIT), LONGEST_TIMER));
      signal?.addEventListener('abort', abort);
      this.#waiters.add(waiter);
      for (const arrival of this.#arrived) {
        if (!arrival.taken && this.#waiters.has(waiter)) arrival.taken = waiter.offer(arrival.message);
      }
      if (!this.#request) void this.#ask();
    });
  }

  /** Nobody is given anything any more. */
  close(error: unknown): void {
    this.#closed ??= error;
    for (const waiter of [...this.#waiters]) waiter.fail(error);
  }

  summary(): ArrivalSummary[] {
    return this.#arrived.map(({ message: { type, service, receivedAt }, taken }) => ({
      type, service, taken, age: Math.max(0, Date.now() - receivedAt.getTime()),
    }));
  }

  /** Asks for as long as somebody waits, one request at a time. */
  async #ask(): Promise<void> {
    while (this.#waiters.size > 0) {
      const request = new AbortController();
      this.#request = request;
      try {
        const longest = Math.max(...[...this.#waiters].map(({ deadline }) => deadline - performance.now()));
        const message = await this.#fetch(Math.min(Math.max(longest, 0), LONGEST_HOLD), request.signal);
        if (message) this.#add(message);
        else for (const waiter of [...this.#waiters]) if (waiter.deadline <= performance.now()) waiter.expire();
      } catch (error) {
        if (!request.signal.aborted) for (const waiter of [...this.#waiters]) waiter.fail(error);
      }
    }
    this.#request = undefined;
  }

  #add(message: Message): void {
    const arrival = { message, taken: false };
    this.#arrived.push(arrival);
    for (const waiter of [...this.#waiters]) if (!arrival.taken) arrival.taken = waiter.offer(message);
  }
}
