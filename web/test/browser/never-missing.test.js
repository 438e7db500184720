// Whatever happens to the connection, the inbox shows every message once and in order.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as passing } from 'node:timers/promises';
import { launch, live, openWindow, signIn } from '../support/browser.js';
import { startServer } from '../support/servers.js';

const backend = process.env.BACKEND ?? 'sqlite';

/** The codes on a page, newest first. */
const codes = (page) => page.locator('.message .code').allTextContents();

/** Waits until a page shows exactly the codes that the inbox has. */
async function shows(page, expected) {
  await page.waitForFunction((count) => document.querySelectorAll('.message').length >= count, expected.length, { timeout: 60_000 });
  assert.deepEqual(await codes(page), expected);
}

describe(`never missing a message, on ${backend}`, { concurrency: false }, () => {
  let server, browser;
  before(async () => {
    server = await startServer(backend);
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  const inbox = async (token) => {
    const { messages } = await server.graphql('{ messages(first: 100) { nodes { otp { code } } } }', {}, token);
    return messages.nodes.map(({ otp }) => otp.code);
  };
  let number = 100_000;
  const send = async (renter, count) => {
    for (let n = 0; n < count; n += 1) await server.post(renter.number.phoneNumber, `Your code is ${(number += 1)}.`);
  };

  test('a server that is killed under load, with twelve tabs', { timeout: 240_000 }, async () => {
    const renter = await server.renter();
    const window = await openWindow(browser);
    const first = await window.newPage();
    await signIn(first, server, renter);
    const tabs = [first, ...(await Promise.all(Array.from({ length: 11 }, () => window.newPage())))];
    for (const tab of tabs.slice(1)) await tab.goto(server.url);
    for (const tab of tabs) await live(tab);
    const sending = Promise.all(Array.from({ length: 4 }, () => send(renter, 15)));
    await passing(200);
    await server.kill();
    await first.locator('.connection.waiting, .connection.connecting').waitFor({ state: 'attached' });
    await server.run();
    await sending;
    const expected = await inbox(renter.token);
    assert.equal(expected.length, 60);
    for (const tab of tabs) await shows(tab, expected);
    assert.deepEqual(window.problems, []);
    await window.close();
  });

  test('a network that is away', async () => {
    const renter = await server.renter();
    const window = await openWindow(browser);
    const page = await window.newPage();
    await signIn(page, server, renter);
    await send(renter, 2);
    await shows(page, await inbox(renter.token));
    await window.setOffline(true);
    await page.locator('.connection.offline').waitFor({ state: 'attached' });
    await server.kill();
    await server.run();
    await send(renter, 3);
    assert.equal((await codes(page)).length, 2);
    await window.setOffline(false);
    await shows(page, await inbox(renter.token));
    assert.deepEqual(window.problems, []);
    await window.close();
  });

  test('a token that ends', async () => {
    const renter = await server.renter();
    const window = await openWindow(browser);
    const page = await window.newPage();
    let answers = 0;
    // The page takes its token to be good for an hour. The first ones are good for three seconds.
    await page.route(/\/session(\/refresh)?$/, async (route) => {
      const response = await route.fetch();
      if (response.status() !== 200 || (answers += 1) > 2) return route.fulfill({ response });
      const body = await response.json();
      return route.fulfill({ response, json: { ...body, access_token: server.shortToken(body.access_token, 3), expires_in: 3600 } });
    });
    await signIn(page, server, renter);
    for (let n = 0; n < 8; n += 1) {
      await send(renter, 1);
      await passing(1000);
    }
    await shows(page, await inbox(renter.token));
    assert.ok(answers >= 3, `${answers} tokens`);
    assert.deepEqual(window.problems, []);
    await window.close();
  });

  test('messages that have expired meanwhile', async () => {
    const renter = await server.renter();
    const window = await openWindow(browser);
    const page = await window.newPage();
    await signIn(page, server, renter);
    await send(renter, 1);
    await shows(page, await inbox(renter.token));
    // As the server refuses a cursor whose successors are gone.
    await page.routeWebSocket(/\/graphql$/, (socket) => {
      const upstream = socket.connectToServer();
      let isFirst = true;
      socket.onMessage((frame) => {
        const message = JSON.parse(frame);
        if (isFirst && message.payload?.variables?.after) {
          isFirst = false;
          const errors = [{ message: 'the messages after this cursor have expired', extensions: { code: 'CURSOR_EXPIRED' } }];
          socket.send(JSON.stringify({ type: 'error', id: message.id, payload: errors }));
        } else upstream.send(frame);
      });
    });
    await server.kill();
    await server.run();
    await send(renter, 1);
    await page.getByText('have expired since').waitFor();
    await shows(page, await inbox(renter.token));
    await page.getByRole('button', { name: 'All right' }).click();
    await window.close();
  });

  test('a page that comes back from sleep with a dead socket', async () => {
    const renter = await server.renter();
    const window = await openWindow(browser);
    const page = await window.newPage();
    // The socket is open, and silent from some time on, as after sleep.
    let isSilent = false;
    await page.routeWebSocket(/\/graphql$/, (socket) => {
      const isOld = !isSilent;
      const upstream = socket.connectToServer();
      upstream.onMessage((frame) => isOld && isSilent ? undefined : socket.send(frame));
    });
    await signIn(page, server, renter);
    isSilent = true;
    await send(renter, 2);
    // The next ping is not answered.
    await page.waitForFunction(() => document.querySelectorAll('.message').length === 2, null, { timeout: 40_000 });
    await shows(page, await inbox(renter.token));
    await window.close();
  });

  test('the link of the demo signs in, and codes are arriving', async () => {
    const { spawn } = await import('node:child_process');
    const demo = spawn(process.env.OTPWIRE_PROGRAM, ['demo', '--listen', '127.0.0.1:0', '--every', '0.5'], { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    demo.stdout.on('data', (data) => (text += data));
    const window = await openWindow(browser);
    const page = await window.newPage();
    try {
      let link;
      while (!(link = /^ *(http\S+#sign-in=\S+)$/m.exec(text)?.[1])) await passing(50);
      await page.goto(link);
      await page.locator('.message .code').nth(1).waitFor();
      assert.doesNotMatch(page.url(), /sign-in/);
      // Once.
      const other = await openWindow(browser);
      const again = await other.newPage();
      await again.goto(link);
      await again.getByText('That link was used before').waitFor();
      await other.close();
    } finally {
      demo.kill('SIGTERM');
      await window.close();
    }
  });
});
