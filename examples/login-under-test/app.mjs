// A small application with a log-in by SMS, to be tested with otpwire. It has no SMS provider: it posts each text to the
// provider `sandbox` of otpwire, signed as any other provider's webhook is. Yours calls Twilio or Vonage in its place.
//
//   OTPWIRE_URL=http://127.0.0.1:8080 SANDBOX_SECRET=… node app.mjs

import { createHmac, randomInt, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';

const { OTPWIRE_URL = 'http://127.0.0.1:8080', SANDBOX_SECRET, PORT = '3000' } = process.env;
if (!SANDBOX_SECRET) throw new Error('SANDBOX_SECRET is not set: the secret of the provider sandbox');

/** By session: the number, and the newest code that was sent to it. */
const sessions = new Map();

async function sendSms(to, text) {
  const body = JSON.stringify({ id: randomUUID(), from: 'LEMONADE', to, text });
  const timestamp = Math.floor(Date.now() / 1000).toString();
  const signature = createHmac('sha256', SANDBOX_SECRET).update(`${timestamp}.${body}`).digest('hex');
  const answer = await fetch(`${OTPWIRE_URL}/v1/webhooks/sms?provider=sandbox`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-otpwire-timestamp': timestamp, 'x-otpwire-signature': `v1=${signature}` },
    body,
  });
  if (!answer.ok) throw new Error(`the SMS was refused with ${answer.status}`);
}

async function sendCode(session) {
  session.code = randomInt(1_000_000).toString().padStart(6, '0');
  await sendSms(session.phone, `${session.code} is your Lemonade verification code. Do not share it.`);
}

const page = (content) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>Lemonade</title>
<style>body { font: 18px system-ui; max-width: 24em; margin: 15vh auto } input, button { font: inherit; padding: .3em; margin: .3em 0 }</style>
<h1>Lemonade</h1>${content}`;
const askForNumber = page('<form method="post" action="/code"><label>Phone number <input name="phone" type="tel" required></label> <button>Send me a code</button></form>');
const askForCode = (note) => page(`<p role="status">${note}</p>
<form method="post" action="/log-in"><label>Code <input name="code" inputmode="numeric" autocomplete="one-time-code" required></label> <button>Log in</button></form>
<form method="post" action="/again"><button>Send another code</button></form>`);

async function answer(request, session) {
  let text = '';
  for await (const chunk of request) text += chunk;
  const form = new URLSearchParams(text);
  switch (`${request.method} ${request.url}`) {
    case 'GET /':
      return askForNumber;
    case 'POST /code':
      session.phone = form.get('phone');
      await sendCode(session);
      return askForCode('We sent you a code.');
    case 'POST /again':
      await sendCode(session);
      return askForCode('We sent you another code.');
    case 'POST /log-in': {
      const isRight = session.code !== undefined && form.get('code') === session.code;
      if (isRight) session.code = undefined;
      return isRight ? page('<p role="status">You are logged in.</p>') : askForCode('This is not the code that we sent last.');
    }
    default:
      return undefined;
  }
}

createServer((request, response) => {
  const id = /session=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1] ?? randomUUID();
  if (!sessions.has(id)) sessions.set(id, {});
  answer(request, sessions.get(id)).then(
    (html) => {
      response.writeHead(html ? 200 : 404, { 'content-type': 'text/html; charset=utf-8', 'set-cookie': `session=${id}; HttpOnly; SameSite=Lax` });
      response.end(html);
    },
    (error) => {
      console.error(error.message);
      response.writeHead(502).end('The code could not be sent.');
    },
  );
}).listen(Number(PORT), '127.0.0.1', () => console.log(`Lemonade is at http://127.0.0.1:${PORT}`));
