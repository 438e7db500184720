// @otpwire/playwright, as it is packed: the example in a browser, and what is reported of tests that fail.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { SANDBOX_SECRET, startServer } from './support/server.mjs';

describe('@otpwire/playwright', { concurrency: false }, () => {
  let server;
  before(async () => {
    server = await startServer();
  });
  after(() => server.stop());

  /** Runs the tests of a folder: its tests by their titles. */
  async function run(folder, variables) {
    const env = { ...process.env, OTPWIRE_URL: server.url, OTPWIRE_API_KEY: server.apiKey, CI: '1', FORCE_COLOR: '0', ...variables };
    // The runner of these tests would be taken for that of the others.
    delete env.NODE_TEST_CONTEXT;
    const playwright = fileURLToPath(new URL('node_modules/.bin/playwright', import.meta.url));
    const { stdout, stderr } = await new Promise((resolve) => {
      execFile(playwright, ['test', '--reporter=json'], { cwd: folder, env, maxBuffer: 1e8 }, (_, stdout, stderr) => resolve({ stdout, stderr }));
    });
    const specs = ({ suites = [], specs = [] }) => [...specs, ...suites.flatMap(specs_of)];
    const specs_of = (suite) => specs(suite);
    assert.ok(stdout.startsWith('{'), stdout + stderr);
    const report = JSON.parse(stdout);
    assert.deepEqual(report.errors, []);
    return Object.fromEntries(specs(report).map(({ title, tests }) => [title, tests[0].results[0]]));
  }

  test('the example is green', async () => {
    const results = await run('login-under-test', { SANDBOX_SECRET, PORT: `${20_000 + Math.floor(Math.random() * 12_000)}` });
    assert.deepEqual(Object.values(results).map(({ status, error }) => error?.message ?? status), ['passed', 'passed', 'passed']);
    assert.deepEqual(await server.leases(), []);
  });

  test('leases are acquired when they are used, released after failures too, and reported', async () => {
    const { name } = await server.pool(3);
    const before = server.proxy.requests.length;
    const results = await run('playwright', { POOL: name });
    for (const [title, { status, error }] of Object.entries(results)) {
      const expected = title.startsWith('passes') ? 'passed' : title.includes('timeout') ? 'timedOut' : 'failed';
      assert.equal(status, expected, `${title}: ${error?.message}`);
    }
    assert.equal(Object.keys(results).length, 5);
    assert.deepEqual(await server.leases(), []);
    // Two numbers for one test, none for another, one each for the others.
    const acquired = server.proxy.requests.slice(before).filter(({ method, path }) => method === 'POST' && path === '/v1/leases');
    assert.equal(acquired.length, 5);

    const failed = results['fails: a wait without a code'];
    assert.match(failed.error.message, /no code of GitHub arrived at …\d{4} within 1 s; nothing arrived during this lease/);
    // The error points to the line of the test.
    assert.match(failed.errorLocation.file, /fixtures\.spec\.ts$/);
    assert.deepEqual(failed.steps.map(({ title }) => title), ['Wait for a code of GitHub']);
    const timeline = ({ attachments }) => attachments.filter(({ name }) => name.startsWith('sms')).map(({ name, body }) => [name, Buffer.from(body, 'base64').toString()]);
    const [[name1, text]] = timeline(failed);
    assert.equal(name1, 'sms');
    assert.match(text, /^ +0\.000 s {2}leased …\d{4} \(lease \d+, fence \d+\)\n.*waiting for a code of GitHub\n.*gave up waiting for a code of GitHub\n.*released$/);
    assert.equal(timeline(results['passes: several numbers']).length, 2);
    assert.match(timeline(results['fails: its timeout, in the middle'])[0][1], /released$/);
  });
});
