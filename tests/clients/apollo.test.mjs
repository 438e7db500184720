// Apollo Client: over HTTP with subscriptions in multipart answers, over a WebSocket, with persisted
// queries, and with batches.

import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { before, describe, test } from 'node:test';

import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client';
import { BatchHttpLink } from '@apollo/client/link/batch-http';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { getOperationAST, parse } from 'graphql';
import WebSocket from 'ws';

import { tries } from './behaviour.mjs';
import { authorization, newRenter, openSocket, url } from './support.mjs';

// The link for WebSockets needs the browser's, to tell its failures from those of an operation.
globalThis.WebSocket ??= WebSocket;

const clientOf = (link) =>
  new ApolloClient({ link, cache: new InMemoryCache(), defaultOptions: { query: { fetchPolicy: 'network-only' } } });

function adapt(link, close) {
  const client = clientOf(link);
  return {
    run: async (text, variables) => {
      const document = parse(text);
      const { data } = getOperationAST(document).operation === 'mutation'
        ? await client.mutate({ mutation: document, variables })
        : await client.query({ query: document, variables });
      return data;
    },
    subscribe: (text, variables, observer) => {
      const subscription = client.subscribe({ query: parse(text), variables }).subscribe({
        ...observer,
        next: ({ data, error }) => (error ? observer.error(error) : observer.next(data)),
      });
      return () => subscription.unsubscribe();
    },
    close: async () => {
      client.stop();
      await close?.();
    },
  };
}

tries('Apollo Client over HTTP', {
  open: (token, fetch) => adapt(new HttpLink({ uri: url, fetch, headers: authorization(token) })),
  refusal: { statusCode: 401 },
  heartbeats: true,
});

tries('Apollo Client over a WebSocket', {
  open: (token) => {
    const socket = openSocket({ token });
    return adapt(new GraphQLWsLink(socket), () => socket.dispose());
  },
  refusal: /4403/,
});

/** A `fetch`, and the requests that went through it. */
function recording() {
  const requests = [];
  const fetch = (address, options) => {
    const body = options.body ? JSON.parse(options.body) : Object.fromEntries(new URL(address).searchParams);
    requests.push({ method: options.method, body });
    return globalThis.fetch(address, options);
  };
  return { fetch, requests };
}

describe('Apollo Client with persisted queries', () => {
  let headers;
  before(async () => (headers = authorization((await newRenter()).token)));
  const sha256 = (text) => createHash('sha256').update(text).digest('hex');

  for (const useGETForHashedQueries of [false, true]) {
    test(`sends a query once, then its hash by ${useGETForHashedQueries ? 'GET' : 'POST'}`, async () => {
      // No other test has sent it.
      const query = parse(`query Once${randomUUID().replaceAll('-', '')} { __typename countries { code } }`);
      const ask = async () => {
        const { fetch, requests } = recording();
        const link = new PersistedQueryLink({ sha256, useGETForHashedQueries });
        const client = clientOf(link.concat(new HttpLink({ uri: url, fetch, headers })));
        const { data } = await client.query({ query });
        client.stop();
        assert.equal(data.__typename, 'Query');
        return requests.map(({ method, body }) => [method, 'query' in body]);
      };
      const hashed = useGETForHashedQueries ? 'GET' : 'POST';
      assert.deepEqual(await ask(), [[hashed, false], ['POST', true]]);
      assert.deepEqual(await ask(), [[hashed, false]]);
    });
  }

  test('is refused with a hash that is another document\'s', async () => {
    const link = new PersistedQueryLink({ generateHash: () => sha256(randomUUID()) });
    const client = clientOf(link.concat(new HttpLink({ uri: url, headers })));
    const refused = ({ statusCode, errors }) => statusCode === 400 || errors?.length > 0;
    await assert.rejects(client.query({ query: parse('{ countries { code } }') }), refused);
    client.stop();
  });
});

describe('Apollo Client with batches', () => {
  let headers;
  before(async () => (headers = authorization((await newRenter()).token)));

  const batching = (batchMax, work) => async () => {
    const { fetch, requests } = recording();
    const link = new BatchHttpLink({ uri: url, fetch, batchMax, batchInterval: 50, headers });
    const client = clientOf(link);
    await work(client, requests);
    client.stop();
  };
  const query = parse('query Message($id: ID!) { __typename message(id: $id) { id } }');
  const rename = parse(`
    mutation Rename($name: String) { updateViewer(input: { firstName: $name }) { user { firstName } } }`);

  test('gets each answer of a batch, in its place', batching(10, async (client, requests) => {
    const names = Array.from({ length: 12 }, (_, index) => `name ${index}`);
    const answers = await Promise.all(names.map((name) => client.mutate({ mutation: rename, variables: { name } })));
    assert.deepEqual(answers.map(({ data }) => data.updateViewer.user.firstName), names);
    assert.deepEqual(requests.map(({ body }) => body.length), [10, 2]);
  }));

  test('is told of an error in its place', batching(10, async (client, requests) => {
    const [known, unknown] = await Promise.allSettled([
      client.query({ query: parse('{ viewer { email } }') }),
      client.query({ query, variables: { id: 'msg_999999999' } }),
    ]);
    assert.match(known.value.data.viewer.email, /@/);
    assert.equal(unknown.reason.errors[0].extensions.code, 'NOT_FOUND');
    assert.equal(requests.length, 1);
  }));

  test('is refused with more than ten at once', batching(11, async (client, requests) => {
    const queries = Array.from({ length: 11 }, (_, index) =>
      client.query({ query, variables: { id: `msg_${index + 1}` } }));
    const answers = await Promise.allSettled(queries);
    assert.ok(answers.every(({ status }) => status === 'rejected'));
    assert.deepEqual(requests.map(({ body }) => body.length), [11]);
  }));
});
