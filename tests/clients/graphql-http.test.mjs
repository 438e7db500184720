// The audits of graphql-http: does the server follow the GraphQL over HTTP specification?

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { serverAudits } from 'graphql-http';

import { url } from './support.mjs';

describe('graphql-http', () => {
  const audits = serverAudits({ url });
  test('has the expected number of audits', () => assert.equal(audits.length, 61));
  for (const audit of audits) {
    test(audit.name, async () => {
      const { status, reason } = await audit.fn();
      assert.equal(status, 'ok', reason);
    });
  }
});
