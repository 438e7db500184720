// Subscriptions that go on where they were, with the clients of graphql-ws and graphql-sse, and everything that is built
// on them: Apollo, urql, Relay.
//
// These clients repeat a subscription when they connect again, with the variables that it had at first: the server would
// send everything after the first cursor once more, or refuse that cursor because it has expired. So keep the newest one
// in the variables:
//
//   const client = resuming(createClient({
//     url: 'wss://example.com/graphql',
//     // Called for each connection, so a token that has expired meanwhile is replaced.
//     connectionParams: async () => ({ token: await freshToken() }),
//     retryAttempts: Infinity,
//   }));
//   client.subscribe({ query: 'subscription ($after: String) { messageReceived(after: $after) { cursor … } }' }, sink);
//
// tests/clients/resuming.test.mjs tests this file with the real clients.

/**
 * A client whose subscriptions go on after the newest message.
 *
 * `variable` is the name of the variable for `after`. `cursorOf` finds the cursor in the data of an event; by default,
 * any root field of an event may have one, whatever its alias.
 */
export function resuming(client, { variable = 'after', cursorOf = cursorOfAnyField } = {}) {
  return {
    ...client,
    subscribe(request, sink, ...rest) {
      // The client sends this very object each time that it connects.
      const newest = { ...request, variables: { ...request.variables } };
      const watching = {
        next(result) {
          const cursor = result.data && cursorOf(result.data);
          if (cursor) newest.variables[variable] = cursor;
          sink.next(result);
        },
        error: (error) => sink.error(error),
        complete: () => sink.complete(),
      };
      return client.subscribe(newest, watching, ...rest);
    },
  };
}

function cursorOfAnyField(data) {
  return Object.values(data).find((field) => typeof field?.cursor === 'string')?.cursor;
}
