// What the tests share: a way to ask the server without the clients that are tried, people who rent
// numbers, and the waiting for what arrives.

import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { setTimeout as passing } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

/** A variable that scripts/check-clients sets. */
function setting(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run scripts/check-clients`);
  return value;
}

export const url = `${setting('OTPWIRE_URL')}/graphql`;
export const socketUrl = url.replace(/^http/, 'ws');

/** Asks the server, and throws what it answers with errors. */
export async function ask(query, variables, token) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...authorization(token) },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  if (!data || errors) throw new Error(`${query} is refused: ${JSON.stringify(errors)}`);
  return data;
}

/** The header that signs a request in; none without a token. */
export function authorization(token) {
  return token ? { authorization: `Bearer ${token}` } : {};
}

/**
 * A client of graphql-ws, for itself and for the others. It keeps its socket between operations: one that
 * begins while the socket closes can be lost on the way.
 */
export function openSocket(connectionParams, options) {
  const settings = { retryAttempts: 0, lazyCloseTimeout: 2_000, ...options };
  return createClient({ url: socketUrl, webSocketImpl: WebSocket, connectionParams, ...settings });
}

async function logIn(email, password) {
  const query = 'mutation ($input: LogInInput!) { logIn(input: $input) { accessToken } }';
  return (await ask(query, { input: { email, password } })).logIn.accessToken;
}

/** A promise of the administrator's token. */
let administrator;

/** Asks the server as an administrator. */
export async function askAsAdministrator(query, variables) {
  administrator ??= logIn(setting('OTPWIRE_EMAIL'), setting('OTPWIRE_PASSWORD'));
  return ask(query, variables, await administrator);
}

/** Brings a message as a provider would. */
export async function send(to, text) {
  const query = 'mutation ($input: SimulateInboundSmsInput!) { simulateInboundSms(input: $input) { outcome } }';
  const { simulateInboundSms } = await askAsAdministrator(query, { input: { from: 'CLIENTS', to, text } });
  if (simulateInboundSms.outcome !== 'DELIVERED') throw new Error(`${text} is ${simulateInboundSms.outcome}`);
}

/** Somebody new with a number of their own, and the cursor where their inbox ends. */
export async function newRenter() {
  const input = { email: `${randomUUID()}@example.com`, password: 'correct horse battery' };
  await ask('mutation ($input: RegisterInput!) { register(input: $input) { user { id } } }', { input });
  const token = await logIn(input.email, input.password);
  const { assignPhoneNumber } = await ask(
    'mutation { assignPhoneNumber(input: { countryCode: "US" }) { phoneNumber { id phoneNumber } } }', {}, token);
  const { messages } = await ask('{ messages { latestCursor } }', {}, token);
  const { id, phoneNumber } = assignPhoneNumber.phoneNumber;
  return { email: input.email, token, id, phoneNumber, cursor: messages.latestCursor };
}

/** How long an event may take: what waits for the server's next heartbeat, every 5 seconds, is late. */
const PROMPT = 4_500;

/** What a promise brings, or a failure when it takes longer. */
export async function within(promise, what, milliseconds = 20_000) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} has not come within ${milliseconds} ms`)), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/**
 * Starts a subscription, and gathers what it brings until it is taken. `start` gets an observer with
 * `next`, `error` and `complete`, and returns what ends the subscription.
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
 * The first event of a subscription. Nothing tells a client that its subscription has begun, so what brings
 * an event is done until one comes.
 */
export async function firstOf(events, bring) {
  const first = events.next();
  while (!(await Promise.race([first, passing(200)]))) await bring();
  return first;
}

/** A `fetch` for a client, and a promise of the first heartbeat in what it streams. */
export function listening() {
  let heard;
  const heartbeat = new Promise((resolve) => (heard = resolve));
  const listen = async (stream) => {
    let text = '';
    for await (const piece of stream.pipeThrough(new TextDecoderStream())) {
      text += piece;
      // A comment among server-sent events, after the one that opens them; an empty object as a part of several.
      if (/\n\n:|\r\n\r\n\{\}/.test(text)) heard();
    }
  };
  const fetch = async (...request) => {
    const response = await globalThis.fetch(...request);
    const [theirs, ours] = response.body.tee();
    // It fails when the client ends the stream, which is its right.
    listen(ours).catch(() => {});
    return new Response(theirs, response);
  };
  return { fetch, heartbeat };
}

/** What a client has been told instead of data: the errors of the answer. */
export class Refused extends Error {
  constructor(errors) {
    super(JSON.stringify(errors));
    this.errors = errors;
  }
}

/** The data of an answer, when it has no errors. */
export function dataOf({ data, errors }) {
  if (errors?.length) throw new Refused(errors);
  return data;
}

/** Runs a program of a package in a folder, and fails with what it says when it fails. */
export async function runTool(name, parameters, folder) {
  const program = fileURLToPath(new URL(`node_modules/.bin/${name}`, import.meta.url));
  await promisify(execFile)(program, parameters, { cwd: folder }).catch(({ stdout, stderr }) => {
    throw new Error(`${name} fails:\n${stdout}${stderr}`);
  });
}
