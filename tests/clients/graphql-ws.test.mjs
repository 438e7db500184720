// graphql-ws, and the close codes of its protocol.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';

import WebSocket from 'ws';

import { testClient } from './behaviour.mjs';
import { Refused, dataOf, newRenter, openSocket, socketUrl, watch, within } from './support.mjs';

function open(token) {
  const client = openSocket({ Authorization: `Bearer ${token}` });
  const subscribe = (query, variables, observer) => client.subscribe({ query, variables }, {
    next: ({ data, errors }) => (errors ? observer.error(new Refused(errors)) : observer.next(data)),
    // A list is the errors of the operation; anything else is an error of the socket.
    error: (error) => observer.error(Array.isArray(error) ? new Refused(error) : error),
    complete: observer.complete,
  });
  return {
    subscribe,
    run: async (query, variables) => {
      const results = client.iterate({ query, variables });
      try {
        const { value } = await results.next();
        assert.equal((await results.next()).done, true);
        return dataOf(value);
      } catch (error) {
        throw Array.isArray(error) ? new Refused(error) : error;
      }
    },
    close: () => client.dispose(),
  };
}

testClient('graphql-ws', { open, refusal: { code: 4403 } });

describe('the protocol of graphql-ws', () => {
  const CLOSED = [
    [4400, 'an invalid message', ['nonsense']],
    [4401, 'an operation before the socket is acknowledged',
      [{ type: 'subscribe', id: '1', payload: { query: '{ __typename }' } }]],
    [4403, 'an invalid token', [{ type: 'connection_init', payload: { token: 'nonsense' } }]],
    [4429, 'two initialisations', [{ type: 'connection_init' }, { type: 'connection_init' }]],
  ];
  for (const [code, reason, messages] of CLOSED) {
    test(`closes with ${code} on ${reason}`, async () => {
      const socket = new WebSocket(socketUrl, 'graphql-transport-ws');
      const closed = once(socket, 'close');
      await once(socket, 'open');
      for (const message of messages) {
        socket.send(typeof message === 'string' ? message : JSON.stringify(message));
      }
      assert.equal((await within(closed, 'the end'))[0], code);
    });
  }

  test('reports a document that does not match the schema to its error callback only', async () => {
    const client = openSocket({ token: (await newRenter()).token });
    const events = watch((observer) => client.subscribe({ query: 'subscription { weatherChanged { id } }' }, observer));
    await assert.rejects(events.next(), ([error]) => error.extensions.code === 'GRAPHQL_VALIDATION_FAILED');
    await client.dispose();
  });

  test('keeps the socket for later operations after a refused one', async () => {
    let sockets = 0;
    const client = openSocket({}, { on: { connected: () => (sockets += 1) } });
    await assert.rejects(client.iterate({ query: '{ shoeSize }' }).next());
    const { value } = await client.iterate({ query: '{ __typename }' }).next();
    assert.deepEqual([value.data.__typename, sockets], ['Query', 1]);
    await client.dispose();
  });
});
