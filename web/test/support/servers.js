// The real program, on a database of its own: SQLite, or PostgreSQL with Redis, which are started here too.

import { execFileSync, spawn } from 'node:child_process';
import { createHmac, generateKeyPairSync, createHash, sign } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync, chmodSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as passing } from 'node:timers/promises';

export const ADMIN = { email: 'admin@example.com', password: 'correct horse battery' };
const SECRET = 'a secret of the sandbox';
const program = process.env.OTPWIRE_PROGRAM;
if (!program) throw new Error('OTPWIRE_PROGRAM is not set: run scripts/check-web');

/** What was started and has to be stopped. */
const children = new Set();
const folders = [];
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function start(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'], ...options });
  children.add(child);
  child.exited = new Promise((resolve) => child.on('exit', () => resolve(children.delete(child))));
  return child;
}

function folder(name) {
  const made = mkdtempSync(join(tmpdir(), `otpwire-web-${name}-`));
  folders.push(made);
  return made;
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function until(check, what) {
  for (let n = 0; n < 300; n += 1) {
    if (await Promise.resolve().then(check).catch(() => false)) return;
    await passing(100);
  }
  throw new Error(`${what} did not come about`);
}

/** The path of a program, where Debian keeps those of PostgreSQL too. */
function find(name) {
  const places = (process.env.PATH ?? '').split(':');
  const versions = existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql') : [];
  places.push(...versions.map((version) => `/usr/lib/postgresql/${version}/bin`));
  const place = places.find((place) => existsSync(join(place, name)));
  if (!place) throw new Error(`${name} is missing: scripts/check-web says what to install`);
  return join(place, name);
}

async function postgres() {
  const data = join(folder('postgres'), 'data');
  mkdirSync(data);
  // PostgreSQL refuses to run as root.
  const isRoot = process.getuid?.() === 0;
  const prefix = isRoot ? ['setpriv', '--reuid=nobody', '--regid=nogroup', '--clear-groups', '--'] : [];
  if (isRoot) {
    chmodSync(join(data, '..'), 0o755);
    execFileSync('chown', ['-R', 'nobody:nogroup', data]);
  }
  const run = (args) => execFileSync(args[0], args.slice(1), { stdio: 'ignore', cwd: '/' });
  run([...prefix, find('initdb'), '-D', data, '-U', 'postgres', '--auth=trust', '--no-sync', '-E', 'UTF8']);
  const port = await freePort();
  const [command, ...args] = [...prefix, find('postgres'), '-D', data, '-p', `${port}`, '-k', '', '-c', 'listen_addresses=127.0.0.1', '-c', 'fsync=off'];
  const child = start(command, args, { cwd: '/', stdio: 'ignore' });
  const sql = (statement) => run([find('psql'), '-h', '127.0.0.1', '-p', `${port}`, '-U', 'postgres', '-qc', statement]);
  await until(() => sql('SELECT 1') || true, 'PostgreSQL');
  sql('CREATE ROLE otpwire LOGIN');
  sql('CREATE DATABASE otpwire OWNER otpwire');
  return { child, url: `postgres://otpwire@127.0.0.1:${port}/otpwire` };
}

async function redis() {
  const port = await freePort();
  const child = start(find('redis-server'), ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'], { stdio: 'ignore', cwd: folder('redis') });
  return { child, url: `redis://127.0.0.1:${port}` };
}

/** A key whose tokens the server accepts, with which tests sign tokens that end soon. */
function signingKey(place) {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(join(place, 'verification.pem'), publicKey.export({ format: 'pem', type: 'spki' }));
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const kid = createHash('sha256').update(raw).digest('hex').slice(0, 16);
  return (token, seconds) => {
    const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
    const exp = Math.floor(Date.now() / 1000) + seconds;
    const signed = `${encode({ alg: 'EdDSA', typ: 'JWT', kid })}.${encode({ ...claims, exp })}`;
    return `${signed}.${sign(null, Buffer.from(signed), privateKey).toString('base64url')}`;
  };
}

/** Starts the server. `backend` is `sqlite` or `postgres`. */
export async function startServer(backend, settings = {}) {
  const place = folder('server');
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const shortToken = signingKey(place);
  const services = backend === 'postgres' ? [await postgres(), await redis()] : [];
  const databases = backend === 'postgres'
    ? { OTPWIRE_DATABASE_URL: services[0].url, OTPWIRE_REDIS_URL: services[1].url, OTPWIRE_SECRET_KEY: Buffer.alloc(32, 7).toString('base64') }
    : { OTPWIRE_DATABASE_URL: `sqlite:${join(place, 'otpwire.sqlite')}` };
  const env = {
    PATH: process.env.PATH, HOME: place, OTPWIRE_LISTEN: `127.0.0.1:${port}`, OTPWIRE_LOG: 'warn,otpwire::mail=info',
    OTPWIRE_VERIFICATION_KEY_FILES: `[${join(place, 'verification.pem')}]`,
    OTPWIRE_REQUESTS_PER_MINUTE_GUEST: '100000', OTPWIRE_REQUESTS_PER_MINUTE_PAGES: '100000',
    OTPWIRE_REQUESTS_PER_MINUTE_FREE: '100000', OTPWIRE_REQUESTS_PER_MINUTE_ADMIN: '100000', OTPWIRE_REGISTRATIONS_PER_HOUR: '100000',
    ...databases, ...settings,
  };
  const cli = (args, input) => execFileSync(program, args, { env, cwd: place, input, stdio: ['pipe', 'ignore', 'inherit'] });
  cli(['migrate', 'up']);
  cli(['admin', 'add-provider', '--kind', 'sandbox', '--name', 'sandbox'], SECRET);
  const numbers = Array.from({ length: 100 }, (_, n) => `+1415555${String(n).padStart(4, '0')}`);
  cli(['admin', 'import-numbers', '--provider', 'sandbox', '-'], [...numbers, '+442079460958', '+4915123456789'].join('\n'));
  cli(['admin', 'create-user', '--email', ADMIN.email, '--role', 'admin'], ADMIN.password);

  let output = '';
  let child;
  const run = async () => {
    child = start(program, ['serve'], { env, cwd: place, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
    await until(async () => (await fetch(`${url}/readyz`)).ok, `the server: ${output}`);
  };
  await run();

  const graphql = async (query, variables, token) => {
    const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
    const answer = await (await fetch(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query, variables }) })).json();
    if (answer.errors) throw new Error(JSON.stringify(answer.errors));
    return answer.data;
  };
  const logIn = async (input) => (await graphql('mutation($input: LogInInput!) { logIn(input: $input) { accessToken } }', { input })).logIn.accessToken;
  let sent = 0;
  return {
    url,
    shortToken,
    graphql,
    logIn,
    /** The link of a mail, which a server without a mail server prints to its log. */
    async mailed(email, path) {
      // The address follows the text.
      const mail = new RegExp(`(${url}${path}#token=[\\w.~-]+)[^]*? to="([^"]+)"`, 'g');
      let found;
      await until(() => (found = [...output.matchAll(mail)].findLast(([, , to]) => to === email)?.[1]), `a mail to ${email}: ${output}`);
      return found;
    },
    /** Makes a user, perhaps with a number. */
    async renter({ withNumber = true } = {}) {
      const input = { email: `renter-${(sent += 1)}-${Date.now()}@example.com`, password: 'correct horse battery' };
      await graphql('mutation($input: RegisterInput!) { register(input: $input) { user { id } } }', { input });
      const token = await logIn(input);
      const rent = 'mutation { assignPhoneNumber(input: { countryCode: "US", durationHours: 2 }) { phoneNumber { id phoneNumber } } }';
      const number = withNumber ? (await graphql(rent, {}, token)).assignPhoneNumber.phoneNumber : null;
      return { ...input, token, number };
    },
    /** Posts a signed webhook, again until it is taken, as providers do. */
    async post(to, text, from = 'GitHub') {
      const body = JSON.stringify({ id: `web-${(sent += 1)}`, from, to, text });
      for (;;) {
        const timestamp = Math.floor(Date.now() / 1000);
        const signature = createHmac('sha256', SECRET).update(`${timestamp}.${body}`).digest('hex');
        const headers = { 'content-type': 'application/json', 'x-otpwire-timestamp': `${timestamp}`, 'x-otpwire-signature': `v1=${signature}` };
        const answer = await fetch(`${url}/v1/webhooks/sms?provider=sandbox`, { method: 'POST', headers, body }).catch(() => null);
        if (answer?.ok) return;
        if (answer && answer.status < 500 && answer.status !== 429) throw new Error(`the webhook is answered with ${answer.status}`);
        await passing(100);
      }
    },
    async kill() {
      child.kill('SIGKILL');
      await child.exited;
    },
    run,
    /** Stops everything, or this process would never end. */
    async stop() {
      child.kill('SIGTERM');
      await child.exited;
      for (const service of services) {
        // PostgreSQL waits for nobody then.
        service.child.kill('SIGINT');
        await service.child.exited;
      }
    },
  };
}
