// Serves the page from its sources while they are worked on, and everything else from a running server:
// `node dev.js [http://127.0.0.1:8080] [PORT]`. Each reload builds the page anew.
import { createServer, request } from "node:http";
import { readFileSync } from "node:fs";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execFileSync } from "node:child_process";

const server = new URL(process.argv[2] ?? "http://127.0.0.1:8080");
const port = Number(process.argv[3] ?? 5173);
const folder = mkdtempSync(join(tmpdir(), "otpwire-web-"));
const types = { js: "text/javascript", css: "text/css", svg: "image/svg+xml", html: "text/html" };
const target = { host: server.hostname, port: server.port || 80 };

const development = createServer((incoming, response) => {
  const isPage = incoming.method === "GET" && /^\/($|numbers|account|sign-in|register|verify-email|forgot-password|reset-password|console)/.test(incoming.url);
  const asset = /^\/assets\/(app\.js|app\.css|icon\.svg)$/.exec(incoming.url)?.[1];
  if (isPage || asset) {
    if (isPage) execFileSync("node", [join(import.meta.dirname, "build.js"), folder], { stdio: "inherit" });
    const file = asset ?? "index.html";
    response.writeHead(200, { "content-type": types[file.split(".").at(-1)] }).end(readFileSync(join(folder, file)));
    return;
  }
  // The host stays the one that the browser named, so that the page counts as the server's own.
  const { method, url: path, headers } = incoming;
  const outgoing = request({ ...target, method, path, headers }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    answer.pipe(response);
  });
  outgoing.on("error", () => response.writeHead(502).end());
  incoming.pipe(outgoing);
});
development.on("upgrade", (incoming, socket, head) => {
  const outgoing = request({ ...target, path: incoming.url, headers: incoming.headers });
  outgoing.on("upgrade", (answer, upstream) => {
    const lines = Object.entries(answer.headers).map(([name, value]) => `${name}: ${value}`);
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join("\r\n")}\r\n\r\n`);
    upstream.write(head);
    upstream.pipe(socket).pipe(upstream);
    socket.on("error", () => upstream.destroy());
    upstream.on("error", () => socket.destroy());
  });
  outgoing.on("error", () => socket.destroy());
  outgoing.end();
});
development.listen(port, "127.0.0.1", () => console.log(`http://127.0.0.1:${port} in front of ${server.origin}`));
