// The declarations of the packed clients, as a strict project compiles them, and what it compiles to.

import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { promisify } from 'node:util';

import { startServer } from './support/server.mjs';

/** Compiles files with all strictness; the output is in `compiled`, in a folder of ECMAScript modules. */
function compile(files, options = []) {
  mkdirSync('compiled', { recursive: true });
  writeFileSync('compiled/package.json', '{ "type": "module" }');
  const strict = ['--strict', '--noUncheckedIndexedAccess', '--exactOptionalPropertyTypes', '--module', 'NodeNext', '--target', 'ES2022', '--outDir', 'compiled'];
  try {
    execFileSync('node_modules/.bin/tsc', [...strict, ...options, ...files], { encoding: 'utf8' });
  } catch (error) {
    assert.fail(error.stdout);
  }
}

test('a lease is released when the block of `await using` is left by an error', async (t) => {
  compile(['types/using.ts'], ['--types', 'node', '--lib', 'ES2023,ESNext.Disposable', '--rootDir', 'types']);
  const server = await startServer();
  t.after(() => server.stop());
  const { name } = await server.pool(1);
  const env = { ...process.env, OTPWIRE_URL: server.url, OTPWIRE_API_KEY: server.apiKey, POOL: name };
  await promisify(execFile)(process.execPath, ['compiled/using.js'], { env });
  assert.deepEqual(await server.leases(), []);
});

test('the declarations need nothing but the language and the DOM', () => {
  writeFileSync('compiled/browser.ts', "import { Otpwire } from '@otpwire/client';\nexport const lease = new Otpwire({ url: location.origin, apiKey: 'x' }).lease({ country: 'US' });\n");
  compile(['compiled/browser.ts'], ['--types', '', '--lib', 'ES2022,DOM', '--noEmit']);
});

test('commands of Cypress are declared', () => {
  // The declarations of Cypress itself do not agree with this version of TypeScript.
  compile(['types/cypress.ts'], ['--types', 'cypress', '--lib', 'ES2023,DOM', '--noEmit', '--skipLibCheck']);
});

test('the example compiles', () => {
  const files = ['playwright.config.ts', 'tests/login.spec.ts'].map((file) => `login-under-test/${file}`);
  compile(files, ['--types', 'node', '--lib', 'ES2023,DOM', '--noEmit', '--skipLibCheck']);
});
