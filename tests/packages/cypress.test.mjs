// @otpwire/cypress, as it is packed, without Cypress: its tasks, and its commands on a stand-in for `cy` that runs the
// tasks and gives them no more time than Cypress does.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { otpwire, smsTasks } from '@otpwire/cypress';
import { startServer } from './support/server.mjs';

const CODE = (code) => `${code} is your GitHub verification code.`;
const json = (value) => JSON.parse(JSON.stringify(value));

/** What a command yields. */
class Chain {
  constructor(promise) {
    this.promise = promise;
  }

  then(next, failed) {
    return new Chain(this.promise.then(next, failed));
  }
}

describe('@otpwire/cypress', { concurrency: false }, () => {
  let server, tasks, afterTest;
  const commands = {};
  /** How long each task took. */
  const durations = [];
  before(async () => {
    server = await startServer();
    const { name: pool } = await server.pool(2);
    otpwire((event, registered) => {
      assert.equal(event, 'task');
      tasks = registered;
    }, { url: server.url, apiKey: server.apiKey, pool });
    const task = async (name, argument, { timeout }) => {
      const start = performance.now();
      const outcome = await tasks[name](json(argument));
      assert.ok(performance.now() - start < timeout);
      durations.push(performance.now() - start);
      assert.notEqual(outcome, undefined);
      return json(outcome);
    };
    // A hook is over when its commands are.
    const commanded = [];
    const command = (promise) => {
      commanded.push(promise);
      return new Chain(promise);
    };
    globalThis.cy = { task: (...all) => command(task(...all)), wrap: (value) => command(Promise.resolve(value)) };
    globalThis.Cypress = { log() {}, Commands: { add: (name, added) => (commands[name] = (...all) => added(...all).promise) } };
    globalThis.afterEach = (hook) => {
      afterTest = async () => {
        hook();
        await Promise.allSettled(commanded.splice(0));
      };
    };
    await import('@otpwire/cypress/commands');
  });
  after(() => server.stop());

  test('a number a test, codes in order, links and messages', async () => {
    const { phoneNumber } = await commands.sms();
    assert.equal((await commands.sms()).phoneNumber, phoneNumber);
    await server.post(phoneNumber, CODE('111111'));
    await server.post(phoneNumber, CODE('222222'));
    const readsLinks = await server.readsLinks();
    if (readsLinks) await server.post(phoneNumber, 'Verify your account: https://example.com/verify?token=abc');
    await server.post(phoneNumber, 'There are lemons.');
    assert.equal(await commands.waitForCode({ service: 'github', match: /2{6}/ }), '222222');
    assert.equal(await commands.waitForCode(), '111111');
    if (readsLinks) assert.equal(await commands.waitForLink({ kind: 'verify' }), 'https://example.com/verify?token=abc');
    const message = await commands.waitForSms();
    assert.equal(message.text, 'There are lemons.');
    assert.equal(new Date(message.receivedAt).toJSON(), message.receivedAt);
    await afterTest();
    assert.deepEqual(await server.leases(), []);
  });

  test('a long wait is many short tasks', async () => {
    const { phoneNumber } = await commands.sms();
    durations.length = 0;
    const wait = commands.waitForCode({ timeout: 20_000 });
    setTimeout(() => server.post(phoneNumber, CODE('333333')), 5_000);
    assert.equal(await wait, '333333');
    assert.ok(durations.length >= 3);
    assert.ok(Math.max(...durations) < 3_000);
    await afterTest();
  });

  test('errors say what did arrive', async () => {
    const { phoneNumber } = await commands.sms();
    await server.post(phoneNumber, CODE('444444'));
    await assert.rejects(commands.waitForCode({ service: 'Google', timeout: 1_000 }), /^Error: TimeoutError: no code of Google arrived at …\d{4} within 1 s; what did arrive: a code of GitHub \(\d+ s ago\)$/);
    assert.throws(() => commands.waitForCode({ match: () => true }), /^TypeError: match: /);
    await afterTest();
  });

  test('what a stopped test left behind is released for the next one', async () => {
    const others = smsTasks({ url: server.url, apiKey: server.apiKey, country: 'US' });
    for (let n = 0; n < 2; n += 1) {
      const { state } = await others['otpwire:lease']({ key: `${n}`, options: {} });
      assert.equal(state, 'done');
      assert.equal((await server.leases()).length, 1);
    }
    await others['otpwire:release']((await server.leases())[0].id);
  });
});
