// Runs the tests of pure logic, which stand beside it in src: builds them, since Node 20 reads no TypeScript.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { build } from 'esbuild';

const root = join(import.meta.dirname, '..', 'src');
const entryPoints = readdirSync(root, { recursive: true }).filter((file) => file.endsWith('.test.ts')).map((file) => join(root, file));
const folder = mkdtempSync(join(tmpdir(), 'otpwire-web-tests-'));
await build({ entryPoints, outdir: folder, outbase: root, bundle: true, platform: 'node', format: 'esm', outExtension: { '.js': '.test.mjs' }, logLevel: 'warning' });
const built = readdirSync(folder, { recursive: true }).filter((file) => file.endsWith('.mjs')).map((file) => join(folder, file));
const { status } = spawnSync(process.execPath, ['--test', ...built], { stdio: 'inherit' });
rmSync(folder, { recursive: true });
process.exit(status ?? 1);
