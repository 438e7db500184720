import { defineConfig } from '@playwright/test';
import type { SmsFixtures } from '@otpwire/playwright';

const port = process.env['PORT'] ?? '3000';

export default defineConfig<SmsFixtures>({
  testDir: 'tests',
  fullyParallel: true,
  reporter: process.env['CI'] ? [['list'], ['html', { open: 'never' }]] : 'list',
  use: {
    baseURL: `http://127.0.0.1:${port}`,
    // The server and the key are OTPWIRE_URL and OTPWIRE_API_KEY.
    smsOptions: { country: 'US' },
    // The browser of the system instead of Playwright's own, for example /usr/bin/chromium.
    ...(process.env['CHROMIUM'] && { launchOptions: { executablePath: process.env['CHROMIUM'], args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] } }),
  },
  webServer: { command: 'npm start', url: `http://127.0.0.1:${port}`, reuseExistingServer: !process.env['CI'] },
});
