// Compares the server with graphql-js, the reference implementation, on generated documents over the same data: whether
// a document is refused, the data with the order of its keys, and the paths of errors. Their texts may differ.
//
// DOCUMENTS is how many documents are compared, SEED where the generator begins.
//
// Where the server is meant to differ, the corpus does not go:
// - documents beyond the limits of docs/limits.md, which graphql-js does not have;
// - a variable with a default that is given null where null is not allowed: the server refuses the request before
//   anything of it runs, as it does with every other wrong value; graphql-js lets the field fail;
// - an alias of __typename that is a field of another type elsewhere in the selection: graphql-js does not see that their
//   types conflict (FieldsInSetCanMerge);
// - the order of lists in introspection, where the server's is the order of declaration and schema.graphql is sorted.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, test } from 'node:test';

import {
  buildSchema, execute as executeReference, getNamedType, getNullableType, isCompositeType, isObjectType, parse, validate,
} from 'graphql';

import { Corpus } from './corpus.mjs';
import { authorization, execute, newRenter, send, url } from './support.mjs';

const DOCUMENTS = Number(process.env.DOCUMENTS ?? 6000);
const SEED = Number(process.env.SEED ?? 20261130);

const schema = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'));
// The scalars of the server refuse what is none of theirs, as the specification wants of every scalar.
Object.assign(schema.getType('DateTime'), scalar((value) => typeof value === 'string' && !Number.isNaN(Date.parse(value))));
Object.assign(schema.getType('Int64'), scalar(Number.isSafeInteger));

function scalar(accepts) {
  const check = (value) => {
    if (!accepts(value)) throw new TypeError('wrong');
    return value;
  };
  return { parseValue: check, parseLiteral: ({ value, kind }) => check(kind === 'IntValue' ? Number(value) : value) };
}

let renter;
let ids;

before(async () => {
  renter = await newRenter();
  for (const text of ['Your Acme code is 123456', 'Hello', 'G-482913 is your Google verification code.']) {
    await send(renter.phoneNumber, text);
  }
  // What the mutations of the corpus set, so that they change nothing.
  await execute(
    'mutation { updateViewer(input: { firstName: "Ada", lastName: "Lovelace" }) { user { id } } }', {}, renter.token);
  await execute('mutation { markAllMessagesRead(input: {}) { markedCount } }', {}, renter.token);
  await execute(
    'mutation { createApiKey(input: { name: "one", scopes: [READ_MESSAGES] }) { apiKey { id } } }', {}, renter.token);
  const data = await execute('{ messages { nodes { id } } viewer { id } apiKeys { id } }', {}, renter.token);
  ids = [...data.messages.nodes, data.viewer, ...data.apiKeys].map(({ id }) => id).concat(renter.id);
});

/** The data of the server, a field at a time. */
class Reference {
  constructor(token) {
    this.token = token;
    this.known = new Map();
  }

  /** Asks the server, once for each question. Errors below the field stand in the place of their values. */
  ask(document, variables) {
    const key = JSON.stringify([document, variables]);
    if (!this.known.has(key)) this.known.set(key, this.fetch(document, variables));
    return this.known.get(key);
  }

  async fetch(query, variables) {
    const { data, errors = [] } = await post({ query, variables }, this.token);
    if (!data) throw new Error(`${query} with ${JSON.stringify(variables)}: ${JSON.stringify(errors)}`);
    for (const { path, message } of errors) {
      const parent = path.slice(0, -1).reduce((value, step) => value?.[step], data);
      if (parent) parent[path.at(-1)] = new Error(message);
    }
    return data;
  }

  /** All that an object holds itself. What has an id is read when it is asked for. */
  everything(type) {
    if (!isCompositeType(type)) return '';
    if (!isObjectType(type)) return '{ __typename id }';
    const fields = Object.values(type.getFields()).filter(({ args }) => args.length === 0).map((field) => {
      const named = getNamedType(field.type);
      if (!isCompositeType(named)) return field.name;
      return `${field.name} ${named.getFields().id ? '{ __typename id }' : this.everything(named)}`;
    });
    return `{ __typename ${fields.join(' ')} }`;
  }

  /** A field with its arguments, as a document of its own. */
  async resolve(parentType, source, field, args) {
    const declared = field.args.filter(({ name }) => args[name] !== undefined);
    const header = declared.length ? `(${declared.map(({ name, type }) => `$${name}: ${type}`).join(', ')})` : '';
    const given = declared.length ? `(${declared.map(({ name }) => `${name}: $${name}`).join(', ')})` : '';
    const call = `${field.name}${given} ${this.everything(getNamedType(field.type))}`;
    if (parentType === schema.getQueryType()) return (await this.ask(`query ${header} { ${call} }`, args))[field.name];
    if (parentType === schema.getMutationType()) return (await this.ask(`mutation ${header} { ${call} }`, args))[field.name];
    if (field.args.length === 0 && source[field.name] !== undefined) return source[field.name];
    if (field.args.length === 0) {
      const document = `query ($id: ID!) { node(id: $id) { ... on ${parentType} ${this.everything(parentType)} } }`;
      return (await this.ask(document, { id: source.id })).node?.[field.name];
    }
    const inner = header.replace('(', '($id: ID!, ') || '($id: ID!)';
    const { node } = await this.ask(`query ${inner} { node(id: $id) { ... on ${parentType} { ${call} } } }`, { id: source.id, ...args });
    return node?.[field.name];
  }

