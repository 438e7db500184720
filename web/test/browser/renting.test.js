// A renter, from registering to the last message.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { card, checkAccessibility, checkWidth, DESKTOP, launch, live, openWindow, PHONE, picture, signIn } from '../support/browser.js';
import { HOSTILE } from '../support/hostile.js';
import { startServer } from '../support/servers.js';

const backend = process.env.BACKEND ?? 'sqlite';

describe(`renting and watching, on ${backend}`, { concurrency: false }, () => {
  let server, browser, window, page;
  before(async () => {
    server = await startServer(backend);
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });
  const open = async (options) => {
    window = await openWindow(browser, options);
    page = await window.newPage();
    return page;
  };
  afterEach(async () => {
    assert.deepEqual(window?.problems ?? [], []);
    await window?.close();
    window = undefined;
  });

  test('somebody registers, verifies, rents a number, and sees and copies a code', async () => {
    await open();
    const email = `new-${Date.now()}@example.com`;
    await page.goto(server.url);
    await page.getByRole('link', { name: 'Make an account' }).click();
    await checkAccessibility(page, 'registering');
    await page.getByLabel('E-mail').fill('nonsense');
    await page.getByLabel('Password').fill('correct horse battery');
    await page.getByRole('button', { name: 'Make the account' }).click();
    await page.getByText('Must be an e-mail address').waitFor();
    assert.equal(await page.getByLabel('E-mail').getAttribute('aria-invalid'), 'true');
    await page.getByLabel('E-mail').fill(email);
    await page.getByRole('button', { name: 'Make the account' }).click();
    await live(page);

    await page.getByRole('heading', { name: 'Rent a number first' }).waitFor();
    await checkAccessibility(page, 'an inbox without numbers');
    await page.locator('section').getByRole('button', { name: 'Rent a number' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('radio', { name: /Germany/ }).check();
    await checkAccessibility(page, 'renting in a dialog');
    await picture(page, 'renting-desktop');
    await dialog.getByRole('button', { name: 'Rent a number' }).click();
    await page.getByRole('heading', { name: 'Waiting for a code' }).waitFor();
    await checkAccessibility(page, 'an inbox that waits');

    await server.post('+4915123456789', '482913 is your GitHub verification code.');
    const message = card(page, '482913');
    await message.waitFor();
    await message.getByRole('button', { name: 'Copy the code of GitHub' }).click();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), '482913');
    await page.locator('.message.is-read').waitFor();

    await page.goto(`${server.url}/verify-email#token=nonsense`);
    await page.getByText('The link is not valid').waitFor();
    assert.equal(new URL(page.url()).hash, '');
    await checkAccessibility(page, 'verifying an address');
  });

  test('nobody is told that there are no numbers before it is known', async () => {
    const renter = await server.renter();
    await open();
    await signIn(page, server, renter);
    let answer;
    const held = new Promise((resolve) => (answer = resolve));
    await page.route('**/graphql', async (route) => {
      if (route.request().postData()?.includes('query Numbers')) await held;
      await route.continue();
    });
    await page.goto(`${server.url}/numbers`);
    await page.getByRole('status').getByText('Loading').waitFor({ state: 'attached' });
    assert.equal(await page.getByText('There are no numbers to rent').count(), 0);
    answer();
    await page.getByRole('radio', { name: /Germany/ }).waitFor({ state: 'attached' });
    await page.getByLabel(/^Note on/).waitFor();
  });

  // Without a mail server, mails are printed with SQLite alone.
  const skip = backend === 'postgres';
  test('the links of mails verify an address and set a new password', { skip }, async () => {
    const renter = await server.renter({ withNumber: false });
    await open();
    await page.goto(await server.mailed(renter.email, '/verify-email'));
    await page.getByRole('heading', { name: 'Your address is verified' }).waitFor();
    await page.getByRole('link', { name: 'Sign in' }).click();
    await page.getByRole('link', { name: 'Forgot your password?' }).click();
    await page.getByLabel('E-mail').fill(renter.email);
    await page.getByRole('button', { name: 'Send the mail' }).click();
    await page.getByRole('heading', { name: 'Look into your mail' }).waitFor();
    await page.goto(await server.mailed(renter.email, '/reset-password'));
    await page.getByLabel('New password').fill('a rather long one 7');
    await page.getByRole('button', { name: 'Set the password' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await signIn(page, server, { ...renter, password: 'a rather long one 7' });
    await page.goto(`${server.url}/account`);
    await page.getByText('this one').waitFor();
    assert.equal(await page.getByText('not verified').count(), 0);
  });

  test('a new password ends other sessions, and keys for programs where that is wished', async () => {
    await open();
    const renter = await server.renter();
    await signIn(page, server, renter);
    await page.goto(`${server.url}/account`);
    const keys = page.locator('section', { has: page.getByRole('heading', { name: 'Keys for programs' }) });
    await page.getByRole('button', { name: 'Make one' }).click();
    await page.getByLabel('Name', { exact: true }).fill('CI');
    await page.getByRole('button', { name: 'Make the key' }).click();
    await page.getByText('It is shown now and never again.').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await keys.getByText('CI', { exact: true }).waitFor();
    const change = async (current, next) => {
      await page.getByLabel('Current password').fill(current);
      await page.getByLabel('New password').fill(next);
      await page.getByRole('button', { name: 'Change the password' }).click();
    };
    await change(renter.password, 'a rather long one 7');
    await page.getByText('Every other session has ended.').waitFor();
    await keys.getByText('CI', { exact: true }).waitFor();
    await page.getByLabel('Revoke all keys for programs as well').check();
    await checkAccessibility(page, 'a new password');
    await change('a rather long one 7', 'a rather long one 8');
    await page.getByText('all keys for programs are revoked').waitFor();
    await keys.getByText('your password stays yours').waitFor();
    assert.equal(await keys.getByText('CI', { exact: true }).count(), 0);
  });

  test('the inbox: text, search, filters, keys, reading, deleting', async () => {
    const renter = await server.renter();
    await open();
    await signIn(page, server, renter);
    for (const [text, from] of [
      ['111222 is your GitHub verification code.', 'GitHub'],
      ['G-333444 is your Google verification code.', 'Google'],
      ['Hello, see https://example.com/a?b=c. Bye', '+447700900123'],
    ]) await server.post(renter.number.phoneNumber, text, from);
    await page.locator('.message').nth(2).waitFor();
    await page.getByText('Inbox', { exact: true }).first().waitFor();
    assert.match(await page.title(), /^\(3\) /);

    // Search and filters.
    await page.keyboard.press('/');
    await page.keyboard.type('google 333');
    await page.waitForFunction(() => document.querySelectorAll('.message').length === 1);
    await page.getByLabel('Search the messages').fill('nothing has this');
    await page.getByRole('heading', { name: 'Nothing fits' }).waitFor();
    await page.getByRole('button', { name: 'Show everything' }).click();
    await page.getByRole('button', { name: 'Filters' }).click();
    await page.getByLabel('Service').selectOption('GitHub');
    await page.waitForFunction(() => document.querySelectorAll('.message').length === 1);
    await checkAccessibility(page, 'filters');
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByLabel('Type').selectOption('SMS');
    await page.waitForFunction(() => document.querySelectorAll('.message').length === 1);
    await page.getByRole('button', { name: 'Clear' }).click();

    // Keys: the newest is the one without a code.
    await page.locator('h1').click();
    await page.keyboard.press('j');
    await page.keyboard.press('o');
    await page.locator('.message.open .text').waitFor();
    await page.locator('.message').first().locator('.unread-dot').waitFor({ state: 'detached' });
    await checkAccessibility(page, 'an open message');
    // A link is asked about and not followed.
    await page.getByRole('button', { name: 'https://example.com/a?b=c' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('example.com', { exact: true }).waitFor();
    const link = dialog.getByRole('link', { name: 'Open in a new tab' });
    assert.deepEqual([await link.getAttribute('href'), await link.getAttribute('rel')], ['https://example.com/a?b=c', 'noopener noreferrer']);
    await checkAccessibility(page, 'a link');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await page.locator('h1').click();
    await page.keyboard.press('j');
    await page.locator('.message:nth-child(2) article:focus').waitFor();
    await page.keyboard.press('c');
    await page.getByText('is copied.').waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), '333444');
    await page.keyboard.press('?');
    await page.getByRole('heading', { name: 'Keys' }).waitFor();
    await checkAccessibility(page, 'the keys');
    await page.keyboard.press('Escape');
    // Keys mean nothing to the inbox while a dialog is open.
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('#');
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.waitForFunction(() => document.querySelectorAll('.message').length === 2);
    await page.getByRole('button', { name: 'Mark all read' }).click();
    await page.waitForFunction(() => document.querySelectorAll('.message.unread').length === 0);
    const { messages } = await server.graphql('{ messages { nodes { isRead otp { code } } } }', {}, renter.token);
    assert.deepEqual(messages.nodes, [{ isRead: true, otp: null }, { isRead: true, otp: { code: '111222' } }]);
    await page.reload();
    await live(page);
    assert.equal(await page.locator('.message').count(), 2);
  });

  test('the channel of a message is said and chosen by', async () => {
    const renter = await server.renter();
    await open();
    await signIn(page, server, renter);
    await server.post(renter.number.phoneNumber, '111222 is your GitHub verification code.', 'GitHub');
    await page.locator('.message').first().waitFor();
    await page.getByRole('button', { name: 'Filters' }).click();
    assert.equal(await page.getByLabel('Channel').count(), 0);
    await server.post(renter.number.phoneNumber, '333444 is your Google verification code.', 'whatsapp:+447700900123');
    await page.locator('.message').filter({ hasText: 'by WhatsApp' }).waitFor();
    await page.getByLabel('Channel').selectOption('WhatsApp');
    await page.waitForFunction(() => document.querySelectorAll('.message').length === 1);
    await checkAccessibility(page, 'a channel');
  });

  test('on a phone, a number is rented beside messages of one that is gone', async () => {
    const renter = await server.renter();
    await server.post(renter.number.phoneNumber, '111222 is your GitHub verification code.', 'GitHub');
    await server.graphql(
      'mutation($input: ReleasePhoneNumberInput!) { releasePhoneNumber(input: $input) { phoneNumber { id } } }',
      { input: { phoneNumberId: renter.number.id } }, renter.token,
    );
    await open({ viewport: PHONE });
    await signIn(page, server, renter);
    await page.locator('.message').first().waitFor();
    await checkWidth(page, 'an inbox without a number');
    await page.getByRole('button', { name: 'Rent', exact: true }).click();
    await page.getByRole('dialog').waitFor();
  });

  test('numbers: a note, extending, releasing', async () => {
    const renter = await server.renter();
    await open();
    await signIn(page, server, renter, '/numbers');
    const number = page.locator('.card.number');
    await number.waitFor();
    await checkAccessibility(page, 'numbers');

    // Another device shows the note as it is written, and one that comes later too.
    const elsewhere = await openWindow(browser, { viewport: PHONE });
    const device = await elsewhere.newPage();
    await signIn(device, server, renter, '/numbers');
    const note = device.locator('.card.number').getByRole('textbox');
    assert.equal(await note.inputValue(), '');
    await number.getByRole('textbox').fill('for the tests');
    await number.getByRole('textbox').press('Tab');
    await device.waitForFunction(() => document.querySelector('.card.number input').value === 'for the tests');
    await device.goto(server.url);
    await device.locator('.number-list').getByText('for the tests').waitFor();
    await elsewhere.close();
    // What the server refuses stays, with the reason.
    await number.getByRole('textbox').fill('a\u0001b');
    await number.getByRole('textbox').press('Tab');
    await page.locator('.toast.error').waitFor();
    assert.equal(await number.getByRole('textbox').inputValue(), 'a\u0001b');
    await number.getByRole('textbox').fill('for the tests');
    await number.getByRole('textbox').press('Tab');
    const end = async () => Date.parse(await number.locator('time').getAttribute('datetime'));
    const before = await end();
    await number.getByRole('button', { name: 'Extend' }).click();
    await page.getByRole('dialog').getByRole('slider').fill('3');
    await checkAccessibility(page, 'extending');
    await page.getByRole('dialog').getByRole('button', { name: 'Extend' }).click();
    await page.waitForFunction((end) => Date.parse(document.querySelector('.card.number time').dateTime) === end, before + 3 * 3_600_000);
    await page.reload();
    await number.waitFor();
    assert.equal(await number.getByRole('textbox').inputValue(), 'for the tests');
    await number.getByRole('button', { name: 'Release' }).click();
    await checkAccessibility(page, 'releasing');
    await page.getByRole('dialog').getByRole('button', { name: 'Release the number' }).click();
    await page.getByRole('heading', { name: 'You rent no number yet' }).waitFor();
    // Another tab, or an administrator, is followed too.
    await server.graphql('mutation { assignPhoneNumber(input: { countryCode: "GB", durationHours: 1 }) { phoneNumber { id } } }', {}, renter.token);
    await page.getByRole('heading', { name: '+44 20 7946 0958' }).or(page.getByRole('heading', { name: /^\+44/ })).waitFor();
  });

  test('texts of strangers are never markup', async () => {
    const renter = await server.renter();
    await open();
    await signIn(page, server, renter);
    for (const text of HOSTILE) await server.post(renter.number.phoneNumber, text, '<b>Bank</b>\u202E');
    await page.locator('.message').nth(HOSTILE.length - 1).waitFor();
    for (const preview of await page.locator('.preview').all()) await preview.click();
    await page.locator('.message.open').nth(HOSTILE.length - 1).waitFor();
    assert.equal(await page.evaluate(() => window.hacked), undefined);
    const strange = await page.evaluate(() => {
      const allowed = new Set(['ARTICLE', 'SPAN', 'DIV', 'H2', 'BDI', 'P', 'TIME', 'BUTTON', 'svg', 'path', 'LI', 'OL']);
      return [...document.querySelectorAll('.messages, .messages *')].map(({ tagName }) => tagName).filter((name) => !allowed.has(name));
    });
    assert.deepEqual(strange, []);
    const links = await page.locator('.messages .link').allTextContents();
    assert.deepEqual(links.sort(), ['HTTPS://EVIL.example/Path', 'http://user:password@evil.example/%3Cscript%3E?a='].sort());
    const texts = await page.locator('.messages .text').allTextContents();
    for (const text of texts) assert.doesNotMatch(text, /[\u202A-\u202E\u2066-\u2069\u200B\uFEFF]/u);
    assert.ok(texts.some((text) => text.includes('U+202E')));
    assert.ok(texts.some((text) => text.includes('<script>window.hacked = 1</script>')));
    await checkWidth(page, 'a hostile inbox');
    await checkAccessibility(page, 'a hostile inbox');
    await page.setViewportSize(PHONE);
    await checkWidth(page, 'a hostile inbox on a phone');
  });

  test('every screen is accessible and fits, on a phone and on a desktop', async () => {
    const renter = await server.renter();
    await open();
    for (const [name, size] of [['desktop', DESKTOP], ['phone', PHONE]]) {
      await page.setViewportSize(size);
      for (const screen of ['/', '/register', '/forgot-password', '/reset-password', '/verify-email', '/nothing', '/v1/users/me']) {
        await page.goto(server.url + screen);
        await page.getByRole('heading', { level: 1 }).waitFor();
        await checkAccessibility(page, `${screen} for guests`);
        await checkWidth(page, screen);
        await picture(page, `guest${screen.replace(/\W/g, '-')}-${name}`);
      }
    }
    await signIn(page, server, renter);
    await server.post(renter.number.phoneNumber, '120934 is your GitHub verification code.');
    await server.post(renter.number.phoneNumber, 'Your code is 5521', '+447700900123');
    await page.locator('.message').nth(1).waitFor();
    for (const [name, size] of [['desktop', DESKTOP], ['phone', PHONE]]) {
      await page.setViewportSize(size);
      for (const screen of ['/', '/numbers', '/account']) {
        await page.goto(server.url + screen);
        await live(page);
        if (screen === '/') await page.locator('.message').first().waitFor();
        await checkAccessibility(page, screen);
        await checkWidth(page, screen);
        await picture(page, `user${screen.replace(/\W/g, '-')}-${name}`);
      }
    }
  });

  test('sessions: the cookie is hidden, other tabs follow, signing out everywhere', async () => {
    const renter = await server.renter();
    await open();
    await signIn(page, server, renter);
    const [cookie] = await window.cookies();
    assert.deepEqual([cookie.httpOnly, cookie.sameSite, cookie.path], [true, 'Strict', '/session']);
    assert.equal(await page.evaluate(() => document.cookie), '');
    const stored = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
    assert.doesNotMatch(stored, /eyJ|otpr_/);
    const other = await window.newPage();
    await other.goto(server.url);
    await live(other);
    await page.goto(`${server.url}/account`);
    await page.getByText('this one').waitFor();
    await page.getByRole('button', { name: 'Sign out everywhere' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await other.getByRole('heading', { name: 'Sign in' }).waitFor();
    assert.deepEqual(await window.cookies(), []);
    await assert.rejects(server.graphql('{ viewer { id } }', {}, renter.token), /SESSION_ENDED|UNAUTHENTICATED/);
  });
});
