// Behind a real nginx that cuts off an answer of which nothing comes for a minute (`proxy_read_timeout 60s`), workers wait
// for longer than that: for a number and for a code. NGINX is the program; scripts/check-packages installs it.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as passing } from 'node:timers/promises';

import { Otpwire } from '@otpwire/client';
import { startServer } from './support/server.mjs';

const nginx = process.env.NGINX || 'nginx';

async function startNginx(t, target) {
  const place = mkdtempSync(join(tmpdir(), 'otpwire-nginx-'));
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${place}/${name};`);
  writeFileSync(join(place, 'nginx.conf'), `
    daemon off; master_process off; pid ${place}/pid; error_log ${place}/error.log;
    events {}
    http {
      ${paths.join(' ')}
      log_format statuses '$status $request_method $uri $request_time';
      access_log ${place}/access.log statuses;
      server {
        listen 127.0.0.1:${port};
        location / { proxy_pass ${target}; proxy_read_timeout 60s; proxy_http_version 1.1; proxy_set_header Connection ''; }
      }
    }`);
  const child = spawn(nginx, ['-p', place, '-e', join(place, 'error.log'), '-c', join(place, 'nginx.conf')], { stdio: 'inherit' });
  t.after(async () => {
    child.kill('SIGQUIT');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    rmSync(place, { recursive: true, force: true });
  });
  const url = `http://127.0.0.1:${port}`;
  for (let n = 0; n < 100 && !(await fetch(`${url}/healthz`).catch(() => undefined))?.ok; n += 1) await passing(100);
  return { url, log: () => readFileSync(join(place, 'access.log'), 'utf8').trim().split('\n') };
}

test('workers wait for longer than a minute behind nginx, and are never cut off', async (t) => {
  assert.doesNotThrow(() => execFileSync(nginx, ['-v'], { stdio: 'ignore' }), `${nginx} is missing: on Debian, apt-get install nginx-light`);
  const server = await startServer();
  t.after(() => server.stop());
  const front = await startNginx(t, server.directUrl);
  const otpwire = new Otpwire({ url: front.url, apiKey: server.apiKey });
  const { name: pool } = await server.pool(1);
  const held = await otpwire.lease({ pool });
  const headers = { authorization: `Bearer ${server.apiKey}`, 'content-type': 'application/json' };
  const post = async (path, body) => (await fetch(`${front.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })).json();

  const start = performance.now();
  // As long as a request may wait, over both APIs.
  const rest = post('/v1/leases', { pool, wait_seconds: 50 });
  const query = `mutation { acquireLease(input: { pool: "${pool}", waitSeconds: 50 }) { ticket { position } } }`;
  const graphql = post('/graphql', { query });
  const through = fetch(`${front.url}/v1/leases/${held.id}/wait?fence=${held.fence}&timeout=50`, { headers });
  // And as long as it takes, with the client.
  const next = otpwire.lease({ pool, wait: 120_000 });
  const code = held.waitForCode({ timeout: 120_000 });
  assert.match((await rest).ticket, /^tkt_/);
  assert.ok((await graphql).data.acquireLease.ticket.position >= 1);
  assert.equal((await through).status, 204);
  assert.ok(performance.now() - start >= 49_000);
  await passing(70_000 - (performance.now() - start));
  await server.post(held.phoneNumber, '111111 is your GitHub verification code.');
  assert.equal(await code, '111111');
  await held.release();
  const lease = await next;
  assert.ok(performance.now() - start > 70_000 && lease.fence > held.fence);
  await lease.release();

  await passing(200);
  const statuses = front.log().map((line) => line.split(' ')[0]);
  assert.deepEqual(statuses.filter((status) => Number(status) >= 500), [], front.log().join('\n'));
  assert.ok(front.log().some((line) => Number(line.split(' ').at(-1)) >= 49), 'nothing was held for long');
});