  async run({ query, variables, operationName }) {
    let document;
    try {
      document = parse(query);
    } catch {
      return { refused: true };
    }
    if (validate(schema, document).length > 0) return { refused: true };
    const result = await executeReference({
      schema,
      document,
      variableValues: variables,
      operationName,
      fieldResolver: (source, args, _, info) =>
        this.resolve(info.parentType, source, info.parentType.getFields()[info.fieldName], args),
    });
    return outcome(result);
  }
}

/** What is compared of a result. */
function outcome({ data, errors = [] }) {
  if (data === undefined) return { refused: true };
  const paths = [...new Set(errors.map(({ path }) => JSON.stringify(path)))].sort();
  return { refused: false, data: JSON.stringify(data), paths };
}

async function post(body, token) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', ...authorization(token) },
    body: JSON.stringify(body),
  });
  return response.json();
}

test(`${DOCUMENTS} documents give what graphql-js gives`, { timeout: 600_000 }, async () => {
  const reference = new Reference(renter.token);
  const cursor = (await execute('{ messages(first: 1) { edges { cursor } } }', {}, renter.token)).messages.edges[0].cursor;
  const known = {
    id: [...ids, 'msg_999999999', 'nonsense'],
    first: [0, 1, 2, 3, 100, 101, -1, null],
    last: [null, null, null, 1, 2],
    after: [null, cursor, 'nonsense'],
    before: [null, null, cursor],
    messageId: ids,
    phoneNumberId: [renter.id, 'num_999999'],
    firstName: ['Ada'],
    lastName: ['Lovelace'],
    name: ['Message', 'Node', 'Nothing', 'Query'],
  };
  const corpus = new Corpus(schema, {
    seed: SEED,
    roots: {
      query: ['viewer', 'message', 'messages', 'phoneNumber', 'node', 'nodes', 'apiKeys'],
      mutation: ['updateViewer', 'markMessageRead'],
    },
    values: (position) => {
      const name = position.slice(position.lastIndexOf('.') + 1);
      if (name === 'ids') return [[], ids.slice(0, 2), [ids[0], ids[0], 'usr_999999'], ids];
      return known[name];
    },
    // It changes while the test runs: whether a message is read, and when a key was last used.
    skipFields: ['ApiKey.lastUsedAt', 'Message.isRead', 'PhoneNumber.unreadCount', 'User.lastLogin'],
  });
  const failures = [];
  const seen = { refused: 0, answered: 0, withErrors: 0, beyondLimits: 0, mistakes: new Set() };
  const compare = async ({ request, mistake }) => {
    const [expected, actual] = await Promise.all([reference.run(request), post(request, renter.token)]);
    const found = outcome(actual);
    if (actual.errors?.some(({ extensions }) => extensions?.code.startsWith('TOO_') && extensions.limit)) {
      seen.beyondLimits += 1;
      return;
    }
    if (mistake) seen.mistakes.add(mistake);
    if (expected.refused) seen.refused += 1;
    else seen.answered += 1;
    if (expected.paths?.length > 0) seen.withErrors += 1;
    try {
      assert.deepEqual(found, expected);
    } catch {
      failures.push({ mistake, request, expected, found, errors: actual.errors });
    }
  };
  // Requests run at once, as they do in life; the documents come in their order.
  for (let start = 0; start < DOCUMENTS; start += 16) {
    await Promise.all(Array.from({ length: Math.min(16, DOCUMENTS - start) }, () => compare(corpus.next())));
  }
  console.log(`refused: ${seen.refused}, answered: ${seen.answered}, of these with errors: ${seen.withErrors}, kinds of mistakes: ${seen.mistakes.size}`);
  const shown = failures.slice(0, 5).map((failure) => JSON.stringify(failure, null, 1)).join('\n');
  assert.equal(failures.length, 0, `${failures.length} documents differ, such as\n${shown}`);
  // The corpus is worth something only if it reaches all of it.
  assert.ok(seen.beyondLimits < DOCUMENTS / 100, `${seen.beyondLimits} documents are beyond a limit`);
  assert.ok(seen.answered > DOCUMENTS / 3 && seen.refused > DOCUMENTS / 10 && seen.withErrors > DOCUMENTS / 100);
});
