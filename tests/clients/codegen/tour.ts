// Rents a number and reads what arrives on it. What matters is that the compiler agrees, and that what
// comes at run time is what the types say.

import type { TypedDocumentNode } from '@graphql-typed-document-node/core';

import {
  type AccountFragment,
  AnythingDocument,
  type ContentFragment,
  HomeDocument,
  InboxDocument,
  MarkReadDocument,
  type MessageType,
  NumbersDocument,
  type PhoneNumberStatus,
  PlatformDocument,
  RentDocument,
  SetStatusDocument,
  type UpdatedSubscription,
} from './generated/described/operations.js';

export type Ask = <Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables) => Promise<Data>;

function present<Value>(value: Value | null | undefined, what: string): Value {
  if (value === null || value === undefined) throw new Error(`${what} is missing`);
  return value;
}

/** What a subscription brings, in a word. */
export function told({ phoneNumberUpdated }: UpdatedSubscription): string {
  const number = present(phoneNumberUpdated, 'the number');
  return number.status === 'ASSIGNED' ? `yours until ${present(number.expiresAt, 'the end')}` : 'not yours';
}

export interface Seen {
  account: AccountFragment;
  countries: string[];
  messages: ContentFragment[];
  codes: string[];
  kinds: MessageType[];
  numbers: number;
}

export async function tour(ask: Ask, receive: (to: string, text: string) => Promise<void>): Promise<Seen> {
  const home = await ask(HomeDocument, {});
  const rented = await ask(RentDocument, { input: { countryCode: 'US', durationHours: 2 } });
  const number = present(rented.assignPhoneNumber, 'the number').phoneNumber;
  await receive(number.phoneNumber, 'Your code is 482913');

  const inbox = await ask(InboxDocument, { filter: { phoneNumberId: number.id, types: ['OTP', 'SMS'] }, first: 5 });
  const messages = present(inbox.messages, 'the inbox').nodes;
  for (const { id } of messages) await ask(MarkReadDocument, { input: { messageId: id } });

  const kinds = await Promise.all(messages.map(async ({ id }) => {
    const { node } = await ask(AnythingDocument, { id });
    // Only a message has a type: the union of the results has been narrowed.
    if (node?.__typename !== 'Message') throw new Error(`${id} is a ${node?.__typename}`);
    return node.messageType;
  }));
  const mine = await ask(NumbersDocument, { filter: { mine: true }, first: 10 });
  return {
    account: present(home.viewer, 'the account'),
    countries: present(home.countries, 'the countries').map(({ code }) => code),
    messages: [...messages],
    codes: messages.flatMap(({ otp }) => (otp && otp.score > 0 ? [otp.code] : [])),
    kinds,
    numbers: present(mine.phoneNumbers?.totalCount, 'the count'),
  };
}

export interface Overview {
  status: PhoneNumberStatus;
  renter: string | undefined;
  webhookPaths: string[];
  assigned: number;
  /** Any JSON: nothing is known of it before it is looked at. */
  details: unknown[];
}

/** Takes a number out of use, and looks at what the log says of that. For administrators. */
export async function overview(ask: Ask, phoneNumberId: string): Promise<Overview> {
  const set = await ask(SetStatusDocument, { input: { phoneNumberId, status: 'BLOCKED' } });
  const { status, renter } = present(set.setPhoneNumberStatus, 'the number').phoneNumber;
  const { stats, providers, auditLog } = await ask(PlatformDocument, { filter: { target: phoneNumberId } });
  return {
    status,
    renter: renter?.email,
    webhookPaths: present(providers, 'the providers').nodes.map(({ webhookPath }) => webhookPath),
    assigned: present(stats, 'the figures').phoneNumbers.assigned,
    details: present(auditLog, 'the log').nodes.map(({ details }) => details),
  };
}
