// What every client must be able to do, however it talks to the server.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { firstOf, listening, newRenter, send, watch, within } from './support.mjs';

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

/** Whether a client was told of an error with this code, as `assert.rejects` takes it. */
export const code = (expected) => ({ errors }) => {
  assert.equal(errors?.[0]?.extensions?.code, expected);
  return true;
};

/**
 * Tries a client. `open(token)` makes one, with
 *
 * - `run(document, variables)`: a promise of the data, rejected with `Refused`;
 * - `subscribe(document, variables, observer)`: tells the observer of data and of `Refused`, and
 *   returns what ends the subscription;
 * - `close()`, if there is anything to close.
 *
 * `refusal` is what a client makes of a token that is not good, as `assert.rejects` takes it: by default an
 * error with its code. A client with `heartbeats` watches over HTTP: it calls the `fetch` that
 * `open(token, fetch)` gets, and is told every so many seconds that the server is there; with 0, never.
 */
export function tries(name, { open, refusal = code('UNAUTHENTICATED'), heartbeats }) {
  describe(name, () => {
    let renter;
    let client;
    const opened = [];
    const opening = (token, fetch = globalThis.fetch) => {
      const made = open(token, fetch);
      opened.push(made);
      return made;
    };
    const run = (document, variables) => within(client.run(document, variables), 'the answer');
    const watched = [];
    const watching = (document, variables, by = client) => {
      const events = watch((observer) => by.subscribe(document, variables, observer));
      watched.push(events);
      return events;
    };
    const receives = async (events, expected) => {
      const { value } = await events.next();
      assert.equal(value.messageReceived.message.messageContent, expected);
      return value.messageReceived.cursor;
    };
    /** Where the inbox ends, as far as the tests before have told. */
    let cursor;

    before(async () => {
      renter = await newRenter();
      cursor = renter.cursor;
      client = opening(renter.token);
    });
    // A test that failed has left its subscription open.
    after(() => watched.forEach((events) => events.stop()));
    after(() => Promise.all(opened.map((client) => client.close?.())));

    test('queries with variables and a fragment', async () => {
      const { phoneNumbers } = await run(NUMBERS, { filter: { mine: true, countryCode: 'US' }, first: 5 });
      const numbers = phoneNumbers.nodes.map(({ id, phoneNumber, countryCode }) => ({ id, phoneNumber, countryCode }));
      assert.deepEqual(numbers, [{ id: renter.id, phoneNumber: renter.phoneNumber, countryCode: 'US' }]);
    });

    test('changes something', async () => {
      const { updateViewer } = await run(RENAME, { input: { firstName: 'Žofie 😀' } });
      assert.equal(updateViewer.user.firstName, 'Žofie 😀');
      assert.equal(updateViewer.user.email, renter.email);
    });

    test('is told the code of an error', async () => {
      await assert.rejects(run(MARK_READ, { id: 'msg_999999999' }), code('NOT_FOUND'));
    });

    test('is told that a document does not fit the schema', async () => {
      await assert.rejects(run(UNKNOWN_FIELD), code('GRAPHQL_VALIDATION_FAILED'));
      await assert.rejects(watching(UNKNOWN_SUBSCRIPTION).next(), code('GRAPHQL_VALIDATION_FAILED'));
    });

    test('is told of an error of a subscription', async () => {
      await assert.rejects(watching(RECEIVED, { after: 'nonsense' }).next(), ({ errors }) => {
        assert.ok(errors?.[0]?.extensions?.code, 'the error has no code');
        return true;
      });
    });

    test('receives each message before the next one is sent', async () => {
      const events = watching(RECEIVED, { after: cursor });
      for (const text of ['first', 'second', 'third']) {
        await send(renter.phoneNumber, text);
        cursor = await receives(events, text);
      }
      events.stop();
    });

    test('is told the code that a message carries', async () => {
      const events = watching(RECEIVED, { after: cursor });
      await send(renter.phoneNumber, 'Your verification code is 482913');
      const { value } = await events.next();
      assert.equal(value.messageReceived.message.otp.code, '482913');
      cursor = value.messageReceived.cursor;
      events.stop();
    });

    test('goes on after a cursor with exactly what it missed', async () => {
      for (const text of ['missed', 'missed too']) await send(renter.phoneNumber, text);
      const events = watching(RECEIVED, { after: cursor });
      await receives(events, 'missed');
      await receives(events, 'missed too');
      // Nothing else was waiting: what comes next is what is sent next.
      await send(renter.phoneNumber, 'new');
      cursor = await receives(events, 'new');
      events.stop();
    });

    test('ends a subscription and goes on', async () => {
      const ended = watching(RECEIVED, { after: cursor });
      await send(renter.phoneNumber, 'before the end');
      cursor = await receives(ended, 'before the end');
      const open = watching(RECEIVED, { after: cursor });
      ended.stop();
      await send(renter.phoneNumber, 'after the end');
      cursor = await receives(open, 'after the end');
      await run(NUMBERS, {});
      open.stop();
    });

    test('watches a number as it is rented, extended and given back', async () => {
      const events = watching(UPDATED);
      const changed = async () => (await events.next()).value.phoneNumberUpdated;
      const extend = async () => (await run(EXTEND, { id: renter.id })).extendPhoneNumber.phoneNumber;
      await firstOf(events, extend);
      const { expiresAt } = await extend();
      // Extensions before that one may still be told.
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

    const quiet = heartbeats === 0 ? 'gets no heartbeat' : 'is not troubled by a heartbeat';
    if (heartbeats !== undefined) test(quiet, async () => {
      const { fetch, heartbeat } = listening();
      const events = watching(RECEIVED, { after: cursor }, opening(renter.token, fetch));
      await send(renter.phoneNumber, 'before a heartbeat');
      cursor = await receives(events, 'before a heartbeat');
      // One that should not come would be a multipart answer's, which has one every 5 seconds.
      const heard = within(heartbeat, 'a heartbeat', ((heartbeats || 5) + 1.5) * 1_000);
      if (heartbeats) await heard;
      else await assert.rejects(heard, /a heartbeat has not come/);
      await send(renter.phoneNumber, 'after a heartbeat');
      cursor = await receives(events, 'after a heartbeat');
      events.stop();
    });

    test('is refused with a token that is not good', async () => {
      const stranger = opening('nonsense');
      await assert.rejects(within(stranger.run(NUMBERS, {}), 'the answer'), refusal);
      await assert.rejects(watching(RECEIVED, {}, stranger).next(), refusal);
    });
  });
}
