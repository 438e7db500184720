// The explorer at /graphql, used in a browser.

import assert from 'node:assert/strict';
import { randomInt, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';

import { chromium } from 'playwright-core';

import { execute, send, url } from './support.mjs';

const BROWSER = process.env.CHROMIUM || '/usr/bin/chromium';
const ARGUMENTS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];
const SELECT_ALL = 'ControlOrMeta+A';
const PASSWORD = 'correct horse battery';
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

let browser;
let page;
let problems;

before(async () => {
  assert.ok(existsSync(BROWSER), `${BROWSER} is missing: apt-get install chromium, or set CHROMIUM to where it is`);
  browser = await chromium.launch({ executablePath: BROWSER, args: ARGUMENTS });
});
after(() => browser?.close());

beforeEach((test) => open(test.name.includes('phone') ? PHONE : {}));

/** Opens the explorer in a window of its own. */
async function open(options) {
  const context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'], ...options });
  problems = [];
  const { host } = new URL(url);
  const checkHost = (address) => {
    if (!address.startsWith('data:') && new URL(address).host !== host) problems.push(`a request to ${address}`);
  };
  context.on('request', (request) => checkHost(request.url()));
  context.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  context.on('weberror', (error) => problems.push(`${error.error()}`));
  page = await context.newPage();
  page.on('websocket', (socket) => checkHost(socket.url()));
  await page.goto(url);
  await editor('.graphiql-query-editor').getByText('Welcome to otpwire.').waitFor();
}
afterEach(async () => {
  await page.context().close();
  assert.deepEqual(problems, []);
});

/** The lines of the editor in a part of the page. */
function editor(part) {
  return page.locator(`${part} .graphiql-editor:not(.hidden) .view-lines`);
}
const operations = () => editor('.graphiql-query-editor');
const headers = () => editor('.graphiql-editor-tool');
const response = () => page.locator('.result-window .view-lines');

/** The content of an editor, read by copying it. */
async function copy(lines) {
  await lines.click();
  await page.keyboard.press(SELECT_ALL);
  await page.keyboard.press('ControlOrMeta+C');
  return page.evaluate(() => navigator.clipboard.readText());
}

/** Replaces the content of an editor, by pasting. */
async function write(lines, text) {
  await page.evaluate((text) => navigator.clipboard.writeText(text), text);
  await lines.click();
  await page.keyboard.press(SELECT_ALL);
  await page.keyboard.press('ControlOrMeta+V');
}

/** Scrolls what is in a part of the window, as a finger does. */
async function scroll({ x, y, width, height }, distance) {
  const debugging = await page.context().newCDPSession(page);
  const middle = { x: Math.round(x + width / 2), y: Math.round(y + height / 2) };
  for (let done = 0; done < distance; done += 100) {
    const touch = (type, moved) => debugging.send('Input.dispatchTouchEvent',
      { type, touchPoints: type === 'touchEnd' ? [] : [{ ...middle, y: middle.y + 50 - moved }] });
    await touch('touchStart', 0);
    for (const moved of [25, 50, 75, 100]) await touch('touchMove', moved);
    await touch('touchEnd');
  }
}

/** Runs one of the operations, and waits for a text in the response pane. */
async function run(name, expected) {
  await page.getByRole('button', { name: /^Execute query/ }).click();
  await page.getByRole('menuitem', { name }).click();
  await response().filter({ hasText: expected }).waitFor();
}

/** Registers a new user; returns the email address. */
async function register() {
  const input = { email: `${randomUUID()}@example.com`, password: PASSWORD };
  await execute('mutation ($input: RegisterInput!) { register(input: $input) { user { id } } }', { input });
  return input.email;
}

/** Logs a new user in with the prepared operation, and sets the returned token as a header. */
async function signIn() {
  const text = (await copy(operations())).replace('email: ""', `email: "${await register()}"`);
  await write(operations(), text.replace('password: ""', `password: "${PASSWORD}"`));
  await run('LogIn', 'expiresAt');
  const { accessToken } = JSON.parse(await copy(response())).data.logIn;
  await write(headers(), JSON.stringify({ Authorization: `Bearer ${accessToken}` }));
  return accessToken;
}

/** Sets the subscription's cursor to the end of the inbox, so that it misses no message from now on. */
async function watchFromNow(token) {
  const { messages } = await execute('{ messages { latestCursor } }', {}, token);
  const text = await copy(operations());
  await write(operations(), text.replace('messageReceived {', `messageReceived(after: "${messages.latestCursor}") {`));
}

