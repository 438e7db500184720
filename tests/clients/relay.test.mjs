// Relay: its compiler accepts schema.graphql, the generated types match the application, and its runtime gets the data
// that it expects.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import relay from 'relay-runtime';

import { authorization, execute, firstOf, newRenter, openSocket, runTool, send, url, watch } from './support.mjs';

const HERE = new URL('relay/', import.meta.url);

const artifact = async (name) => {
  const module = await import(new URL(`built/__generated__/${name}.graphql.js`, HERE));
  return module.default.default;
};

describe('Relay', () => {
  let renter;
  let socket;
  let environment;

  before(async () => {
    await runTool('relay-compiler', [], HERE);
    await runTool('tsc', [], HERE);
    renter = await newRenter();
    for (const text of ['first', 'second', 'third']) await send(renter.phoneNumber, text);
    socket = openSocket({ token: renter.token });
    const fetchQuery = async ({ text }, variables) => {
      const headers = { 'content-type': 'application/json', ...authorization(renter.token) };
      const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query: text, variables }) });
      return response.json();
    };
    const subscribe = ({ text }, variables) =>
      relay.Observable.create((sink) => socket.subscribe({ query: text, variables }, sink));
    environment = new relay.Environment({
      network: relay.Network.create(fetchQuery, subscribe),
      store: new relay.Store(new relay.RecordSource()),
    });
  });
  after(() => socket?.dispose());

  /** Fetches a query, and retains its data in the store. */
  const fetched = async (name, variables) => {
    const query = await artifact(name);
    const operation = relay.createOperationDescriptor(relay.getRequest(query), variables);
    environment.retain(operation);
    await relay.fetchQuery(environment, query, variables).toPromise();
    return environment.lookup(operation.fragment).data;
  };
  /** The data of a fragment in the store. */
  const reads = async (name, of) => environment.lookup(relay.getSingularSelector(await artifact(name), of)).data;
  const texts = ({ messages }) => messages.edges.map(({ node }) => node.messageContent);

  test('adds pages to a connection', async () => {
    const inbox = await fetched('inboxQuery', { count: 2 });
    const first = await reads('inbox_messages', inbox);
    assert.deepEqual(texts(first), ['third', 'second']);
    const { endCursor, hasNextPage } = first.messages.pageInfo;
    assert.equal(hasNextPage, true);
    await fetched('inboxMessagesQuery', { count: 2, cursor: endCursor });
    const both = await reads('inbox_messages', inbox);
    assert.deepEqual(texts(both), ['third', 'second', 'first']);
    assert.equal(both.messages.pageInfo.hasNextPage, false);
  });

  test('fetches a node again by its id', async () => {
    const { node } = await fetched('inboxNumberQuery', { id: renter.id });
    const number = await reads('inboxNumber_number', node);
    assert.deepEqual({ ...number }, { phoneNumber: renter.phoneNumber, status: 'ASSIGNED', unreadCount: 3, id: renter.id });
  });

  test('updates the store after a mutation', async () => {
    const inbox = await fetched('inboxQuery', { count: 2 });
    const readAll = async () => (await reads('inbox_messages', inbox)).messages.edges.map(({ node }) => node.isRead);
    assert.deepEqual(await readAll(), [false, false]);
    const [{ node }] = (await reads('inbox_messages', inbox)).messages.edges;
    const mutation = await artifact('inboxMarkReadMutation');
    const variables = { input: { messageId: node.id } };
    await new Promise((onCompleted, onError) =>
      relay.commitMutation(environment, { mutation, variables, onCompleted, onError }));
    assert.deepEqual(await readAll(), [true, false]);
  });

  test('adds the messages of a subscription', async () => {
    const inbox = await fetched('inboxQuery', { count: 2 });
    const { messages } = await reads('inbox_messages', inbox);
    const subscription = await artifact('inboxReceivedSubscription');
    const variables = { after: messages.latestCursor, connections: [messages.__id] };
    const events = watch(({ next, error, complete }) => relay.requestSubscription(environment,
      { subscription, variables, onNext: next, onError: error, onCompleted: complete }).dispose);
    for (const text of ['fourth', 'fifth']) {
      await send(renter.phoneNumber, text);
      await events.next();
      assert.equal(texts(await reads('inbox_messages', inbox))[0], text);
    }
    events.stop();
  });

  test('updates a number from a subscription', async () => {
    const { node } = await fetched('inboxNumberQuery', { id: renter.id });
    const status = async () => (await reads('inboxNumber_number', node)).status;
    assert.equal(await status(), 'ASSIGNED');
    const subscription = await artifact('inboxNumberUpdatedSubscription');
    const events = watch(({ next, error, complete }) => relay.requestSubscription(environment,
      { subscription, variables: {}, onNext: next, onError: error, onCompleted: complete }).dispose);
    const change = (name) => {
      const mutation = `mutation ($id: ID!) { ${name}(input: { phoneNumberId: $id }) { phoneNumber { id } } }`;
      return execute(mutation, { id: renter.id }, renter.token);
    };
    await firstOf(events, () => change('extendPhoneNumber'));
    await change('releasePhoneNumber');
    while ((await status()) === 'ASSIGNED') await events.next();
    assert.equal(await status(), 'EXPIRED');
    events.stop();
  });
});
