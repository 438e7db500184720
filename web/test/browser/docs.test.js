// The page of the REST API, /v1/docs.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, openWindow, picture } from '../support/browser.js';
import { startServer } from '../support/servers.js';

const GUEST_LIMIT = 10;
let browser;
let server;

before(async () => {
  browser = await launch();
  server = await startServer(process.env.BACKEND, { OTPWIRE_REQUESTS_PER_MINUTE_GUEST: `${GUEST_LIMIT}` });
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** Opens the page, and what it says of an operation. */
async function openDocs() {
  const window = await openWindow(browser);
  const page = await window.newPage();
  await page.goto(`${server.url}/v1/docs`);
  const operation = async (method, path) => {
    const block = page.locator(`.opblock-${method}`).filter({ has: page.locator(`[data-path="${path}"]`) });
    await block.locator('.opblock-summary-control').click();
    await block.locator('.opblock-body').waitFor();
    return block;
  };
  return { window, page, operation };
}

test('filters are empty until somebody fills them in', async () => {
  const { window, page, operation } = await openDocs();
  for (const path of ['/numbers', '/messages', '/messages/wait']) {
    const block = await operation('get', path);
    await block.getByRole('button', { name: 'Try it out' }).click();
    const fields = block.locator('.parameters tbody tr');
    const values = await fields.evaluateAll((rows) => rows.map((row) => {
      const field = row.querySelector('input, select');
      return [row.dataset.paramName, field.value];
    }));
    const filled = values.filter(([name, value]) => value !== '' && !['limit', 'offset', 'timeout'].includes(name));
    assert.ok(values.length > 3 && filled.length === 0, `${path}: ${JSON.stringify(values)}`);
  }
  const numbers = page.locator('.opblock-get').filter({ has: page.locator('[data-path="/numbers"]') });
  await numbers.getByText('For example US.').waitFor();
  await picture(page, 'docs');

  // What is executed has no filter either.
  const request = page.waitForRequest((request) => request.url().includes('/v1/numbers?'));
  await numbers.getByRole('button', { name: 'Execute' }).click();
  assert.deepEqual([...new URL((await request).url()).searchParams.keys()].sort(), ['limit', 'offset']);
  assert.deepEqual(window.problems, []);
  await window.close();
});

test('a stream is shown as one, with what to run instead', async () => {
  const { window, page, operation } = await openDocs();
  const stream = await operation('get', '/messages/stream');
  await stream.locator('.opblock-summary').getByText('(a stream: text/event-stream)').waitFor();
  await stream.getByText('This answer does not end').waitFor();
  await stream.getByText(`curl -N -H "Authorization: Bearer …" ${server.url}/v1/messages/stream`).waitFor();
  assert.equal(await stream.getByRole('button', { name: 'Try it out' }).count(), 0);
  await picture(page, 'docs-stream');
  assert.deepEqual(window.problems, []);
  await window.close();
});

test('a guest who reads the page has all requests left', async () => {
  // Their requests of the other tests are a minute ago for nobody: this one is a guest of another server.
  const fresh = await startServer('sqlite', { OTPWIRE_REQUESTS_PER_MINUTE_GUEST: `${GUEST_LIMIT}` });
  const window = await openWindow(browser);
  const page = await window.newPage();
  for (let visit = 0; visit < 3; visit += 1) {
    await page.goto(`${fresh.url}/v1/docs`);
    await page.locator('.opblock').first().waitFor();
  }
  const statuses = [];
  for (let n = 0; n <= GUEST_LIMIT; n += 1) statuses.push((await fetch(`${fresh.url}/v1/numbers`)).status);
  assert.deepEqual(statuses, [...Array(GUEST_LIMIT).fill(401), 429]);
  await window.close();
  await fresh.stop();
});
