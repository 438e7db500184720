// Shared helpers: requests without the clients under test, renters, and waiting for events.

import { execFile } from 'node:child_process';
import { createHash, createPrivateKey, createPublicKey, randomUUID, sign } from 'node:crypto';
import { setTimeout as passing } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

/** An environment variable that scripts/check-clients sets. */
function setting(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run scripts/check-clients`);
  return value;
}

export const url = `${setting('OTPWIRE_URL')}/graphql`;
export const socketUrl = url.replace(/^http/, 'ws');

/** Executes a document, and throws if the response has errors. */
export async function execute(query, variables, token) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...authorization(token) },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  if (!data || errors) throw new Error(`${query} is refused: ${JSON.stringify(errors)}`);
  return data;
}

/** The header that authenticates a request; none without a token. */
export function authorization(token) {
  return token ? { authorization: `Bearer ${token}` } : {};
}

/**
 * A client of graphql-ws, which other clients use as well. It keeps its socket open between operations, because one
 * that begins while the socket closes can be lost.
 */
export function openSocket(connectionParams, options) {
  const settings = { retryAttempts: 0, lazyCloseTimeout: 2_000, ...options };
  return createClient({ url: socketUrl, webSocketImpl: WebSocket, connectionParams, ...settings });
}

async function logIn(email, password) {
  const query = 'mutation ($input: LogInInput!) { logIn(input: $input) { accessToken } }';
  return (await execute(query, { input: { email, password } })).logIn.accessToken;
}

/** A promise of the administrator's token. */
let administrator;

/** Executes a document as an administrator. */
export async function executeAsAdministrator(query, variables) {
  administrator ??= logIn(setting('OTPWIRE_EMAIL'), setting('OTPWIRE_PASSWORD'));
  return execute(query, variables, await administrator);
}

/** Simulates a message from a provider. */
export async function send(to, text) {
  const query = 'mutation ($input: SimulateInboundSmsInput!) { simulateInboundSms(input: $input) { outcome } }';
  const { simulateInboundSms } = await executeAsAdministrator(query, { input: { from: 'CLIENTS', to, text } });
  if (simulateInboundSms.outcome !== 'DELIVERED') throw new Error(`${text} is ${simulateInboundSms.outcome}`);
}

const PASSWORD = 'correct horse battery';

/** A new user with a rented number, and the cursor at the end of their inbox. */
export async function newRenter() {
  const input = { email: `${randomUUID()}@example.com`, password: PASSWORD };
  await execute('mutation ($input: RegisterInput!) { register(input: $input) { user { id } } }', { input });
  const token = await logIn(input.email, input.password);
  const { assignPhoneNumber } = await execute(
    'mutation { assignPhoneNumber(input: { countryCode: "US" }) { phoneNumber { id phoneNumber } } }', {}, token);
  const { messages } = await execute('{ messages { latestCursor } }', {}, token);
  const { id, phoneNumber } = assignPhoneNumber.phoneNumber;
  return { email: input.email, token, id, phoneNumber, cursor: messages.latestCursor };
}

/** The token of another session of a renter. */
export async function newSession({ email }) {
  return logIn(email, PASSWORD);
}

/** Ends the session of a token. */
export async function endSession(token) {
  await execute('mutation { logOut { message } }', {}, token);
}

/** A token for the same session that ends in a few seconds, signed with a key whose tokens the server accepts. */
export function shortToken(token, seconds) {
  const key = createPrivateKey(setting('OTPWIRE_TEST_SIGNING_KEY'));
  const publicKey = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32);
  const kid = createHash('sha256').update(publicKey).digest('hex').slice(0, 16);
  const claims = JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(Date.now() / 1_000) + seconds;
  const signed = `${encode({ alg: 'EdDSA', typ: 'JWT', kid })}.${encode({ ...claims, exp })}`;
  return `${signed}.${sign(null, Buffer.from(signed), key).toString('base64url')}`;
}

/** How long an event may take: less than the interval of the server's heartbeats, so that it cannot wait for one. */
const PROMPT = 4_500;

/** The result of a promise; rejects if it takes longer. */
export async function within(promise, what, milliseconds = 20_000) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not arrive within ${milliseconds} ms`)), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/**
 * Starts a subscription, and queues its events. `start` gets an observer with `next`, `error` and `complete`, and
 * returns a function that ends the subscription.
 */
export function watch(start) {
  const arrived = [];
  const takers = [];
  const put = (settle) => {
    const taker = takers.shift();
    if (taker) settle(taker);
    else arrived.push(settle);
  };
  const stop = start({
    next: (value) => put((taker) => taker.resolve({ value, done: false })),
    error: (error) => put((taker) => taker.reject(error)),
    complete: () => put((taker) => taker.resolve({ done: true })),
  });
  const take = () => new Promise((resolve, reject) => {
    const settle = arrived.shift();
    if (settle) settle({ resolve, reject });
    else takers.push({ resolve, reject });
  });
  return { next: () => within(take(), 'the next event', PROMPT), stop };
}

/**
 * The first event of a subscription. A client does not know when its subscription has begun, so `trigger` is repeated
 * until an event arrives.
 */
export async function firstOf(events, trigger) {
  const first = events.next();
  while (!(await Promise.race([first, passing(200)]))) await trigger();
  return first;
}

/** A `fetch` for a client, and a promise of the first heartbeat in its streams. */
export function fetchWithHeartbeat() {
  let resolveHeartbeat;
  const heartbeat = new Promise((resolve) => (resolveHeartbeat = resolve));
  const scan = async (stream) => {
    let text = '';
    for await (const piece of stream.pipeThrough(new TextDecoderStream())) {
      text += piece;
      // A comment in an event stream, after the first one; an empty object as a part of a multipart response, or a
      // header of a part.
      if (/\n\n:|\r\n\r\n\{\}|\r\nHeartbeat: /.test(text)) resolveHeartbeat();
    }
  };
  const fetch = async (...request) => {
    const response = await globalThis.fetch(...request);
    const [original, copy] = response.body.tee();
    // It fails when the client ends the stream, which is allowed.
    scan(copy).catch(() => {});
    return new Response(original, response);
  };
  return { fetch, heartbeat };
}

/** The errors of a response. */
export class Refused extends Error {
  constructor(errors) {
    super(JSON.stringify(errors));
    this.errors = errors;
  }
}

/** The data of a response without errors; throws its errors otherwise. */
export function dataOf({ data, errors }) {
  if (errors?.length) throw new Refused(errors);
  return data;
}

/** Runs a program of a package in a folder; throws with its output if it fails. */
export async function runTool(name, parameters, folder) {
  const program = fileURLToPath(new URL(`node_modules/.bin/${name}`, import.meta.url));
  await promisify(execFile)(program, parameters, { cwd: folder }).catch(({ stdout, stderr }) => {
    throw new Error(`${name} fails:\n${stdout}${stderr}`);
  });
}
