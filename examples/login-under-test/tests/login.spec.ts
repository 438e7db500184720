import { expect, test } from '@otpwire/playwright';

test('logs in with the code that arrives', async ({ page, sms }) => {
  await page.goto('/');
  await page.getByLabel('Phone number').fill(sms.phoneNumber);
  await page.getByRole('button', { name: 'Send me a code' }).click();
  await page.getByLabel('Code').fill(await sms.waitForCode({ service: 'Lemonade' }));
  await page.getByRole('button', { name: 'Log in' }).click();
  await expect(page.getByRole('status')).toHaveText('You are logged in.');
});

test('only the newest code counts', async ({ page, sms }) => {
  await page.goto('/');
  await page.getByLabel('Phone number').fill(sms.phoneNumber);
  await page.getByRole('button', { name: 'Send me a code' }).click();
  const first = await sms.waitForCode();
  await page.getByRole('button', { name: 'Send another code' }).click();
  const second = await sms.waitForCode();

  await page.getByLabel('Code').fill(first);
  await page.getByRole('button', { name: 'Log in' }).click();
  await expect(page.getByRole('status')).toHaveText('This is not the code that we sent last.');
  await page.getByLabel('Code').fill(second);
  await page.getByRole('button', { name: 'Log in' }).click();
  await expect(page.getByRole('status')).toHaveText('You are logged in.');
});

test('two people have two numbers', async ({ browser, smsPool }) => {
  const people = await Promise.all(['Ada', 'Grace'].map(async (name) => ({ name, sms: await smsPool.lease() })));
  await Promise.all(people.map(async ({ name, sms }) => {
    const page = await browser.newPage();
    await test.step(`${name} logs in`, async () => {
      await page.goto('/');
      await page.getByLabel('Phone number').fill(sms.phoneNumber);
      await page.getByRole('button', { name: 'Send me a code' }).click();
      await page.getByLabel('Code').fill(await sms.waitForCode());
      await page.getByRole('button', { name: 'Log in' }).click();
      await expect(page.getByRole('status')).toHaveText('You are logged in.');
    });
  }));
});
