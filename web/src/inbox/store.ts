// The live inbox: what this tab shows of it, and the connection that keeps it current.
//
// It never misses a message. The first page of the list comes with a cursor, the subscription goes on from there, and each
// event moves the cursor; whatever ends the connection, the next one begins behind the newest message. When messages have
// expired in the meantime, the server says so, and so does this.

import { batch, computed, effect, signal } from '@preact/signals';
import { connect, request, type ApiError, type LiveConnection, type Watch } from '../graphql.ts';
import {
  DeleteMessageDocument, MarkAllMessagesReadDocument, MarkMessageReadDocument, MessageReceivedDocument, MessagesDocument,
  NumbersDocument, PhoneNumberUpdatedDocument,
  type MessageReceivedSubscription, type NumbersQuery, type PhoneNumberUpdatedSubscription, type RentedNumberFragment,
} from '../operations/generated.ts';
import { renew } from '../session.ts';
import { backoff } from './backoff.ts';
import { begun, continued, deleted, read, received, refreshed, type Event, type Log, type Message } from './log.ts';
import { EVERYTHING, isNarrowed, matcher } from './search.ts';

export type RentedNumber = RentedNumberFragment;
export type Country = NonNullable<NumbersQuery['countries']>[number];

/** How the connection is: `waiting` is between two attempts, `offline` is without a network. */
export type Connection = 'connecting' | 'live' | 'waiting' | 'offline';

const PAGE = 100;
/** How many older pages a search reads by itself. */
const SEARCHED_PAGES = 5;
/** A page that was hidden for longer may show what was read or deleted elsewhere, in milliseconds. */
const STALE = 60_000;
/** Events that come within this time are shown together, in milliseconds: a burst costs one update of the page a frame. */
const FRAME = 16;

export const log = signal<Log | null>(null);
export const numbers = signal<readonly RentedNumber[] | null>(null);
export const countries = signal<readonly Country[]>([]);
export const connection = signal<Connection>('connecting');
/** Whether messages came and expired while this tab was away. */
export const missedExpired = signal(false);
export const search = signal(EVERYTHING);
export const isReadingOlder = signal(false);
/** The messages that have just come, for whoever announces them. */
export const arrivals = signal<readonly Message[]>([]);

export const shown = computed(() => log.value?.messages.filter(matcher(search.value)) ?? []);
export const unreadCount = computed(() => log.value?.messages.reduce((count, { isRead }) => count + (isRead ? 0 : 1), 0) ?? 0);
export const unreadByNumber = computed(() => {
  const counts = new Map<string, number>();
  for (const { isRead, phoneNumberId } of log.value?.messages ?? []) {
    if (!isRead) counts.set(phoneNumberId, (counts.get(phoneNumberId) ?? 0) + 1);
  }
  return counts;
});

type TabNotice = { type: 'read'; ids: string[] | 'all' } | { type: 'deleted'; id: string };
const tabs = new BroadcastChannel('otpwire-inbox');

/** What belongs to the time between signing in and out. */
let running: AbortController | null = null;
let live: LiveConnection | null = null;
let wake: () => void = () => {};
let pending: Event[] = [];
let flushing: ReturnType<typeof setTimeout> | null = null;
let flushedAt = 0;
/** The events since a page was asked for, while one is. */
let recorded: Event[] | null = null;

/** Starts watching, when somebody has signed in. */
export function start(): void {
  stop();
  running = new AbortController();
  const { signal } = running;
  addEventListener('online', onWake, { signal });
  addEventListener('offline', () => (connection.value = 'offline'), { signal });
  document.addEventListener('visibilitychange', onVisible, { signal });
  tabs.onmessage = ({ data }: MessageEvent<TabNotice>) => {
    if (!log.value) return;
    log.value = data.type === 'deleted' ? deleted(log.value, data.id) : read(log.value, data.ids === 'all' ? 'all' : new Set(data.ids));
  };
  void watch(signal);
}

/** Forgets everything, when nobody is signed in any more. */
export function stop(): void {
  running?.abort();
  running = null;
  live?.close();
  pending = [];
  tabs.onmessage = null;
  batch(() => {
    log.value = null;
    numbers.value = null;
    connection.value = 'connecting';
    missedExpired.value = false;
    search.value = EVERYTHING;
  });
}

/** One connection after the other, until nobody is signed in. */
async function watch(stopped: AbortSignal): Promise<void> {
  for (let failures = 0; !stopped.aborted; ) {
    const openedAt = { time: 0 };
    const reason = await watchOnce(stopped, openedAt).catch((error: ApiError) => error);
    if (stopped.aborted) return;
    if (openedAt.time && Date.now() - openedAt.time > 2_000) failures = 0;
    connection.value = navigator.onLine ? 'waiting' : 'offline';
    switch (reason?.code) {
      case 'CURSOR_EXPIRED':
        batch(() => {
          missedExpired.value = true;
          log.value = null;
        });
        continue;
      case 'TOKEN_EXPIRED':
      case 'SESSION_ENDED':
      case 'UNAUTHENTICATED':
        // Null means that the session is over: whoever listens to it stops this.
        if ((await renew().catch(() => '')) === null) return;
    }
    await pause(backoff(failures++, Math.random()), stopped);
  }
}

