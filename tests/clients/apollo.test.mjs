// Apollo Client: over HTTP with multipart subscriptions, over a WebSocket, with persisted queries, with batches, and
// with retries.

import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { before, describe, test } from 'node:test';

import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client';
import { BatchHttpLink } from '@apollo/client/link/batch-http';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { RetryLink } from '@apollo/client/link/retry';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { getOperationAST, parse } from 'graphql';
import WebSocket from 'ws';

import { code, testClient } from './behaviour.mjs';
import { authorization, execute, newRenter, openSocket, url } from './support.mjs';

// The link for WebSockets needs the browser's classes, to tell failures of the socket from errors of an operation.
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

testClient('Apollo Client over HTTP', {
  open: (token, fetch) => adapt(new HttpLink({ uri: url, fetch, headers: authorization(token) })),
  heartbeats: 5,
});

testClient('Apollo Client over a WebSocket', {
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
      // A document that no other test has sent.
      const query = parse(`query Once${randomUUID().replaceAll('-', '')} { __typename countries { code } }`);
      const requestsOf = async () => {
        const { fetch, requests } = recording();
        const link = new PersistedQueryLink({ sha256, useGETForHashedQueries });
        const client = clientOf(link.concat(new HttpLink({ uri: url, fetch, headers })));
        const { data } = await client.query({ query });
        client.stop();
        assert.equal(data.__typename, 'Query');
        return requests.map(({ method, body }) => [method, 'query' in body]);
      };
      const hashed = useGETForHashedQueries ? 'GET' : 'POST';
      assert.deepEqual(await requestsOf(), [[hashed, false], ['POST', true]]);
      assert.deepEqual(await requestsOf(), [[hashed, false]]);
    });
  }

  test('is refused with the hash of another document', async () => {
    const link = new PersistedQueryLink({ generateHash: () => sha256(randomUUID()) });
    const client = clientOf(link.concat(new HttpLink({ uri: url, headers })));
    const answer = client.query({ query: parse('{ countries { code } }') });
    await assert.rejects(answer, code('PERSISTED_QUERY_MISMATCH'));
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

  test('gets the answers of a batch in order', batching(10, async (client, requests) => {
    const names = Array.from({ length: 12 }, (_, index) => `name ${index}`);
    const answers = await Promise.all(names.map((name) => client.mutate({ mutation: rename, variables: { name } })));
    assert.deepEqual(answers.map(({ data }) => data.updateViewer.user.firstName), names);
    assert.deepEqual(requests.map(({ body }) => body.length), [10, 2]);
  }));

  test('gets an error for its operation of a batch', batching(10, async (client, requests) => {
    const [known, unknown] = await Promise.allSettled([
      client.query({ query: parse('{ viewer { email } }') }),
      client.query({ query, variables: { id: 'msg_999999999' } }),
    ]);
    assert.match(known.value.data.viewer.email, /@/);
    assert.equal(unknown.reason.errors[0].extensions.code, 'NOT_FOUND');
    assert.equal(requests.length, 1);
  }));

  test('is refused with a batch of more than ten', batching(11, async (client, requests) => {
    const queries = Array.from({ length: 11 }, (_, index) =>
      client.query({ query, variables: { id: `msg_${index + 1}` } }));
    const answers = await Promise.allSettled(queries);
    // The single error of the server is attached to the client's own error, which expects eleven answers.
    for (const { reason } of answers) assert.ok(code('BATCH_TOO_LARGE')(reason.result[0]));
    assert.deepEqual(requests.map(({ body }) => body.length), [11]);
  }));
});

describe('Apollo Client with retries', () => {
  const RENT = `
    mutation ($input: AssignPhoneNumberInput!) { assignPhoneNumber(input: $input) { phoneNumber { id } } }`;
  /** A client that loses the answer to its first request, which the server has executed. */
  const losingFirstAnswer = (token) => {
    const requests = [];
    const fetch = async (...request) => {
      const response = await globalThis.fetch(...request);
      requests.push(await response.clone().json());
      if (requests.length === 1) throw new TypeError('the answer is lost');
      return response;
    };
    const retry = new RetryLink({ delay: { initial: 10 }, attempts: { max: 2 } });
    const client = clientOf(retry.concat(new HttpLink({ uri: url, fetch, headers: authorization(token) })));
    return { client, requests };
  };
  const mutateWithRetry = async (token, text, input) => {
    const { client, requests } = losingFirstAnswer(token);
    const { data } = await client.mutate({ mutation: parse(text), variables: { input } });
    client.stop();
    assert.equal(requests.length, 2);
    return { data, lost: requests[0].data };
  };

  test('rents one number with one idempotency key', async () => {
    const { token } = await newRenter();
    const { data, lost } = await mutateWithRetry(token, RENT, { countryCode: 'US', idempotencyKey: randomUUID() });
    assert.equal(data.assignPhoneNumber.phoneNumber.id, lost.assignPhoneNumber.phoneNumber.id);
    const { phoneNumbers } = await execute('{ phoneNumbers(filter: { mine: true }) { totalCount } }', {}, token);
    assert.equal(phoneNumbers.totalCount, 2);
  });

  test('extends a rental once with one idempotency key', async () => {
    const { token, id } = await newRenter();
    const text = `
      mutation ($input: ExtendPhoneNumberInput!) {
        extendPhoneNumber(input: $input) { phoneNumber { id assignedAt expiresAt } }
      }`;
    const input = { phoneNumberId: id, durationHours: 2, idempotencyKey: randomUUID() };
    const { data, lost } = await mutateWithRetry(token, text, input);
    const { assignedAt, expiresAt } = data.extendPhoneNumber.phoneNumber;
    assert.equal(expiresAt, lost.extendPhoneNumber.phoneNumber.expiresAt);
    assert.equal(Date.parse(expiresAt) - Date.parse(assignedAt), 3 * 60 * 60 * 1_000);
  });

  test('is refused with the idempotency key of another request', async () => {
    const { token } = await newRenter();
    const client = clientOf(new HttpLink({ uri: url, headers: authorization(token) }));
    const idempotencyKey = randomUUID();
    const rent = (durationHours) => {
      const input = { countryCode: 'US', durationHours, idempotencyKey };
      return client.mutate({ mutation: parse(RENT), variables: { input } });
    };
    await rent(1);
    await assert.rejects(rent(2), code('IDEMPOTENCY_KEY_REUSED'));
    client.stop();
  });
});
