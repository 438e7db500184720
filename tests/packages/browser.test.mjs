// @otpwire/client in Chromium, without a bundler.

import assert from 'node:assert/strict';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { chromium } from '@playwright/test';
import { startServer } from './support/server.mjs';

test('the client works in a browser', async (t) => {
  const server = await startServer();
  const executablePath = process.env.CHROMIUM;
  const browser = await chromium.launch({ ...(executablePath && { executablePath }), args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
  t.after(async () => {
    await browser.close();
    await server.stop();
  });
  const page = await browser.newPage();
  const dist = dirname(fileURLToPath(import.meta.resolve('@otpwire/client')));
  await page.route('**/client/*.js', (route) => route.fulfill({ path: join(dist, basename(new URL(route.request().url()).pathname)), contentType: 'text/javascript' }));
  await page.route('**/blank', (route) => route.fulfill({ body: '<!doctype html>', contentType: 'text/html' }));
  await page.goto(`${server.url}/blank`);

  const { name } = await server.pool(1);
  const number = await page.evaluate(async ({ apiKey, pool }) => {
    const { Otpwire } = await import('/client/index.js');
    globalThis.lease = await new Otpwire({ url: location.origin, apiKey }).lease({ pool });
    return globalThis.lease.phoneNumber;
  }, { apiKey: server.apiKey, pool: name });
  const code = page.evaluate(() => globalThis.lease.waitForCode());
  await server.post(number, '111111 is your GitHub verification code.');
  assert.equal(await code, '111111');
  const error = await page.evaluate(() => globalThis.lease.waitForCode({ timeout: 0 }).catch(({ code, message }) => ({ code, message })));
  assert.equal(error.code, 'TIMEOUT');
  await page.evaluate(() => globalThis.lease.release());
  assert.deepEqual(await server.leases(), []);
});
