// Who may come in: an administrator invites, somebody makes an account with the link, and nobody else can.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { checkAccessibility, launch, live, openWindow, picture, signIn } from '../support/browser.js';
import { ADMIN, startServer } from '../support/servers.js';

const backend = process.env.BACKEND ?? 'sqlite';

describe(`inviting, on ${backend}`, { concurrency: false }, () => {
  let server, browser, window, page;
  before(async () => {
    server = await startServer(backend, { OTPWIRE_REGISTRATION: 'invite' });
    browser = await launch();
    window = await openWindow(browser);
    page = await window.newPage();
  });
  after(async () => {
    assert.deepEqual(window?.problems, []);
    await browser?.close();
    await server?.stop();
  });

  test('without an invitation there is no form', async () => {
    await page.goto(`${server.url}/sign-in`);
    await page.getByText('Accounts are made by invitation.').waitFor();
    assert.equal(await page.getByRole('link', { name: 'Make an account' }).count(), 0);
    await page.goto(`${server.url}/register`);
    await page.getByRole('heading', { name: 'Accounts are made by invitation' }).waitFor();
    assert.equal(await page.getByLabel('Password').count(), 0);
    await checkAccessibility(page, 'being without an invitation');
  });

  test('an administrator invites, and the link makes an account', async () => {
    await signIn(page, server, ADMIN);
    await page.goto(`${server.url}/console/invitations`);
    await page.getByRole('button', { name: 'Invite somebody' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Good for days').fill('0');
    await dialog.getByRole('button', { name: 'Invite' }).click();
    await dialog.locator('[aria-invalid="true"][name="expiresInDays"]').waitFor();
    await dialog.getByLabel('Good for days').fill('3');
    await dialog.getByLabel('Their e-mail address').fill('ada@example.com');
    await dialog.getByLabel('Plan').selectOption('PREMIUM');
    await checkAccessibility(page, 'inviting');
    await picture(page, 'console-inviting-desktop');
    await dialog.getByRole('button', { name: 'Invite' }).click();
    const link = await dialog.locator('code').innerText();
    assert.match(link, new RegExp(`^${server.url}/register#token=otpi_`));
    await page.keyboard.press('Escape');
    await page.getByRole('cell', { name: 'ada@example.com', exact: true }).waitFor();

    const other = await openWindow(browser);
    const theirs = await other.newPage();
    await theirs.goto(link);
    assert.equal(new URL(theirs.url()).hash, '');
    await checkAccessibility(theirs, 'being invited');
    await theirs.getByLabel('E-mail').fill('bob@example.com');
    await theirs.getByLabel('Password').fill('correct horse battery');
    await theirs.getByRole('button', { name: 'Make the account' }).click();
    await theirs.getByText('The invitation is not valid').waitFor();
    await theirs.getByLabel('E-mail').fill('ada@example.com');
    await theirs.getByRole('button', { name: 'Make the account' }).click();
    await live(theirs);
    assert.deepEqual(other.problems, []);
    await other.close();

    await page.reload();
    await page.getByText('Used by ada@example.com').waitFor();
    const { users } = await server.graphql('{ users(filter: { emailContains: "ada@" }) { nodes { plan } } }', {}, await server.logIn(ADMIN));
    assert.deepEqual(users.nodes, [{ plan: 'PREMIUM' }]);
    await page.getByRole('button', { name: 'Remove the invitation ada@example.com' }).click();
    await page.getByRole('heading', { name: 'No invitation' }).waitFor();
  });

  test('a sender is blocked and unblocked', async () => {
    await page.goto(`${server.url}/console/blocked-senders`);
    await page.getByRole('button', { name: 'Block a sender' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Sender').fill('+*');
    await dialog.getByRole('button', { name: 'Block' }).click();
    await dialog.locator('[aria-invalid="true"][name="sender"]').waitFor();
    await dialog.getByLabel('Sender').fill('+4490*');
    await dialog.getByLabel('Why').fill('junk');
    await checkAccessibility(page, 'blocking a sender');
    await dialog.getByRole('button', { name: 'Block' }).click();
    await page.getByRole('cell', { name: '+4490*', exact: true }).waitFor();
    await picture(page, 'console-blocked-senders-desktop');
    await page.getByRole('button', { name: 'Unblock +4490*' }).click();
    await page.getByRole('heading', { name: 'Nobody' }).waitFor();
  });
});

describe(`closed registration, on ${backend}`, { concurrency: false }, () => {
  test('there is no form and no way to it', async () => {
    const server = await startServer(backend, { OTPWIRE_REGISTRATION: 'closed' });
    const browser = await launch();
    const window = await openWindow(browser);
    const page = await window.newPage();
    await page.goto(`${server.url}/register#token=otpi_x`);
    await page.getByRole('heading', { name: 'Nobody can make an account here' }).waitFor();
    await page.getByRole('link', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    assert.equal(await page.getByText(/make an account|by invitation/i).count(), 0);
    assert.deepEqual(window.problems, []);
    await browser.close();
    await server.stop();
  });
});
