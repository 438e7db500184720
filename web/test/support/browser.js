// Chromium, and what is done on every page.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
export const PHONE = { width: 390, height: 844 };
export const DESKTOP = { width: 1280, height: 800 };

export async function launch() {
  const executablePath = process.env.CHROMIUM;
  if (!executablePath) throw new Error('CHROMIUM is not set: run scripts/check-web');
  // The sandbox of Chromium does not run as root.
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
}

/** A window of its own, with cookies of its own. Whatever goes wrong in its pages is collected in `problems`. */
export async function openWindow(browser, options = {}) {
  const context = await browser.newContext({ viewport: DESKTOP, permissions: ['clipboard-read', 'clipboard-write'], ...options });
  const problems = [];
  context.setDefaultTimeout(15_000);
  context.on('page', (page) => {
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => {
      // A server that is down, or refuses, is what some tests are about.
      if (message.type() === 'error' && !/Failed to load resource|WebSocket connection|net::ERR/.test(message.text())) problems.push(message.text());
    });
    page.on('dialog', (dialog) => {
      problems.push(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
  });
  return Object.assign(context, { problems });
}

export async function signIn(page, server, { email, password }, path = '/') {
  await page.goto(server.url + path);
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await live(page);
}

/** Waits until the page is connected. */
export async function live(page) {
  await page.locator('.connection.live').waitFor({ state: 'attached' });
}

/** The card of a message with a code. */
export function card(page, code) {
  return page.locator('.message').filter({ has: page.locator('.code', { hasText: code }) });
}

/** Checks that axe finds nothing, in light and dark. */
export async function checkAccessibility(page, what) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    // What is out of sight keeps the colours of before until it is seen; axe looks at it all the same.
    await page.evaluate(() => document.querySelectorAll('.message').forEach((message) => (message.style.contentVisibility = 'visible')));
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    // The policy of the page lets nothing in; the debugger does.
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 2).map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary}`).join(' | ')}`);
    assert.deepEqual(found, [], `${what} in ${colorScheme}`);
  }
  await page.emulateMedia({ colorScheme: null });
}

/** Checks that nothing is wider than the window. */
export async function checkWidth(page, what) {
  const [width, seen] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(width <= seen, `${what} is ${width} wide in a window of ${seen}`);
}

/** Keeps a picture of a screen, if a folder for them is given. */
export async function picture(page, name) {
  if (process.env.SCREENSHOTS) await page.screenshot({ path: `${process.env.SCREENSHOTS}/${name}.png` });
}
