// urql: over HTTP with subscriptions as server-sent events or in multipart answers, and over a
// WebSocket.

import { Client, fetchExchange, subscriptionExchange } from '@urql/core';
import { getOperationAST, parse } from 'graphql';

import { tries } from './behaviour.mjs';
import { Refused, authorization, openSocket, url } from './support.mjs';

/** Errors of the answer are refusals; what else went wrong is passed on. */
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
  // The stream that is chosen above, asked for by name.
  ['urql over HTTP, with server-sent events', { accept: 'text/event-stream' }],
  // It would take an empty object for an event, so a client that does not speak Apollo's protocol gets none.
  ['urql over HTTP, with multipart answers', { accept: 'multipart/mixed', heartbeats: 0 }],
];
for (const [name, { accept, heartbeats }] of WAYS) {
  tries(name, {
    open: (token, fetch) => {
      const headers = authorization(token);
      const subscribing = accept && { fetchOptions: { headers: { ...headers, accept } } };
      return adapt({ fetch, fetchOptions: { headers } }, { subscribing });
    },
    heartbeats,
  });
}

tries('urql over a WebSocket', {
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
