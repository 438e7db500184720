// Tests that every client must pass, over every transport.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { firstOf, fetchWithHeartbeat, newRenter, send, watch, within } from './support.mjs';

const NUMBERS = `
  query Numbers($filter: PhoneNumberFilter, $first: Int) {
    phoneNumbers(filter: $filter, first: $first) { nodes { ...Number } }
  }
  fragment Number on PhoneNumber { id phoneNumber countryCode }`;
const RENAME = `
  mutation Rename($input: UpdateViewerInput!) { updateViewer(input: $input) { user { id email firstName } } }`;
const MARK_READ = `
  mutation MarkRead($id: ID!) { markMessageRead(input: { messageId: $id }) { message { id } } }`;
const RECEIVED = `
  subscription Received($after: String) {
    messageReceived(after: $after) { cursor message { id messageContent otp { code } } }
  }`;
const RENT = `
  mutation Rent { assignPhoneNumber(input: { countryCode: "US" }) { phoneNumber { id status } } }`;
const EXTEND = `
  mutation Extend($id: ID!) { extendPhoneNumber(input: { phoneNumberId: $id }) { phoneNumber { id expiresAt } } }`;
const RELEASE = `
  mutation Release($id: ID!) { releasePhoneNumber(input: { phoneNumberId: $id }) { phoneNumber { id status } } }`;
const UPDATED = 'subscription Updated { phoneNumberUpdated { id phoneNumber status expiresAt } }';
const UNKNOWN_FIELD = '{ viewer { id shoeSize } }';
const UNKNOWN_SUBSCRIPTION = 'subscription { weatherChanged { id } }';

/** A check for `assert.rejects`: the client got an error with this code. */
export const code = (expected) => ({ errors }) => {
  assert.equal(errors?.[0]?.extensions?.code, expected);
  return true;
};

/**
 * Tests a client. `open(token)` creates one, with
 *
 * - `run(document, variables)`: a promise of the data, rejected with `Refused`;
 * - `subscribe(document, variables, observer)`: passes data and `Refused` to the observer, and returns a function that
 *   ends the subscription;
 * - `close()`, if there is anything to close.
 *
 * `refusal` checks the error of an invalid token, as `assert.rejects` takes it; by default it expects its code. A
 * client with `heartbeats` watches over HTTP with the `fetch` that `open(token, fetch)` gets, and receives a heartbeat
 * every so many seconds.
 */
