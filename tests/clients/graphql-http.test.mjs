// The audits of graphql-http: whether the server keeps to the specification of GraphQL over HTTP.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { serverAudits } from 'graphql-http';

import { url } from './support.mjs';

describe('graphql-http', () => {
  const audits = serverAudits({ url });
  test('has the audits that it had', () => assert.equal(audits.length, 61));
  for (const audit of audits) {
    test(audit.name, async () => {
      const { status, reason } = await audit.fn();
      assert.equal(status, 'ok', reason);
    });
  }
});
