// Measures how long after the webhook's 200 a code is on the screen, in Chromium, on the real program. It shares this
// machine with the server, the database and whoever posts. `npm run latency`; in the environment: MESSAGES, RATE (a
// second), BACKEND (`sqlite` or `postgres`), OTPWIRE_PROGRAM and CHROMIUM.

import { existsSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { setTimeout as passing } from 'node:timers/promises';

const MESSAGES = Number(process.env.MESSAGES ?? 1_000);
const RATE = Number(process.env.RATE ?? 10);
const BACKEND = process.env.BACKEND ?? 'sqlite';
/** What comes first warms up the page and the server, and does not count. */
const WARM_UP = 20;
/** A code that is not there this long after the last webhook is missing, in milliseconds. */
const PATIENCE = 10_000;

const root = join(import.meta.dirname, '../..');
process.env.OTPWIRE_PROGRAM ??= join(root, 'target/release/otpwire');
process.env.CHROMIUM ??= ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
if (!existsSync(process.env.OTPWIRE_PROGRAM)) throw new Error(`${process.env.OTPWIRE_PROGRAM} is missing: cargo build --release`);
const { launch, openWindow, signIn } = await import('./support/browser.js');
const { startServer } = await import('./support/servers.js');

/** The time of the clock that all processes of a machine share, finer than a millisecond. */
const now = () => performance.timeOrigin + performance.now();

/** Runs in the page: notes when each code is on the screen, which is when the frame that has it has been painted. */
function watchScreen() {
  window.shownAt = {};
  const note = () => {
    const codes = [...document.querySelectorAll('.message .code')].map(({ textContent }) => textContent);
    const fresh = codes.filter((code) => !(code in window.shownAt));
    for (const code of fresh) window.shownAt[code] = null;
    if (fresh.length === 0) return;
    requestAnimationFrame(() => {
      // A message to oneself arrives when the frame is done.
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        for (const code of fresh) window.shownAt[code] = performance.timeOrigin + performance.now();
      };
      port2.postMessage(null);
    });
  };
  new MutationObserver(note).observe(document.body, { childList: true, subtree: true, characterData: true });
}

const browser = await launch();
const server = await startServer(BACKEND);
try {
  const renter = await server.renter();
  const window = await openWindow(browser);
  const page = await window.newPage();
  await signIn(page, server, renter);
  await page.evaluate(watchScreen);

  const answeredAt = new Map();
  const posts = [];
  const start = now();
  for (let n = 0; n < WARM_UP + MESSAGES; n += 1) {
    // At random times, so that they do not keep step with the frames of the screen.
    await passing(Math.max(0, start + ((n + Math.random()) * 1_000) / RATE - now()));
    const code = `${100_000 + n}`;
    const post = server.post(renter.number.phoneNumber, `${code} is your GitHub authentication code.`);
    posts.push(post.then(() => answeredAt.set(code, now())));
  }
  await Promise.all(posts);
  const allShown = () => Object.values(window.shownAt).filter(Boolean).length;
  for (let waited = 0; waited < PATIENCE && (await page.evaluate(allShown)) < posts.length; waited += 100) await passing(100);

  const shownAt = await page.evaluate(() => window.shownAt);
  const counted = [...answeredAt].slice(WARM_UP);
  const missing = counted.filter(([code]) => !shownAt[code]);
  const times = counted.filter(([code]) => shownAt[code]).map(([code, time]) => shownAt[code] - time).sort((a, b) => a - b);
  const percentile = (share) => `${times[Math.min(times.length - 1, Math.floor(times.length * share))].toFixed(1)} ms`;
  console.log(`${times.length} codes on the screen at ${RATE} a second, ${BACKEND}, load average ${loadavg()[0].toFixed(1)}`);
  console.log(`after the 200: median ${percentile(0.5)}, p95 ${percentile(0.95)}, p99 ${percentile(0.99)}, worst ${percentile(1)}`);
  if (missing.length > 0) throw new Error(`${missing.length} codes did not appear, such as ${missing[0][0]}`);
  if (window.problems.length > 0) throw new Error(window.problems.join('\n'));
} finally {
  await browser.close();
  await server.stop();
}
