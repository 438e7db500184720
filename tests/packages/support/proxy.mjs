// A proxy that rules tell what to spoil.

import { once } from 'node:events';
import { createServer, request as send } from 'node:http';

/**
 * A rule gets a request (`method`, `path`) and answers with undefined to let it pass, with `{ status, retryAfter }` to
 * refuse it, or with `'lose'` to carry it out and lose the answer.
 */
export async function startProxy(target) {
  const rules = new Set();
  /** Every request: when it began and ended, and its path. */
  const requests = [];
  const { hostname, port } = new URL(target);
  const server = createServer((incoming, outgoing) => {
    const { method, url: path, headers } = incoming;
    const entry = { method, path, body: '', begun: performance.now(), ended: undefined };
    requests.push(entry);
    outgoing.on('close', () => (entry.ended = performance.now()));
    let verdict;
    for (const rule of rules) verdict ??= rule({ method, path });
    if (verdict?.status) {
      incoming.resume();
      const body = JSON.stringify({ error: 'Refused', message: 'a test refuses it', code: verdict.status === 429 ? 'RATE_LIMITED' : 'UNAVAILABLE', request_id: 'none' });
      outgoing.writeHead(verdict.status, { 'content-type': 'application/json', ...(verdict.retryAfter && { 'retry-after': verdict.retryAfter }) });
      return void outgoing.end(body);
    }
    const onward = send({ hostname, port, method, path, headers, agent: false }, (answer) => {
      if (verdict === 'lose') return void answer.resume().on('end', () => outgoing.destroy());
      outgoing.writeHead(answer.statusCode, answer.headers);
      answer.pipe(outgoing);
      answer.on('error', () => outgoing.destroy());
    });
    onward.on('error', () => outgoing.destroy());
    outgoing.on('close', () => onward.destroy());
    incoming.on('data', (chunk) => (entry.body += chunk)).pipe(onward);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    requests,
    /** Applies a rule until the function that it returns is called. */
    add(rule) {
      rules.add(rule);
      return () => rules.delete(rule);
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
