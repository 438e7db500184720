import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoff } from './backoff.ts';
import type { Message } from './log.ts';
import { choices, EVERYTHING, isNarrowed, matcher, type Search } from './search.ts';

const messages: Message[] = [
  { senderNumber: 'GitHub', messageContent: '482913 is your code', messageType: 'OTP', otp: { code: '482913', service: 'GitHub' }, isRead: false, phoneNumberId: 'num_1' },
  { senderNumber: '+447700900123', messageContent: 'Votre numéro est confirmé', messageType: 'VERIFICATION', otp: null, isRead: true, phoneNumberId: 'num_2', channel: 'WHATSAPP' },
].map((message, n) => ({ id: `msg_${n}`, phoneNumber: '+14155550100', channel: 'SMS', receivedAt: '2026-03-01T12:00:00Z', media: [], ...message }) as Message);

const found = (search: Partial<Search>) => messages.filter(matcher({ ...EVERYTHING, ...search })).map(({ id }) => id);

test('a search finds what has all its words, whatever their case and accents', () => {
  assert.deepEqual(found({ text: 'NUMERO confirme' }), ['msg_1']);
  assert.deepEqual(found({ text: 'github 4829' }), ['msg_0']);
  assert.deepEqual(found({ text: 'github nothing' }), []);
  assert.deepEqual(found({}), ['msg_0', 'msg_1']);
});

test('filters narrow by number, service, sender, type, channel and reading', () => {
  assert.deepEqual(found({ phoneNumberId: 'num_2' }), ['msg_1']);
  assert.deepEqual(found({ service: 'github' }), ['msg_0']);
  assert.deepEqual(found({ sender: 'GITHUB' }), ['msg_0']);
  assert.deepEqual(found({ type: 'VERIFICATION' }), ['msg_1']);
  assert.deepEqual(found({ channel: 'WHATSAPP' }), ['msg_1']);
  assert.deepEqual(found({ unread: true }), ['msg_0']);
  assert.deepEqual([isNarrowed(EVERYTHING), isNarrowed({ ...EVERYTHING, unread: true })], [false, true]);
});

test('the choices are those that there are', () => {
  assert.deepEqual(choices(messages), { services: ['GitHub'], senders: ['+447700900123', 'GitHub'], channels: ['SMS', 'WHATSAPP'] });
});

test('the wait between attempts grows, varies, and has an end', () => {
  assert.deepEqual([backoff(0, 0), backoff(0, 1), backoff(3, 0), backoff(3, 1)], [125, 250, 1000, 2000]);
  assert.deepEqual([backoff(30, 0), backoff(1000, 1)], [7500, 15_000]);
});
