// Clients come back after the end of a token, the end of a session and a lost connection, and go on with the newest
// cursor. examples/resume.mjs is what their users would write.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';

import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client';
import { ApolloLink } from '@apollo/client/link';
import { SetContextLink } from '@apollo/client/link/context';
import { RetryLink } from '@apollo/client/link/retry';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { Client, subscriptionExchange } from '@urql/core';
import { parse } from 'graphql';
import { createClient as createSseClient } from 'graphql-sse';
import { map } from 'rxjs';
import WebSocket from 'ws';

import { resuming } from '../../examples/resume.mjs';
import {
  authorization, endSession, newRenter, newSession, openSocket, send, shortToken, socketUrl, url, watch, within,
} from './support.mjs';

globalThis.WebSocket ??= WebSocket;

const RECEIVED = `
  subscription Received($after: String) { messageReceived(after: $after) { cursor message { messageContent } } }`;
/** At once: the tests are about whether a client comes back, and not about when. */
const RETRYING = { retryAttempts: 20, retryWait: async () => {} };

/** A client of graphql-ws that resumes, with what it was told about its connections. */
function openResuming(connectionParams, options) {
  const log = { connected: 0, closed: [], subscribed: [] };
  const client = openSocket(connectionParams, {
    ...RETRYING,
    on: {
      connected: () => (log.connected += 1),
      closed: ({ code, reason }) => log.closed.push([code, reason]),
    },
    ...options,
  });
  return { client: resuming(client), log };
}

/** The texts of a subscription, one after the other. `start` is as for `watch`. */
function texts(start) {
  const events = watch(start);
  return {
    next: async () => (await events.next()).value.messageReceived.message.messageContent,
    end: events.next,
    stop: events.stop,
  };
}

const WAYS = {
  'graphql-ws': (client) => (variables) => texts((observer) => client.subscribe({ query: RECEIVED, variables }, {
    next: ({ data, errors }) => (errors ? observer.error(errors) : observer.next(data)),
    error: observer.error,
    complete: observer.complete,
  })),
  'Apollo Client': (client) => {
    const apollo = new ApolloClient({ link: new GraphQLWsLink(client), cache: new InMemoryCache() });
    return (variables) => texts((observer) => {
      const subscription = apollo.subscribe({ query: parse(RECEIVED), variables }).subscribe({
        ...observer,
        next: ({ data, error }) => (error ? observer.error(error) : observer.next(data)),
      });
      return () => subscription.unsubscribe();
    });
  },
  urql: (client) => {
    const forwardSubscription = (request) => ({
      subscribe: (sink) => ({ unsubscribe: client.subscribe(request, sink) }),
    });
    const urql = new Client({ url, exchanges: [subscriptionExchange({ forwardSubscription })] });
    return (variables) => texts((observer) => {
      const subscription = urql.subscription(parse(RECEIVED), variables).subscribe(({ data, error }) =>
        (error ? observer.error(error) : observer.next(data)));
      return () => subscription.unsubscribe();
    });
  },
};

for (const [name, through] of Object.entries(WAYS)) {
  describe(`${name} over a WebSocket`, () => {
    test('goes on with a fresh token after the end of the last', async () => {
      const renter = await newRenter();
      // The first token ends soon. A client asks for another only when it connects.
      const tokens = [shortToken(renter.token, 4), renter.token];
      const { client, log } = openResuming(async () => ({ token: tokens.shift() ?? renter.token }));
      const received = through(client)({ after: renter.cursor });
      await send(renter.phoneNumber, 'before');
      assert.equal(await received.next(), 'before');
      await within(closing(log), 'the end of the token');
      await send(renter.phoneNumber, 'meanwhile');
      // Neither again what was before, nor anything left out.
      assert.equal(await received.next(), 'meanwhile');
      await send(renter.phoneNumber, 'after');
      assert.equal(await received.next(), 'after');
      assert.deepEqual(log, { ...log, connected: 2, closed: [[4403, 'Forbidden: the access token has expired']] });
      received.stop();
      await client.dispose();
    });

    test('goes on with the token of another session', async () => {
      const renter = await newRenter();
      const another = await newSession(renter);
      const tokens = [renter.token, another];
      const { client, log } = openResuming(async () => ({ token: tokens.shift() ?? another }));
      const received = through(client)({ after: renter.cursor });
      await send(renter.phoneNumber, 'before');
      assert.equal(await received.next(), 'before');
      await endSession(renter.token);
      await send(renter.phoneNumber, 'meanwhile');
      assert.equal(await received.next(), 'meanwhile');
      assert.deepEqual(log.closed, [[4403, 'Forbidden: the session was ended; sign in again']]);
      received.stop();
      await client.dispose();
    });

    test('gives up at once with a token of the ended session', async () => {
      const renter = await newRenter();
      const { client, log } = openResuming({ token: renter.token }, { retryAttempts: Infinity, shouldRetry: () => true });
      const received = through(client)({ after: renter.cursor });
      await send(renter.phoneNumber, 'before');
      assert.equal(await received.next(), 'before');
      await endSession(renter.token);
      await assert.rejects(received.end());
      const reason = 'the session was ended; sign in again';
      assert.deepEqual(log.closed, [[4403, `Forbidden: ${reason}`], [4401, `Unauthorized: ${reason}`]]);
    });

    test('goes on after a lost connection', async () => {
      const renter = await newRenter();
      const { client } = openResuming({ token: renter.token });
      const received = through(client)({ after: renter.cursor });
      for (const text of ['first', 'second', 'third']) {
        await send(renter.phoneNumber, text);
        assert.equal(await received.next(), text);
        // As if the network were gone: the client closes its socket without a closing handshake.
        client.terminate();
        await send(renter.phoneNumber, `${text} meanwhile`);
        assert.equal(await received.next(), `${text} meanwhile`);
      }
      received.stop();
      await client.dispose();
    });
  });
}

