import { defineConfig } from '@playwright/test';
import type { SmsFixtures } from '@otpwire/playwright';

export default defineConfig<SmsFixtures>({ use: { smsOptions: { pool: process.env['POOL'] ?? '', ttl: 10_000 } }, workers: 2 });
