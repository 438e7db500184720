// graphql-codegen: the generated types match the data at run time.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { before, describe, test } from 'node:test';

import { print } from 'graphql';

import { execute, executeAsAdministrator, newRenter, runTool, send } from './support.mjs';

const HERE = new URL('codegen/', import.meta.url);

describe('graphql-codegen', () => {
  before(() => runTool('graphql-codegen', ['--config', 'codegen.yml'], HERE));

  test('generates the same types from schema.graphql and from introspection', async () => {
    for (const file of ['schema.ts', 'operations.ts']) {
      const [described, introspected] = await Promise.all(
        ['described', 'introspected'].map((from) => readFile(new URL(`generated/${from}/${file}`, HERE), 'utf8')));
      assert.equal(introspected, described);
    }
  });

  test('generates types that match the data at run time', async () => {
    await runTool('tsc', [], HERE);
    const { tour, overview } = await import(new URL('built/tour.js', HERE));
    const renter = await newRenter();
    const seen = await tour((document, variables) => execute(print(document), variables, renter.token), send);
    assert.equal(seen.account.email, renter.email);
    assert.ok(seen.countries.includes('US'));
    assert.deepEqual(seen.messages.map(({ messageContent }) => messageContent), ['Your code is 482913']);
    assert.deepEqual(seen.codes, ['482913']);
    assert.deepEqual(seen.kinds, ['OTP']);
    assert.ok(seen.messages.every(({ id, databaseId }) => id === `msg_${databaseId}` && Number.isInteger(databaseId)));
    assert.equal(seen.numbers, 2);

    const found = await overview((document, variables) => executeAsAdministrator(print(document), variables), renter.id);
    assert.deepEqual([found.status, found.renter], ['BLOCKED', undefined]);
    assert.deepEqual(found.webhookPaths, ['/v1/webhooks/sms?provider=sandbox']);
    assert.ok(found.assigned > 0);
    assert.deepEqual(found.details, [{ status: 'blocked' }]);
  });
});
