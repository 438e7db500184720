// @otpwire/client, as it is packed, against the real program.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { setTimeout as passing } from 'node:timers/promises';
import { inspect } from 'node:util';

import { LeaseLostError, Otpwire, OtpwireError, TimeoutError } from '@otpwire/client';
import { startProxy } from './support/proxy.mjs';
import { startServer } from './support/server.mjs';

const GITHUB = (code) => `${code} is your GitHub verification code.`;
const GOOGLE = (code) => `${code} is your Google verification code.`;

describe('@otpwire/client', { concurrency: 8 }, () => {
  let server;
  let otpwire;
  before(async () => {
    server = await startServer();
    otpwire = new Otpwire({ url: server.url, apiKey: server.apiKey });
  });
  after(() => server.stop());

  /** A lease of a number that no other test has, released after the test. */
  async function leased(t, options = {}) {
    const pool = await server.pool(1);
    const lease = await otpwire.lease({ pool: pool.name, ...options });
    t.after(() => lease.release());
    assert.equal(lease.phoneNumber, pool.numbers[0]);
    return lease;
  }

  test('waiting twice gives two codes in order, and a repeated webhook is no second code', async (t) => {
    const lease = await leased(t);
    await server.post(lease.phoneNumber, GITHUB('111111'), { id: 'repeated' });
    await server.post(lease.phoneNumber, GITHUB('111111'), { id: 'repeated' });
    await server.post(lease.phoneNumber, GITHUB('222222'));
    assert.equal(await lease.waitForCode(), '111111');
    assert.equal(await lease.waitForCode(), '222222');
    await assert.rejects(lease.waitForCode({ timeout: 0 }), TimeoutError);
  });

  test('a wait is given what arrives later, and what another does not want is kept', async (t) => {
    const lease = await leased(t);
    const waits = [lease.waitForCode({ service: 'github' }), lease.waitForCode({ service: 'Góogle' }), lease.waitForMessage({ sender: 'tests', match: /lemon/ })];
    await server.post(lease.phoneNumber, 'There are lemons.');
    await server.post(lease.phoneNumber, GOOGLE('333333'));
    await server.post(lease.phoneNumber, GITHUB('444444'));
    const [github, google, message] = await Promise.all(waits);
    assert.deepEqual([github, google], ['444444', '333333']);
    assert.equal(message.text, 'There are lemons.');
    assert.equal(message.sender, 'TESTS');
    assert.equal(message.type, 'sms');
    assert.ok(Math.abs(message.receivedAt - Date.now()) < 60_000);
    assert.deepEqual((await lease.messages()).map(({ code }) => code), [undefined, '333333', '444444']);
  });

  test('codes are filtered by expressions and functions, and read by a group where the server cannot', async (t) => {
    const lease = await leased(t);
    await server.post(lease.phoneNumber, GITHUB('111111'));
    await server.post(lease.phoneNumber, 'Zugang: lima-oscar');
    await server.post(lease.phoneNumber, GITHUB('222222'));
    assert.equal(await lease.waitForCode({ match: ({ code }) => code?.startsWith('2') }), '222222');
    assert.equal(await lease.waitForCode({ match: /zugang: (?<code>[\w-]+)/gi }), 'lima-oscar');
    assert.equal(await lease.waitForCode({ match: /GitHub/ }), '111111');
    const thrown = new Error('the function of a test');
    await server.post(lease.phoneNumber, GITHUB('555555'));
    await assert.rejects(lease.waitForCode({ match: () => { throw thrown; } }), thrown);
    assert.equal(await lease.waitForCode(), '555555');
  });

  test('a link is found without a pattern', async (t) => {
    if (!(await server.readsLinks())) return t.skip('the server does not read links');
    const lease = await leased(t);
    await server.post(lease.phoneNumber, 'Our shop: https://example.com/shop');
    await server.post(lease.phoneNumber, 'From https://example.com: verify your account at https://example.com/verify?token=abc');
    assert.equal(await lease.waitForLink({ kind: 'verify' }), 'https://example.com/verify?token=abc');
    assert.equal(await lease.waitForLink(), 'https://example.com/shop');
  });

  test('codes of before the lease are never seen, and the timeout says how many there were', async () => {
    const pool = await server.pool(1);
    const [number] = pool.numbers;
    await using_(await otpwire.lease({ pool: pool.name }), async (earlier) => {
      await server.post(number, GITHUB('111111'));
      // Taken or not, it is the earlier lease's.
      assert.equal((await earlier.messages()).length, 1);
    });
    await server.post(number, GITHUB('222222'));
    const lease = await otpwire.lease({ pool: pool.name });
    await server.post(number, GITHUB('333333'), { sentAt: new Date(Date.now() - 60_000) });
    assert.equal(lease.unclaimedMessages, 1);
    const error = await lease.waitForCode({ timeout: 1_000 }).catch((error) => error);
    assert.match(error.message, /^no code arrived at …\d{4} within 1 s; nothing arrived during this lease; older messages for this number: 1$/);
    await server.post(number, GITHUB('444444'));
    assert.equal(await lease.waitForCode(), '444444');
    await lease.release();
  });

  test('a timeout says what did arrive and what was waited for, and nothing tells a secret', async (t) => {
    const lease = await leased(t);
    await server.post(lease.phoneNumber, GOOGLE('731905'));
    await server.post(lease.phoneNumber, 'There are lemons.');
    await lease.waitForMessage();
    const error = await lease.waitForCode({ service: 'GitHub', sender: '+14155559876', timeout: 1_200 }).catch((error) => error);
    assert.ok(error instanceof TimeoutError);
    assert.equal(error.code, 'TIMEOUT');
    assert.equal(error.waitedFor, 'a code of GitHub from …9876');
    assert.deepEqual(error.arrived.map(({ type, service, taken }) => ({ type, service, taken })), [
      { type: 'otp', service: 'Google', taken: true }, { type: 'sms', service: undefined, taken: false },
    ]);
    assert.match(error.message, /^no code of GitHub from …9876 arrived at …\d{4} within 1\.2 s; what did arrive: a code of Google \(\d+ s ago, given to an earlier wait\), a message of type sms \(\d+ s ago\)$/);
    const shown = inspect([error, lease.timeline], { depth: 9 }) + error.stack + JSON.stringify([error, lease.timeline]) + inspect(otpwire, { depth: 9, showHidden: true });
    for (const secret of ['731905', 'lemons', server.apiKey, lease.phoneNumber, '+14155559876']) assert.ok(!shown.includes(secret), secret);
  });

  test('an AbortSignal ends a wait with its reason, and misses nothing', async (t) => {
    const lease = await leased(t);
    const reason = new Error('the test is over');
    const controller = new AbortController();
    const wait = lease.waitForCode({ signal: controller.signal });
    setTimeout(() => controller.abort(reason), 300);
    await assert.rejects(wait, reason);
    await assert.rejects(lease.waitForCode({ signal: controller.signal }), reason);
    await server.post(lease.phoneNumber, GITHUB('111111'));
    assert.equal(await lease.waitForCode(), '111111');
    await assert.rejects(otpwire.lease({ pool: lease.pool, signal: AbortSignal.timeout(300) }), { name: 'TimeoutError' });
  });

  test('refusals with 429 and 503 and a lost answer are waited out, as Retry-After says', async (t) => {
    const lease = await leased(t);
    const verdicts = [{ status: 429, retryAfter: 1 }, { status: 503, retryAfter: 1 }, 'lose'];
    t.after(server.proxy.add(({ path }) => (path.startsWith(`/v1/leases/${lease.id}/wait`) ? verdicts.shift() : undefined)));
    await server.post(lease.phoneNumber, GITHUB('111111'));
    await server.post(lease.phoneNumber, GITHUB('222222'));
    const start = performance.now();
    assert.equal(await lease.waitForCode(), '111111');
    assert.ok(performance.now() - start >= 2_000);
    assert.equal(await lease.waitForCode(), '222222');
  });

  test('whoever is told to come back later keeps the place among those who wait', async (t) => {
    const { name: pool } = await server.pool(1);
    const first = await otpwire.lease({ pool });
    const proxy = await startProxy(server.directUrl);
    t.after(() => proxy.stop());
    // The first request ends after 45 seconds with a ticket; the second one has it, and is refused.
    const verdicts = [undefined, { status: 429, retryAfter: 2 }];
    proxy.add(({ method }) => (method === 'POST' && verdicts.length > 0 ? verdicts.shift() : undefined));
    const waits = new Otpwire({ url: proxy.url, apiKey: server.apiKey }).lease({ pool, wait: 60_000 });
    await passing(45_500);
    const behind = otpwire.lease({ pool });
    await passing(500);
    await first.release();
    const lease = await waits;
    assert.deepEqual(verdicts, []);
    assert.equal(proxy.requests.length, 3);
    assert.equal(lease.fence, first.fence + 1);
    await lease.release();
    await (await behind).release();
  });

  test('what the server refuses for good is not repeated, and a wait that it cannot answer says so', async (t) => {
    const lease = await leased(t);
    t.after(server.proxy.add(({ path }) => (path.startsWith(`/v1/leases/${lease.id}/wait`) ? { status: 503 } : undefined)));
    await assert.rejects(lease.waitForCode({ timeout: 1_000 }), /within 1 s; nothing arrived during this lease; at the end, a test refuses it \(UNAVAILABLE\)$/);
    await assert.rejects(otpwire.lease({ pool: 'unknown' }), { name: 'OtpwireError', code: 'NOT_FOUND', status: 404 });
    await assert.rejects(new Otpwire({ url: server.url, apiKey: 'otpk_wrong' }).lease({ pool: 'x' }), { code: 'UNAUTHENTICATED', status: 401 });
  });

  test('an acquisition whose answer is lost leases one number', async (t) => {
    const pool = await server.pool(2);
    let isLost = false;
    t.after(server.proxy.add(({ method, path }) => {
      const isFirst = method === 'POST' && path === '/v1/leases' && !isLost;
      if (!isFirst) return undefined;
      isLost = true;
      return 'lose';
    }));
    const own = new Otpwire({ url: server.url, apiKey: server.apiKey });
    const lease = await own.lease({ pool: pool.name });
    assert.ok(isLost);
    assert.deepEqual((await server.leases()).filter((held) => held.pool === pool.name).map(({ id }) => id), [lease.id]);
    await lease.release();
  });

  test('options of the client are those of its leases, unless they name their own', async () => {
    const [first, second] = [await server.pool(1), await server.pool(1)];
    const own = new Otpwire({ url: server.url, apiKey: server.apiKey, pool: first.name, ttl: 60_000, wait: 0 });
    const leases = [await own.lease(), await own.lease({ pool: second.name })];
    assert.deepEqual(leases.map(({ pool }) => pool), [first.name, second.name]);
    assert.ok(leases[0].expiresAt - Date.now() <= 60_000);
    await assert.rejects(own.lease(), { code: 'NO_NUMBER_AVAILABLE' });
    const elsewhere = await own.lease({ country: 'US' });
    assert.equal(elsewhere.pool, undefined);
    assert.equal(elsewhere.countryCode, 'US');
    await Promise.all([...leases, elsewhere].map((lease) => lease.release()));
  });

  test('whoever waits is given the number when it is released', async () => {
    const { name: pool } = await server.pool(1);
    const first = await otpwire.lease({ pool });
    await assert.rejects(otpwire.lease({ pool, wait: 0 }), { code: 'NO_NUMBER_AVAILABLE' });
    await assert.rejects(otpwire.lease({ pool, wait: 1_000 }), (error) => error instanceof TimeoutError && /^no number of the pool .* became free within 1 s: position 1 of those who wait$/.test(error.message));
    // It has given up its place: nobody waits behind it.
    await first.release();
    const again = await otpwire.lease({ pool, wait: 0 });
    const second = otpwire.lease({ pool });
    await passing(300);
    await again.release();
    const lease = await second;
    assert.ok(lease.fence > again.fence && again.fence > first.fence);
    await lease.release();
    await lease.release();
  });

  test('a lease is renewed while it is held', async (t) => {
    const lease = await leased(t, { ttl: 15_000 });
    const first = lease.expiresAt;
    await passing(first - Date.now() + 1_000);
    await server.post(lease.phoneNumber, GITHUB('111111'));
    assert.equal(await lease.waitForCode(), '111111');
    assert.ok(lease.expiresAt > first);
  });

  test('a lease that cannot be renewed is lost, and nothing of the next one is seen', async (t) => {
    const pool = await server.pool(1);
    const lease = await otpwire.lease({ pool: pool.name, ttl: 5_000 });
    t.after(server.proxy.add(({ path }) => (path === `/v1/leases/${lease.id}/renew` ? { status: 503 } : undefined)));
    const next = await otpwire.lease({ pool: pool.name });
    await server.post(next.phoneNumber, GITHUB('111111'));
    await assert.rejects(lease.waitForCode(), (error) => error instanceof LeaseLostError && error.status === 409 && ['expired', 'superseded'].includes(error.reason));
    await assert.rejects(lease.waitForCode(), LeaseLostError);
    await lease.release();
    assert.equal(await next.waitForCode(), '111111');
    await next.release();
    await assert.rejects(next.waitForCode(), (error) => error instanceof LeaseLostError && error.reason === 'released');
  });

  test('a release that failed may be tried again, and hides no error of a block', async (t) => {
    const lease = await leased(t);
    const allow = server.proxy.add(({ method, path }) => (method === 'DELETE' && path.startsWith(`/v1/leases/${lease.id}?`) ? { status: 503 } : undefined));
    await assert.rejects(lease.release(), { code: 'UNAVAILABLE' });
    await lease[Symbol.asyncDispose]();
    allow();
    await lease.release();
    assert.ok(!(await server.leases()).some(({ id }) => id === lease.id));
  });

  test('a release ends the waits that are under way', async (t) => {
    const lease = await leased(t);
    const wait = assert.rejects(lease.waitForCode(), LeaseLostError);
    await passing(100);
    await lease.release();
    await wait;
    assert.ok(!(await server.leases()).some(({ id }) => id === lease.id));
  });

  test('one request is held at a time, for less than 50 seconds, and goes on by its cursor', async (t) => {
    const lease = await leased(t);
    const waits = [lease.waitForCode({ service: 'GitHub', timeout: 60_000 }), lease.waitForCode({ service: 'Google', timeout: 60_000 })];
    await passing(46_000);
    await server.post(lease.phoneNumber, GOOGLE('222222'));
    await server.post(lease.phoneNumber, GITHUB('111111'));
    assert.deepEqual(await Promise.all(waits), ['111111', '222222']);
    const held = server.proxy.requests.filter(({ path }) => path.startsWith(`/v1/leases/${lease.id}/wait`));
    assert.equal(held.length, 3);
    for (const [n, { begun, ended = Infinity }] of held.entries()) {
      assert.ok(ended - begun < 50_000);
      if (n > 0) assert.ok(begun >= held[n - 1].ended);
    }
  });

  test('a lease that was forgotten keeps no process alive', async () => {
    const { name } = await server.pool(1);
    const script = `import { Otpwire } from '@otpwire/client';
      const lease = await new Otpwire().lease({ pool: ${JSON.stringify(name)} });
      await lease.messages();`;
    const env = { ...process.env, OTPWIRE_URL: server.url, OTPWIRE_API_KEY: server.apiKey };
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { env, stdio: 'inherit' });
    const timer = setTimeout(() => child.kill(), 30_000);
    assert.deepEqual(await once(child, 'exit'), [0, null]);
    clearTimeout(timer);
  });

  test('16 workers have a number and the codes of their own', async () => {
    const pool = await server.pool(5);
    const env = { ...process.env, OTPWIRE_URL: server.url, OTPWIRE_API_KEY: server.apiKey, POOL: pool.name };
    let underWay = 0;
    const work = async () => {
      const child = spawn(process.execPath, ['support/worker.mjs'], { env, stdio: ['pipe', 'pipe', 'inherit'] });
      let output = '';
      for await (const chunk of child.stdout) {
        output += chunk;
        const lines = output.split('\n');
        output = lines.pop();
        for (const line of lines) {
          const { to, code } = JSON.parse(line);
          if (code) await server.post(to, GITHUB(code));
          else underWay += 1;
        }
      }
      assert.equal(child.exitCode ?? (await once(child, 'exit'))[0], 0);
    };
    await Promise.all(Array.from({ length: 16 }, work));
    assert.equal(underWay, 16 * 3);
  });

  test('options that cannot be right are named, without the key', async () => {
    const { OTPWIRE_URL, OTPWIRE_API_KEY, ...others } = process.env;
    process.env = others;
    assert.throws(() => new Otpwire({ apiKey: 'x' }), /^TypeError: url: /);
    assert.throws(() => new Otpwire({ url: 'ftp://x', apiKey: 'x' }), /^TypeError: url: /);
    assert.throws(() => new Otpwire({ url: 'http://a:secret@x', apiKey: 'x' }), (error) => /^url: /.test(error.message) && !error.message.includes('secret'));
    assert.throws(() => new Otpwire({ url: 'http://x' }), /^TypeError: apiKey: /);
    assert.throws(() => new Otpwire({ url: 'http://x', apiKey: 'otpk_secret\n' }), (error) => /^apiKey: /.test(error.message) && !error.message.includes('secret'));
    await assert.rejects(otpwire.lease(), /^TypeError: lease: /);
    await assert.rejects(otpwire.lease({ pool: 'x', country: 'US' }), /^TypeError: lease: /);
    await assert.rejects(otpwire.lease({ pool: 'x', ttl: 120 }), /^RangeError: ttl: /);
    await assert.rejects(otpwire.lease({ pool: 'x', wait: -1 }), /^RangeError: wait: /);
  });

  test('an address where something else answers, or nothing, is said', async (t) => {
    const stranger = createServer((_, answer) => answer.writeHead(301, { location: '/elsewhere' }).end('moved')).listen(0, '127.0.0.1');
    await once(stranger, 'listening');
    t.after(() => stranger.close());
    const url = `http://127.0.0.1:${stranger.address().port}`;
    await assert.rejects(new Otpwire({ url, apiKey: 'x' }).lease({ pool: 'x', wait: 0 }), { code: 'UNEXPECTED_ANSWER', status: 301, message: `POST /v1/leases was answered with status 301, and not as otpwire does: is ${url} its address?` });
    const nobody = new Otpwire({ url: 'http://127.0.0.1:9', apiKey: 'otpk_secret' }).lease({ pool: 'x' });
    await assert.rejects(nobody, (error) => error instanceof OtpwireError && error.code === 'UNREACHABLE' && /^cannot reach http:\/\/127\.0\.0\.1:9: /.test(error.message));
  });

  test('CommonJS can require it', () => {
    assert.equal(createRequire(import.meta.url)('@otpwire/client').Otpwire, Otpwire);
  });
});

test('a server that is killed in the middle of a wait is waited for', async (t) => {
  const server = await startServer();
  t.after(() => server.stop());
  const { name: pool } = await server.pool(1);
  const lease = await new Otpwire({ url: server.url, apiKey: server.apiKey }).lease({ pool });
  const wait = lease.waitForCode();
  await passing(300);
  await server.kill();
  // What is sent meanwhile is sent again by the provider.
  const post = server.post(lease.phoneNumber, GITHUB('111111'));
  await passing(1_500);
  await server.run();
  await post;
  assert.equal(await wait, '111111');
  await lease.release();
});

/** `await using`, which Node 20 does not know. */
async function using_(lease, work) {
  try {
    await work(lease);
  } finally {
    await lease[Symbol.asyncDispose]();
  }
}