/** Returns once a socket was closed. */
async function closing(log) {
  while (!log.closed.length) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('graphql-sse', () => {
  const openSse = (headers, options) => {
    const log = { connected: 0 };
    const on = { connected: () => (log.connected += 1) };
    const client = resuming(createSseClient({ url, headers, retryAttempts: 5, retry: async () => {}, on, ...options }));
    const received = (variables) => texts((observer) => client.subscribe({ query: RECEIVED, variables }, {
      ...observer,
      next: ({ data, errors }) => (errors ? observer.error(errors) : observer.next(data)),
    }));
    return { client, log, received };
  };

  test('goes on with a fresh token after the end of the last', async () => {
    const renter = await newRenter();
    const tokens = [shortToken(renter.token, 4), renter.token];
    const { client, log, received: receive } = openSse(async () => authorization(tokens.shift() ?? renter.token));
    const received = receive({ after: renter.cursor });
    await send(renter.phoneNumber, 'before');
    assert.equal(await received.next(), 'before');
    while (log.connected < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    await send(renter.phoneNumber, 'meanwhile');
    assert.equal(await received.next(), 'meanwhile');
    received.stop();
    client.dispose();
  });

  test('gets an error at the end of the session, and does not try for ever', async () => {
    const renter = await newRenter();
    const { client, log, received: receive } = openSse(authorization(renter.token), { retryAttempts: Infinity });
    const received = receive({ after: renter.cursor });
    await send(renter.phoneNumber, 'before');
    assert.equal(await received.next(), 'before');
    await endSession(renter.token);
    await assert.rejects(received.end(), ([error]) => error.extensions.code === 'SESSION_ENDED');
    assert.equal((await received.end()).done, true);
    assert.equal(log.connected, 1);
    client.dispose();
  });

  test('is refused in its single connection mode', async () => {
    const { token } = await newRenter();
    const client = createSseClient({ url, headers: authorization(token), singleConnection: true, retryAttempts: 0 });
    const events = watch((observer) => client.subscribe({ query: RECEIVED }, observer));
    // The client does not read the message that says why.
    await assert.rejects(events.next(), /405: Method Not Allowed/);
    client.dispose();
  });
});

describe('Apollo Client over HTTP, with its link for retries', () => {
  /** Keeps the newest cursor in the variables of an operation, which the link before it repeats. */
  const newestCursor = new ApolloLink((operation, forward) => forward(operation).pipe(map((result) => {
    const cursor = result.data?.messageReceived?.cursor;
    if (cursor) operation.variables = { ...operation.variables, after: cursor };
    return result;
  })));

  test('goes on with a fresh token after the end of the last', async () => {
    const renter = await newRenter();
    const tokens = [shortToken(renter.token, 4), renter.token];
    let requests = 0;
    const token = new SetContextLink(() => {
      requests += 1;
      return { headers: authorization(tokens.shift() ?? renter.token) };
    });
    const retry = new RetryLink({
      delay: { initial: 10 },
      attempts: { max: 5, retryIf: ({ errors }) => errors?.[0].extensions.code === 'TOKEN_EXPIRED' },
    });
    const link = ApolloLink.from([retry, newestCursor, token, new HttpLink({ uri: url })]);
    const client = new ApolloClient({ link, cache: new InMemoryCache() });
    const received = texts((observer) => {
      const subscription = client.subscribe({ query: parse(RECEIVED), variables: { after: renter.cursor } }).subscribe({
        ...observer,
        next: ({ data, error }) => (error ? observer.error(error) : observer.next(data)),
      });
      return () => subscription.unsubscribe();
    });
    await send(renter.phoneNumber, 'before');
    assert.equal(await received.next(), 'before');
    while (requests < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    await send(renter.phoneNumber, 'meanwhile');
    assert.equal(await received.next(), 'meanwhile');
    received.stop();
    client.stop();
  });
});

test('the older protocol keeps an idle connection open', async () => {
  const socket = new WebSocket(socketUrl, 'graphql-ws');
  await once(socket, 'open');
  const types = [];
  // Its clients take a connection for dead after 30 seconds.
  const second = new Promise((resolve) => socket.on('message', (data) => {
    types.push(JSON.parse(data).type);
    if (types.filter((type) => type === 'ka').length === 2) resolve();
  }));
  socket.send(JSON.stringify({ type: 'connection_init' }));
  await within(second, 'the second `ka`', 29_000);
  assert.deepEqual(types, ['connection_ack', 'ka', 'ka']);
  socket.close();
});
