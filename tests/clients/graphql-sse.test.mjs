// graphql-sse, in its distinct connections mode.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createClient } from 'graphql-sse';

import { testClient } from './behaviour.mjs';
import { Refused, authorization, dataOf, newRenter, send, url, within } from './support.mjs';

/** For a refused request the client passes on the response, with its body unread. */
const errorOf = async (error) => (error.response ? new Refused((await error.response.json()).errors) : error);

function open(token, fetch) {
  const client = createClient({ url, fetchFn: fetch, headers: authorization(token), retryAttempts: 0 });
  return {
    subscribe: (query, variables, observer) => client.subscribe({ query, variables }, {
      ...observer,
      next: ({ data, errors }) => (errors ? observer.error(new Refused(errors)) : observer.next(data)),
      error: async (error) => observer.error(await errorOf(error)),
    }),
    run: async (query, variables) => {
      const results = client.iterate({ query, variables });
      const { value } = await results.next().catch(async (error) => Promise.reject(await errorOf(error)));
      if (!(await results.next()).done) throw new Error('a query has more than one result');
      return dataOf(value);
    },
    close: () => client.dispose(),
  };
}

testClient('graphql-sse', { open, heartbeats: 12 });

test('a subscription by GET, as sent by an EventSource', async () => {
  const { cursor, phoneNumber, token } = await newRenter();
  await send(phoneNumber, 'by GET');
  const query = 'subscription ($after: String) { messageReceived(after: $after) { message { messageContent } } }';
  const address = `${url}?${new URLSearchParams({ query, variables: JSON.stringify({ after: cursor }) })}`;
  const headers = { accept: 'text/event-stream', ...authorization(token) };
  const { body, status } = await fetch(address, { headers });
  assert.equal(status, 200);
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  while (!/^data: ?.+\n\n/m.test(text)) text += (await within(reader.read(), 'the event')).value;
  await reader.cancel();
  assert.match(text, /^event: ?next$/m);
  const [, data] = text.match(/^data: ?(.+)$/m);
  assert.equal(JSON.parse(data).data.messageReceived.message.messageContent, 'by GET');
});