describe('the explorer', () => {
  test('logs in, rents a number and shows a code as it arrives', async () => {
    const token = await signIn();
    await run('Rent', 'phoneNumber');
    const { phoneNumber } = JSON.parse(await copy(response())).data.assignPhoneNumber.phoneNumber;
    await watchFromNow(token);
    const code = `${randomInt(100_000, 1_000_000)}`;
    const shown = run('Watch', `Your code is ${code}.`);
    await send(phoneNumber, `Your code is ${code}.`);
    await shown;
    await page.getByRole('button', { name: /^Stop query/ }).click();

    const kept = await page.evaluate(() => ({ ...localStorage, ...sessionStorage }));
    assert.match(kept['graphiql:queries'], /Watch/, 'the history keeps the operation');
    assert.ok(!kept['graphiql:queries'].includes(token), 'the history does not keep the token');
    assert.ok(!JSON.stringify(await page.evaluate(() => ({ ...localStorage }))).includes(token), 'nothing outlives the tab');
  });

  test('shows why a socket closes, and opens the next one with the current token', async () => {
    const token = await signIn();
    await run('Rent', 'phoneNumber');
    const { phoneNumber } = JSON.parse(await copy(response())).data.assignPhoneNumber.phoneNumber;
    await watchFromNow(token);
    await write(headers(), '{ "Authorization": "Bearer nonsense" }');
    await run('Watch', '4403 Forbidden: ');
    await write(headers(), JSON.stringify({ Authorization: `Bearer ${token}` }));
    const shown = run('Watch', 'Hello again.');
    await send(phoneNumber, 'Hello again.');
    await shown;
  });

  test('shows the documentation of the schema', async () => {
    await page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
    const docs = page.getByRole('region', { name: 'Documentation Explorer' });
    await docs.getByRole('link', { name: 'Query', exact: true }).click();
    await docs.getByText('The countries that there are numbers of.').waitFor();
    await docs.getByRole('link', { name: 'messages', exact: true }).waitFor();
  });

  test('marks errors, and formats valid documents', async () => {
    await write(operations(), '{ countries { code shoeSize } }');
    await page.locator('.graphiql-query-editor .squiggly-error').waitFor();
    await write(headers(), '{"accept": nonsense}');
    await page.locator('.graphiql-editor-tool .squiggly-error').first().waitFor();

    await write(operations(), '{ countries { code } } # all of them');
    await write(headers(), '{"accept":"application/json"}');
    await page.getByRole('button', { name: /^Prettify query/ }).click();
    await operations().locator('.view-line').nth(3).waitFor();
    assert.equal(await copy(operations()), '{\n  countries {\n    code\n  }\n} # all of them\n');
    assert.equal(await copy(headers()), '{\n  "accept": "application/json"\n}');
  });

  test('is used on a phone by touch', async () => {
    const tap = (name) => page.getByRole('button', { name }).tap();
    const type = async (name, text) => {
      await operations().tap();
      await page.keyboard.press(SELECT_ALL);
      await page.keyboard.insertText(text);
      // GraphiQL takes a moment to read it, and would run the operation of before.
      await page.getByRole('tab', { name }).waitFor();
    };
    const box = (part) => page.locator(part).boundingBox();
    const token = await page.evaluate(async ([email, password]) => {
      // Whoever is signed in on the page of this server is signed in here.
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch('/session', { method: 'POST', headers, body: JSON.stringify({ email, password }) });
      return (await answer.json()).access_token;
    }, [await register(), PASSWORD]);
    await page.reload();
    await operations().getByText('Welcome to otpwire.').waitFor();

    // The answer is below the operation, all of it in the window, and nothing is wider than that.
    const [editors, answer, bar] = await Promise.all(['.graphiql-editors', '.graphiql-response', '.graphiql-sidebar'].map(box));
    const { width, height } = PHONE.viewport;
    assert.ok(editors.height > 250 && answer.height > 200, `panes of ${editors.height} and ${answer.height}`);
    assert.ok(editors.width > 0.9 * width && answer.width > 0.9 * width, `panes ${editors.width} and ${answer.width} wide`);
    assert.ok(editors.y + editors.height <= answer.y && answer.y + answer.height <= bar.y && bar.y + bar.height <= height);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width);

    // The prepared operations are reached by touch, and so is a text that is written.
    await tap(/^Execute query/);
    await page.getByRole('menuitem', { name: 'Rent' }).tap();
    await response().filter({ hasText: 'expiresAt' }).waitFor();
    const rented = JSON.parse(await copy(response())).data.assignPhoneNumber.phoneNumber;
    await type('Mine', 'query Mine { phoneNumbers(filter: { status: ASSIGNED }) { nodes { phoneNumber } } }');
    await tap(/^Execute query/);
    await response().filter({ hasText: rented.phoneNumber }).waitFor();

    // A live list, the newest on top, which scrolls by touch.
    const { messages } = await execute('{ messages { latestCursor } }', {}, token);
    await type('Texts',
      `subscription Texts { messageReceived(after: "${messages.latestCursor}") { message { messageContent } } }`);
    await tap(/^Execute query/);
    const texts = [1, 2, 3, 4, 5, 6].map((n) => `Text ${n}`);
    for (const text of texts) {
      await send(rented.phoneNumber, text);
      await response().filter({ hasText: text }).waitFor();
    }
    const top = async (text) => (await response().getByText(text).boundingBox()).y;
    assert.ok((await top(texts.at(-1))) < (await top(texts.at(-2))));
    assert.equal(await response().filter({ hasText: texts[0] }).count(), 0, 'it is further below');
    await scroll(answer, 2_000);
    await response().filter({ hasText: texts[0] }).waitFor();
    await tap(/^Stop query/);

    // Headers and variables take a part of the pane, and the documentation takes the place of both.
    await tap('Headers');
    assert.ok((await box('.graphiql-editor-tool')).height > 60);
    await tap('Show Documentation Explorer');
    const docs = page.getByRole('region', { name: 'Documentation Explorer' });
    await docs.getByRole('link', { name: 'Query', exact: true }).tap();
    await docs.getByText('The countries that there are numbers of.').waitFor();
    assert.ok((await docs.boundingBox()).width > 0.8 * width);
    await tap('Hide Documentation Explorer');
    await operations().waitFor();
  });
});