export function testClient(name, { open, refusal = code('UNAUTHENTICATED'), heartbeats }) {
  describe(name, () => {
    let renter;
    let client;
    const opened = [];
    const openClient = (token, fetch = globalThis.fetch) => {
      const client = open(token, fetch);
      opened.push(client);
      return client;
    };
    const run = (document, variables) => within(client.run(document, variables), 'the answer');
    const watched = [];
    const subscribe = (document, variables, by = client) => {
      const events = watch((observer) => by.subscribe(document, variables, observer));
      watched.push(events);
      return events;
    };
    const receives = async (events, expected) => {
      const { value } = await events.next();
      assert.equal(value.messageReceived.message.messageContent, expected);
      return value.messageReceived.cursor;
    };
    /** The cursor at the end of the inbox, after the tests so far. */
    let cursor;

    before(async () => {
      renter = await newRenter();
      cursor = renter.cursor;
      client = openClient(renter.token);
    });
    // A failed test leaves its subscription open.
    after(() => watched.forEach((events) => events.stop()));
    after(() => Promise.all(opened.map((client) => client.close?.())));

    test('queries with variables and a fragment', async () => {
      const { phoneNumbers } = await run(NUMBERS, { filter: { mine: true, countryCode: 'US' }, first: 5 });
      const numbers = phoneNumbers.nodes.map(({ id, phoneNumber, countryCode }) => ({ id, phoneNumber, countryCode }));
      assert.deepEqual(numbers, [{ id: renter.id, phoneNumber: renter.phoneNumber, countryCode: 'US' }]);
    });

    test('executes a mutation', async () => {
      const { updateViewer } = await run(RENAME, { input: { firstName: 'Žofie 😀' } });
      assert.equal(updateViewer.user.firstName, 'Žofie 😀');
      assert.equal(updateViewer.user.email, renter.email);
    });

    test('gets the code of an error', async () => {
      await assert.rejects(run(MARK_READ, { id: 'msg_999999999' }), code('NOT_FOUND'));
    });

    test('gets an error for a document that does not match the schema', async () => {
      await assert.rejects(run(UNKNOWN_FIELD), code('GRAPHQL_VALIDATION_FAILED'));
      await assert.rejects(subscribe(UNKNOWN_SUBSCRIPTION).next(), code('GRAPHQL_VALIDATION_FAILED'));
    });

    test('gets the error of a subscription', async () => {
      await assert.rejects(subscribe(RECEIVED, { after: 'nonsense' }).next(), ({ errors }) => {
        assert.ok(errors?.[0]?.extensions?.code, 'the error has no code');
        return true;
      });
    });

    test('receives each message before the next one is sent', async () => {
      const events = subscribe(RECEIVED, { after: cursor });
      for (const text of ['first', 'second', 'third']) {
        await send(renter.phoneNumber, text);
        cursor = await receives(events, text);
      }
      events.stop();
    });

    test('gets the one-time code of a message', async () => {
      const events = subscribe(RECEIVED, { after: cursor });
      await send(renter.phoneNumber, 'Your verification code is 482913');
      const { value } = await events.next();
      assert.equal(value.messageReceived.message.otp.code, '482913');
      cursor = value.messageReceived.cursor;
      events.stop();
    });

    test('continues after a cursor with exactly the missed messages', async () => {
      for (const text of ['missed', 'missed too']) await send(renter.phoneNumber, text);
      const events = subscribe(RECEIVED, { after: cursor });
      await receives(events, 'missed');
      await receives(events, 'missed too');
      // Nothing else was missed: the next event is the next message.
      await send(renter.phoneNumber, 'new');
      cursor = await receives(events, 'new');
      events.stop();
    });

    test('ends a subscription and continues', async () => {
      const ended = subscribe(RECEIVED, { after: cursor });
      await send(renter.phoneNumber, 'before the end');
      cursor = await receives(ended, 'before the end');
      const open = subscribe(RECEIVED, { after: cursor });
      ended.stop();
      await send(renter.phoneNumber, 'after the end');
      cursor = await receives(open, 'after the end');
      await run(NUMBERS, {});
      open.stop();
    });

    test('watches a number being rented, extended and released', async () => {
      const events = subscribe(UPDATED);
      const changed = async () => (await events.next()).value.phoneNumberUpdated;
      const extend = async () => (await run(EXTEND, { id: renter.id })).extendPhoneNumber.phoneNumber;
      await firstOf(events, extend);
      const { expiresAt } = await extend();
      // Events of earlier extensions may still arrive.
      let extended;
      do extended = await changed(); while (extended.expiresAt !== expiresAt);
      assert.equal(extended.id, renter.id);
      const { id } = (await run(RENT)).assignPhoneNumber.phoneNumber;
      const rented = await changed();
      assert.deepEqual([rented.id, rented.status], [id, 'ASSIGNED']);
      await run(RELEASE, { id });
      const released = await changed();
      assert.deepEqual([released.id, released.status, released.expiresAt], [id, 'EXPIRED', null]);
      assert.equal(released.phoneNumber, rented.phoneNumber);
      events.stop();
    });

    if (heartbeats) test('ignores a heartbeat', async () => {
      const { fetch, heartbeat } = fetchWithHeartbeat();
      const events = subscribe(RECEIVED, { after: cursor }, openClient(renter.token, fetch));
      await send(renter.phoneNumber, 'before a heartbeat');
      cursor = await receives(events, 'before a heartbeat');
      await within(heartbeat, 'a heartbeat', (heartbeats + 1.5) * 1_000);
      await send(renter.phoneNumber, 'after a heartbeat');
      cursor = await receives(events, 'after a heartbeat');
      events.stop();
    });

    test('is refused with an invalid token', async () => {
      const intruder = openClient('nonsense');
      await assert.rejects(within(intruder.run(NUMBERS, {}), 'the answer'), refusal);
      await assert.rejects(subscribe(RECEIVED, {}, intruder).next(), refusal);
    });
  });
}
