// An administrator, in the console.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { checkAccessibility, checkWidth, DESKTOP, launch, live, openWindow, PHONE, picture, signIn } from '../support/browser.js';
import { ADMIN, startServer } from '../support/servers.js';

const backend = process.env.BACKEND ?? 'sqlite';

describe(`the operator's console, on ${backend}`, { concurrency: false }, () => {
  let server, browser, window, page, renter;
  before(async () => {
    server = await startServer(backend);
    browser = await launch();
    renter = await server.renter();
    window = await openWindow(browser);
    page = await window.newPage();
    await signIn(page, server, ADMIN);
  });
  after(async () => {
    assert.deepEqual(window?.problems, []);
    await browser?.close();
    await server?.stop();
  });
  const go = async (screen) => {
    await page.goto(server.url + screen);
    await live(page);
    await page.getByRole('heading', { level: 1 }).waitFor();
  };

  test('others are told that it is not for them', async () => {
    const other = await openWindow(browser);
    const theirs = await other.newPage();
    await signIn(theirs, server, renter, '/console');
    await theirs.getByRole('heading', { name: 'This is for administrators' }).waitFor();
    assert.equal(await theirs.getByRole('link', { name: 'Console' }).count(), 0);
    await other.close();
  });

  test('a provider is added, tested and given a new secret', async () => {
    await go('/console/providers');
    await page.getByRole('button', { name: 'Add a provider' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Provider').selectOption('TWILIO');
    await checkAccessibility(page, 'adding a provider');
    await picture(page, 'console-adding-a-provider-desktop');
    await dialog.getByLabel('Your own name for it').fill('twilio main');
    await dialog.getByLabel('Secret').fill('0123456789abcdef0123456789abcdef');
    await dialog.getByRole('button', { name: 'Add' }).click();
    await dialog.locator('[aria-invalid="true"][name="name"]').waitFor();
    await dialog.getByLabel('Your own name for it').fill('twilio-main');
    await dialog.getByRole('button', { name: 'Add' }).click();
    await dialog.getByText(`${server.url}/v1/webhooks/sms?provider=twilio-main`).waitFor();
    await dialog.getByRole('link', { name: 'Go on' }).click();
    await page.getByRole('heading', { name: 'twilio-main' }).waitFor();
    await page.getByLabel('New secret').fill('fedcba9876543210fedcba9876543210');
    await page.getByRole('button', { name: 'Replace' }).click();
    await page.getByText('The secret is replaced').waitFor();
    await page.getByLabel('Priority').fill('7');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The settings are saved').waitFor();
    const { providers } = await server.graphql('{ providers { nodes { name priority } } }', {}, await server.logIn(ADMIN));
    assert.deepEqual(providers.nodes, [{ name: 'sandbox', priority: 1 }, { name: 'twilio-main', priority: 7 }]);
    await go('/console/providers');
    await page.getByRole('link', { name: 'sandbox' }).click();
    await page.getByLabel('To', { exact: true }).fill(renter.number.phoneNumber);
    await page.getByRole('button', { name: 'Send it' }).click();
    await page.getByText('It is in the inbox of whoever rents the number.').waitFor();
  });

  test('numbers are imported after a dry run, and blocked', async () => {
    await go('/console/numbers');
    await page.getByRole('button', { name: 'Import numbers' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Provider').selectOption({ label: 'sandbox (sandbox)' });
    await dialog.getByLabel('Numbers').fill('number,country\n+33612345678\nnonsense\n+33612345678\n12345,FR\n+1 (212) 555-0199\n+999123456789');
    await dialog.getByText('Line 3').waitFor();
    await dialog.getByText('is the same as line 2').waitFor();
    await checkAccessibility(page, 'importing');
    await dialog.getByRole('button', { name: 'Import 4 numbers' }).click();
    await dialog.getByText('3 added, 0 were there already, 3 left out.').waitFor();
    await dialog.getByText('Line 7').waitFor();
    await dialog.getByRole('button', { name: 'Done' }).click();
    await page.getByLabel('Country').fill('fr');
    await page.getByRole('button', { name: 'Block +33 6 12 34 5678' }).or(page.getByRole('button', { name: /^Block \+33/ })).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Block the number' }).click();
    await page.getByRole('button', { name: /^Unblock \+33/ }).click();
    await page.getByRole('button', { name: /^Block \+33/ }).waitFor();
  });

  test('where is my SMS?', async () => {
    await server.post(renter.number.phoneNumber, 'Your code is 918273.');
    await server.post('+14155550099', 'Your code is 1234.');
    await go('/console/messages');
    await page.getByText('nobody had rented the number').first().waitFor();
    await page.getByLabel('Sent to').fill(renter.number.phoneNumber);
    await page.getByRole('button', { name: 'Look' }).click();
    await page.getByRole('row').filter({ hasText: 'received' }).first().waitFor();
    assert.equal(await page.getByText('918273').count(), 0, 'the text is its renter’s alone');
    await page.getByText('What the provider posted').first().click();
    const timeline = page.locator('details.timeline').first();
    await timeline.getByText('When it passed each stage').click();
    await timeline.getByText('committed', { exact: true }).waitFor();
    assert.deepEqual((await timeline.locator('dt').allTextContents()).slice(0, 3), ['received', 'verified', 'committed']);
    assert.match(await timeline.locator('dl > div').last().innerText(), /in all\s+[\d.]+ m?s/);
    await checkAccessibility(page, 'a report');
    await page.getByLabel('Sent to').fill('+14155550098');
    await page.getByRole('button', { name: 'Look' }).click();
    await page.getByRole('heading', { name: 'No report' }).waitFor();
  });

  test('users, patterns and the audit log', async () => {
    await go('/console/users');
    await page.getByPlaceholder('Part of an address').fill(renter.email.slice(0, -12));
    await page.getByText('1 user').waitFor();
    await page.getByLabel(`Plan of ${renter.email}`).selectOption('PREMIUM');
    await page.getByText(`${renter.email} is changed.`).waitFor();
    const { viewer } = await server.graphql('{ viewer { plan } }', {}, renter.token);
    assert.equal(viewer.plan, 'PREMIUM');
    await page.getByRole('button', { name: `Deactivate ${renter.email}` }).click();
    await page.getByRole('button', { name: `Activate ${renter.email}`, exact: true }).click();
    await page.getByRole('button', { name: `Deactivate ${renter.email}` }).waitFor();

    await go('/console/patterns');
    await page.getByRole('button', { name: 'Add a pattern' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Regular expression').fill('ticket (?<code>[A-Z]{4})');
    await dialog.getByLabel('A text to try it on').fill('Your ticket QXZW is ready');
    await dialog.getByRole('button', { name: 'Try it' }).click();
    await dialog.getByText('It finds QXZW.').waitFor();
    await dialog.getByLabel('Only of this sender').fill('TICKETS');
    await checkAccessibility(page, 'adding a pattern');
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByRole('cell', { name: 'sender TICKETS' }).waitFor();
    await page.getByRole('button', { name: /^Delete/ }).click();
    await page.getByRole('heading', { name: 'No pattern' }).waitFor();

    await go('/console/audit');
    await page.getByRole('cell', { name: 'user updated' }).first().waitFor();
    await page.getByLabel('What was done').selectOption('OTP_PATTERN_DELETED');
    await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 1);
  });

  test('every screen is accessible and fits, on a phone and on a desktop', async () => {
    for (const [name, size] of [['desktop', DESKTOP], ['phone', PHONE]]) {
      await page.setViewportSize(size);
      for (const screen of ['', '/providers', '/providers/prv_1', '/numbers', '/messages', '/users', '/invitations', '/patterns', '/blocked-senders', '/audit']) {
        await go(`/console${screen}`);
        await page.locator('.skeletons').waitFor({ state: 'detached' });
        await checkAccessibility(page, `the console${screen}`);
        await checkWidth(page, `the console${screen}`);
        await picture(page, `console${screen.replace(/\W/g, '-')}-${name}`);
      }
    }
  });
});
