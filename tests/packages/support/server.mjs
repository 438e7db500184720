// The real program on a database of its own, with a user whose key may lease numbers. A proxy stands before it, which
// can refuse requests and lose answers.
//
// Run by itself, it is the server of the tests in Python: it prints where it is, and obeys lines such as {"do": "kill"}.

import { execFileSync, spawn } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as passing } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { startProxy } from './proxy.mjs';

export const SANDBOX_SECRET = 'a secret of the sandbox';
const EMAIL = 'pipelines@example.com';
const PASSWORD = 'correct horse battery';
const program = process.env.OTPWIRE_PROGRAM;
if (!program) throw new Error('OTPWIRE_PROGRAM is not set: run scripts/check-packages');

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

/** Asks again until there is an answer. */
async function until(ask, what) {
  for (let n = 0; n < 300; n += 1) {
    if (await ask().catch(() => false)) return;
    await passing(100);
  }
  throw new Error(`${what} did not come about`);
}

export async function startServer() {
  const place = mkdtempSync(join(tmpdir(), 'otpwire-packages-'));
  const url = `http://127.0.0.1:${await freePort()}`;
  const env = {
    PATH: process.env.PATH, HOME: place, OTPWIRE_LISTEN: new URL(url).host, OTPWIRE_LOG: 'warn',
    OTPWIRE_DATABASE_URL: `sqlite:${join(place, 'otpwire.sqlite')}`,
    // The tests send more requests than the limits allow.
    OTPWIRE_REQUESTS_PER_MINUTE_GUEST: '100000', OTPWIRE_REQUESTS_PER_MINUTE_FREE: '100000', OTPWIRE_REQUESTS_PER_MINUTE_ADMIN: '100000',
  };
  const cli = (args, input) => execFileSync(program, args, { env, cwd: place, input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'inherit'] });
  cli(['migrate', 'up']);
  cli(['admin', 'add-provider', '--kind', 'sandbox', '--name', 'sandbox'], SANDBOX_SECRET);
  cli(['admin', 'import-numbers', '--provider', 'sandbox', '-'], Array.from({ length: 200 }, (_, n) => `+1415555${`${n}`.padStart(4, '0')}`).join('\n'));
  cli(['admin', 'create-user', '--email', EMAIL, '--role', 'admin'], PASSWORD);
  const apiKey = /otpk_[\w-]+/.exec(cli(['admin', 'create-api-key', EMAIL, '--name', 'ci', '--scopes', 'numbers:lease']))?.[0];
  if (!apiKey) throw new Error('otpwire admin create-api-key prints no key');

  let child;
  const run = async () => {
    child = spawn(program, ['serve'], { env, cwd: place, stdio: ['ignore', 'inherit', 'inherit'] });
    await until(async () => (await fetch(`${url}/readyz`)).ok, 'the server');
  };
  const kill = async (signal = 'SIGKILL') => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  };
  await run();
  process.on('exit', () => {
    child.kill('SIGKILL');
    rmSync(place, { recursive: true, force: true });
  });

  const call = async (method, path, body, token) => {
    const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
    const answer = await fetch(`${url}${path}`, { method, headers, body: body && JSON.stringify(body) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} is answered with ${answer.status}: ${text}`);
    return text && JSON.parse(text);
  };
  const { access_token: token } = await call('POST', '/v1/auth/login', { email: EMAIL, password: PASSWORD });
  const proxy = await startProxy(url);
  return {
    /** Where clients connect. */
    url: proxy.url,
    directUrl: url,
    apiKey,
    proxy,
    run,
    kill,
    /** Makes a pool of numbers of its own. */
    async pool(numbers) {
      const name = `pool-${randomUUID()}`;
      const rented = [];
      for (let n = 0; n < numbers; n += 1) rented.push(await call('POST', '/v1/numbers', { country_code: 'US', duration_hours: 24 }, token));
      await call('POST', '/v1/pools', { name, phone_number_ids: rented.map(({ id }) => id) }, token);
      return { name, numbers: rented.map(({ phone_number: number }) => number) };
    },
    /** Whether the server says which links a text has. */
    async readsLinks() {
      const { components } = await call('GET', '/v1/openapi.json');
      return 'links' in components.schemas.Message.properties;
    },
    /** What the key holds now. */
    async leases() {
      return (await call('GET', '/v1/leases', undefined, apiKey)).leases;
    },
    /** Posts a signed webhook, again until it is taken, as providers do. */
    async post(to, text, { from = 'TESTS', id = randomUUID(), sentAt } = {}) {
      const body = JSON.stringify({ id, from, to, text, ...(sentAt && { sent_at: sentAt.toISOString() }) });
      await until(async () => {
        const timestamp = `${Math.floor(Date.now() / 1000)}`;
        const signature = createHmac('sha256', SANDBOX_SECRET).update(`${timestamp}.${body}`).digest('hex');
        const headers = { 'content-type': 'application/json', 'x-otpwire-timestamp': timestamp, 'x-otpwire-signature': `v1=${signature}` };
        return (await fetch(`${url}/v1/webhooks/sms?provider=sandbox`, { method: 'POST', headers, body })).ok;
      }, 'the answer to a webhook');
    },
    async stop() {
      await proxy.stop();
      await kill('SIGTERM');
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const server = await startServer();
  const say = (answer) => process.stdout.write(`${JSON.stringify(answer ?? null)}\n`);
  say({ url: server.url, apiKey: server.apiKey });
  const commands = {
    kill: () => server.kill(),
    run: () => server.run(),
    pool: ({ numbers }) => server.pool(numbers),
    leases: () => server.leases(),
    readsLinks: () => server.readsLinks(),
    post: ({ to, text, id, sentAt }) => server.post(to, text, { id, sentAt: sentAt && new Date(sentAt) }),
    refuse: ({ method, path, times, status, retryAfter }) => {
      let left = times;
      server.proxy.add((request) => {
        if (request.method !== method || !request.path.includes(path) || left === 0) return undefined;
        left -= 1;
        return { status, retryAfter };
      });
    },
  };
  for await (const line of createInterface(process.stdin)) {
    const { do: name, ...rest } = JSON.parse(line);
    say(await commands[name](rest));
  }
  await server.stop();
  process.exit();
}