/** Reads what is not known yet, then watches until the connection is lost. */
async function watchOnce(stopped: AbortSignal, openedAt: { time: number }): Promise<ApiError | null> {
  connection.value = 'connecting';
  if (!log.value) log.value = begun(await firstPage());
  if (stopped.aborted) return null;
  const messages: Watch<MessageReceivedSubscription> = {
    document: MessageReceivedDocument,
    variables: { after: cursor() },
    next: ({ messageReceived }) => messageReceived && take(messageReceived),
  };
  const rentals: Watch<PhoneNumberUpdatedSubscription> = {
    document: PhoneNumberUpdatedDocument,
    next: ({ phoneNumberUpdated }) => {
      if (phoneNumberUpdated) setNumber(phoneNumberUpdated);
      void loadNumbers().catch(() => {});
    },
  };
  const opened = connect([messages, rentals], () => {
    openedAt.time = Date.now();
    connection.value = 'live';
    // Changes of rentals have no cursor, so they are read again.
    void loadNumbers().catch(() => {});
  });
  live = opened;
  stopped.addEventListener('abort', opened.close);
  const reason = await opened.ended;
  stopped.removeEventListener('abort', opened.close);
  opened.close();
  flush();
  return reason;
}

/** The cursor behind everything that has come, shown or not. */
function cursor(): string {
  return pending.at(-1)?.cursor ?? log.value?.cursor ?? '';
}

/** Takes an event. The first of a burst is shown at once. */
function take(event: Event): void {
  pending.push(event);
  recorded?.push(event);
  // Not by animation frames, which a hidden tab does not have.
  flushing ??= setTimeout(flush, Math.max(0, flushedAt + FRAME - performance.now()));
}

function flush(): void {
  if (flushing !== null) clearTimeout(flushing);
  flushing = null;
  const events = pending;
  if (events.length === 0 || !log.value) return;
  pending = [];
  flushedAt = performance.now();
  const before = log.value.messages.length;
  const after = received(log.value, events);
  batch(() => {
    log.value = after;
    arrivals.value = after.messages.slice(0, after.messages.length - before);
  });
}

async function firstPage() {
  const { messages } = await request(MessagesDocument, { first: PAGE });
  if (!messages) throw new Error('the list has no page');
  return messages;
}

/** Reads the newest page again. */
export async function refresh(): Promise<void> {
  if (!log.value || recorded) return;
  recorded = [];
  try {
    const page = await firstPage();
    flush();
    if (log.value) log.value = refreshed(log.value, page, recorded);
  } finally {
    recorded = null;
  }
}

/** Reads the next older page. */
export async function readOlder(): Promise<void> {
  const after = log.value?.older;
  if (!after || isReadingOlder.value) return;
  isReadingOlder.value = true;
  try {
    const { messages } = await request(MessagesDocument, { first: PAGE, after });
    if (messages && log.value?.older === after) log.value = continued(log.value, messages);
  } finally {
    isReadingOlder.value = false;
  }
}

// A search that finds little looks through some older pages too.
let searched = { search: EVERYTHING, pages: 0 };
effect(() => {
  if (search.value !== searched.search) searched = { search: search.value, pages: 0 };
  const wantsMore = isNarrowed(search.value) && shown.value.length < 20 && log.value?.older && !isReadingOlder.value;
  if (wantsMore && searched.pages < SEARCHED_PAGES) {
    searched.pages += 1;
    void readOlder().catch(() => {});
  }
});

export async function loadNumbers(): Promise<void> {
  const answer = await request(NumbersDocument);
  batch(() => {
    numbers.value = answer.phoneNumbers?.nodes ?? [];
    countries.value = answer.countries ?? [];
  });
}

/** Takes a rental as it is now: one that is over is no longer listed. */
export function setNumber(number: RentedNumber): void {
  const others = numbers.value?.filter(({ id }) => id !== number.id) ?? [];
  const isMine = number.status === 'ASSIGNED' && (number.expiresAt !== null || number.isGranted);
  numbers.value = isMine ? [...others, number].sort((a, b) => a.phoneNumber.localeCompare(b.phoneNumber)) : others;
}

export async function markRead(message: Message): Promise<void> {
  if (message.isRead || !log.value) return;
  // Shown at once; a refresh puts it right if it fails.
  changed({ type: 'read', ids: [message.id] });
  await request(MarkMessageReadDocument, { input: { messageId: message.id } });
}

export async function markAllRead(): Promise<void> {
  flush();
  await request(MarkAllMessagesReadDocument, { input: { upTo: cursor() } });
  changed({ type: 'read', ids: 'all' });
}

export async function remove(message: Message): Promise<void> {
  await request(DeleteMessageDocument, { input: { messageId: message.id } });
  changed({ type: 'deleted', id: message.id });
}

/** Changes the log here and in the other tabs. */
function changed(notice: TabNotice): void {
  tabs.postMessage(notice);
  if (!log.value) return;
  log.value = notice.type === 'deleted' ? deleted(log.value, notice.id) : read(log.value, notice.ids === 'all' ? 'all' : new Set(notice.ids));
}

/** Waits, or until there is a reason to try at once. */
function pause(duration: number, stopped: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, duration);
    function done() {
      clearTimeout(timer);
      stopped.removeEventListener('abort', done);
      wake = () => {};
      resolve();
    }
    wake = done;
    stopped.addEventListener('abort', done);
  });
}

/** After sleep, or without a network, a socket may be dead and not know it. */
function onWake(): void {
  wake();
  if (live && Date.now() - live.heardAt() > STALE / 2) live.close();
}

let hiddenAt = 0;
function onVisible(): void {
  if (document.hidden) {
    hiddenAt = Date.now();
    return;
  }
  onWake();
  if (Date.now() - hiddenAt > STALE) void refresh().catch(() => {});
}
