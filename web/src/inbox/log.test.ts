import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { begun, continued, deleted, read, received, refreshed, type Log, type Message, type Page } from './log.ts';

const message = (n: number, isRead = false): Message => ({
  id: `msg_${n}`, phoneNumber: '+14155550100', phoneNumberId: 'num_1', senderNumber: 'X', messageContent: `code ${n}`,
  messageType: 'OTP', channel: 'SMS', receivedAt: '2026-03-01T12:00:00Z', isRead, otp: null, media: [],
});
const page = (numbers: number[], cursor: string, older: string | null = null): Page => ({
  latestCursor: cursor, nodes: numbers.map((n) => message(n)), pageInfo: { hasNextPage: older !== null, endCursor: older },
});
const event = (n: number) => ({ cursor: `c${n}`, message: message(n) });
const ids = ({ messages }: Log) => messages.map(({ id }) => Number(id.slice(4)));

describe('the log of an inbox', () => {
  test('shows the newest first, and goes on behind the newest', () => {
    const log = received(begun(page([2, 1], 'c2')), [event(3), event(4)]);
    assert.deepEqual([ids(log), log.cursor], [[4, 3, 2, 1], 'c4']);
  });

  test('shows nothing twice', () => {
    const log = received(begun(page([2, 1], 'c1')), [event(2), event(3), event(3)]);
    assert.deepEqual([ids(log), log.cursor], [[3, 2, 1], 'c3']);
    assert.equal(received(log, []), log);
  });

  test('appends older pages until there are no more', () => {
    const log = continued(begun(page([6, 5], 'c6', 'o5')), page([5, 4, 3], 'c7', 'o3'));
    assert.deepEqual([ids(log), log.cursor, log.older], [[6, 5, 4, 3], 'c6', 'o3']);
    assert.equal(continued(log, page([], 'c7')).older, null);
  });

  test('a refresh takes what is gone away, and keeps what came meanwhile', () => {
    const before = received(begun(page([3, 2, 1], 'c3')), [event(4), event(5)]);
    // The page was read after 4 and before 5; 2 was deleted elsewhere.
    const log = refreshed(before, page([4, 3, 1], 'c4'), [event(4), event(5)]);
    assert.deepEqual([ids(log), log.cursor], [[5, 4, 3, 1], 'c5']);
    assert.deepEqual(refreshed(before, page([5, 4], 'c5'), []).cursor, 'c5');
  });

  test('reading and deleting change only what is named', () => {
    const log = begun(page([3, 2, 1], 'c3'));
    const unread = ({ messages }: Log) => messages.filter(({ isRead }) => !isRead).length;
    assert.deepEqual([unread(read(log, new Set(['msg_2']))), unread(read(log, 'all'))], [2, 0]);
    assert.equal(read(log, new Set(['msg_2'])).messages[0], log.messages[0]);
    assert.deepEqual(ids(deleted(log, 'msg_2')), [3, 1]);
  });
});
