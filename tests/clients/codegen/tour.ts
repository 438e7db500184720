// Rents a number and reads its messages. It must compile, and the data at run time must match the types.

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

export type Execute = <Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables) => Promise<Data>;

function present<Value>(value: Value | null | undefined, what: string): Value {
  if (value === null || value === undefined) throw new Error(`${what} is missing`);
  return value;
}

/** A description of a subscription's event. */
export function describe({ phoneNumberUpdated }: UpdatedSubscription): string {
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

export async function tour(execute: Execute, receive: (to: string, text: string) => Promise<void>): Promise<Seen> {
  const home = await execute(HomeDocument, {});
  const rented = await execute(RentDocument, { input: { countryCode: 'US', durationHours: 2 } });
  const number = present(rented.assignPhoneNumber, 'the number').phoneNumber;
  await receive(number.phoneNumber, 'Your code is 482913');

  const inbox = await execute(InboxDocument, { filter: { phoneNumberId: number.id, types: ['OTP', 'SMS'] }, first: 5 });
  const messages = present(inbox.messages, 'the inbox').nodes;
  for (const { id } of messages) await execute(MarkReadDocument, { input: { messageId: id } });

  const kinds = await Promise.all(messages.map(async ({ id }) => {
    const { node } = await execute(AnythingDocument, { id });
    // Only a message has a type, so the union of the results must be narrowed first.
    if (node?.__typename !== 'Message') throw new Error(`${id} is a ${node?.__typename}`);
    return node.messageType;
  }));
  const mine = await execute(NumbersDocument, { filter: { mine: true }, first: 10 });
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
  /** Any JSON, so of an unknown type. */
  details: unknown[];
}

/** Blocks a number, and reads the audit log of it. For administrators. */
export async function overview(execute: Execute, phoneNumberId: string): Promise<Overview> {
  const set = await execute(SetStatusDocument, { input: { phoneNumberId, status: 'BLOCKED' } });
  const { status, renter } = present(set.setPhoneNumberStatus, 'the number').phoneNumber;
  const { stats, providers, auditLog } = await execute(PlatformDocument, { filter: { target: phoneNumberId } });
  return {
    status,
    renter: renter?.email,
    webhookPaths: present(providers, 'the providers').nodes.map(({ webhookPath }) => webhookPath),
    assigned: present(stats, 'the figures').phoneNumbers.assigned,
    details: present(auditLog, 'the log').nodes.map(({ details }) => details),
  };
}
