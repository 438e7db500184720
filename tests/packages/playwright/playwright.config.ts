import { defineConfig } from '@playwright/test';
import type { SmsFixtures } from '@otpwire/playwright';

export default defineConfig<SmsFixtures>({ use: { smsOptions: { pool: process.env['POOL'] ?? '' } }, workers: 2 });
