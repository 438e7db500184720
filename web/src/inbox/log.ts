// What a tab knows of the inbox, as a value: each function returns the log after something has happened. The cursor always
// stands behind everything that the log has, so whoever goes on from it misses nothing.

import type { InboxMessageFragment } from '../operations/generated.ts';

export type Message = InboxMessageFragment;

export interface Log {
  /** Newest first. */
  messages: readonly Message[];
  /** Where to go on watching. */
  cursor: string;
  /** Where to go on reading older ones; null when there are none. */
  older: string | null;
}

/** A page of the `messages` query. */
export interface Page {
  latestCursor: string;
  nodes: readonly Message[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

/** An event of the `messageReceived` subscription. */
export interface Event {
  cursor: string;
  message: Message;
}

/** The log that begins with the first page. */
export function begun(page: Page): Log {
  const { latestCursor, nodes, pageInfo } = page;
  return { messages: nodes, cursor: latestCursor, older: pageInfo.hasNextPage ? pageInfo.endCursor : null };
}

/** After some events, in their order. An event that is known already changes nothing but the cursor. */
export function received(log: Log, events: readonly Event[]): Log {
  const last = events.at(-1);
  if (!last) return log;
  const fresh = unknown(log.messages, events.map(({ message }) => message)).reverse();
  return { ...log, messages: [...fresh, ...log.messages], cursor: last.cursor };
}

/** After an older page was read. */
export function continued(log: Log, page: Page): Log {
  const { nodes, pageInfo } = page;
  return {
    ...log,
    messages: [...log.messages, ...unknown(log.messages, nodes)],
    older: pageInfo.hasNextPage ? pageInfo.endCursor : null,
  };
}

/**
 * After the first page was read again, because messages may have been read, deleted or have expired elsewhere. `arrived`
 * are the events since it was asked for: it may or may not have them, and the cursor stays behind them.
 */
export function refreshed(log: Log, page: Page, arrived: readonly Event[]): Log {
  return received({ ...begun(page), cursor: log.cursor }, arrived);
}

/** After messages were read: those that are named, or all. */
export function read(log: Log, ids: ReadonlySet<string> | 'all'): Log {
  const isRead = ({ id }: Message) => ids === 'all' || ids.has(id);
  const messages = log.messages.map((message) => (!message.isRead && isRead(message) ? { ...message, isRead: true } : message));
  return { ...log, messages };
}

/** After a message was deleted. */
export function deleted(log: Log, id: string): Log {
  return { ...log, messages: log.messages.filter((message) => message.id !== id) };
}

/** Those that are not among the known ones, each once. */
function unknown(known: readonly Message[], messages: readonly Message[]): Message[] {
  const seen = new Set(known.map(({ id }) => id));
  return messages.filter(({ id }) => !seen.has(id) && seen.add(id));
}
