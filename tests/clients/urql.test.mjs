// urql: over HTTP with subscriptions as server-sent events or in multipart responses, and over a WebSocket.

import { Client, fetchExchange, subscriptionExchange } from '@urql/core';
import { getOperationAST, parse } from 'graphql';

import { testClient } from './behaviour.mjs';
import { Refused, authorization, openSocket, url } from './support.mjs';

/** The errors of the response; any other error is passed on. */
const errorOf = (error) => (error.graphQLErrors.length ? new Refused(error.graphQLErrors) : error);

function adapt(options, { subscribing, close } = {}) {
  const client = new Client({ url, exchanges: [fetchExchange], fetchSubscriptions: true, ...options });
  return {
    run: async (text, variables) => {
      const document = parse(text);
      const result = getOperationAST(document).operation === 'mutation'
        ? await client.mutation(document, variables)
        : await client.query(document, variables);
      if (result.error) throw errorOf(result.error);
      return result.data;
    },
    subscribe: (text, variables, observer) => {
      const results = client.subscription(parse(text), variables, subscribing);
      const subscription = results.subscribe(({ data, error }) =>
        (error ? observer.error(errorOf(error)) : observer.next(data)));
      return () => subscription.unsubscribe();
    },
    close,
  };
}

const WAYS = [
  ['urql over HTTP', { heartbeats: 12 }],
  // The same stream as by default, requested explicitly.
  ['urql over HTTP, with server-sent events', { accept: 'text/event-stream' }],
  // This client would take an empty object for an event: its heartbeats are a header that it skips.
  ['urql over HTTP, with multipart responses', { accept: 'multipart/mixed', heartbeats: 5 }],
];
for (const [name, { accept, heartbeats }] of WAYS) {
  testClient(name, {
    open: (token, fetch) => {
      const headers = authorization(token);
      const subscribing = accept && { fetchOptions: { headers: { ...headers, accept } } };
      return adapt({ fetch, fetchOptions: { headers } }, { subscribing });
    },
    heartbeats,
  });
}

testClient('urql over a WebSocket', {
  open: (token) => {
    const socket = openSocket({ token });
    const forwardSubscription = (request) => ({
      subscribe: (sink) => ({ unsubscribe: socket.subscribe(request, sink) }),
    });
    const exchanges = [subscriptionExchange({ forwardSubscription, enableAllOperations: true })];
    return adapt({ exchanges }, { close: () => socket.dispose() });
  },
  refusal: ({ networkError }) => networkError.code === 4403,
});
