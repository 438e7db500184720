// Which messages a person wants to see.

import type { Channel, MessageType } from '../operations/generated.ts';
import type { Message } from './log.ts';

export interface Search {
  text: string;
  phoneNumberId: string;
  service: string;
  sender: string;
  type: MessageType | '';
  channel: Channel | '';
  unread: boolean;
}

export const EVERYTHING: Search = { text: '', phoneNumberId: '', service: '', sender: '', type: '', channel: '', unread: false };

export function isNarrowed(search: Search): boolean {
  return Object.values(search).some(Boolean);
}

/** How people call the channels. */
export const CHANNELS: Record<Channel, string> = {
  SMS: 'SMS', MMS: 'MMS', WHATSAPP: 'WhatsApp', RCS: 'RCS', EMAIL: 'e-mail', VOICE: 'phone call', OTHER: 'another channel',
};

/** Without regard to case and accents. */
function plain(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

/** Returns whether a message is wanted. Of the words that are searched for, it has all. */
export function matcher(search: Search): (message: Message) => boolean {
  const words = plain(search.text).split(/\s+/).filter(Boolean);
  const same = (wanted: string, found: string | null | undefined) => !wanted || plain(wanted) === plain(found ?? '');
  return (message) => {
    if (search.unread && message.isRead) return false;
    if (search.type && message.messageType !== search.type) return false;
    if (search.channel && message.channel !== search.channel) return false;
    if (search.phoneNumberId && message.phoneNumberId !== search.phoneNumberId) return false;
    if (!same(search.service, message.otp?.service) || !same(search.sender, message.senderNumber)) return false;
    if (words.length === 0) return true;
    const { messageContent, senderNumber, phoneNumber, otp } = message;
    const searched = plain([messageContent, senderNumber, phoneNumber, otp?.code, otp?.service].join('\n'));
    return words.every((word) => searched.includes(word));
  };
}

/** The services and senders that there are, in alphabetical order, and the channels. */
export function choices(messages: readonly Message[]): { services: string[]; senders: string[]; channels: Channel[] } {
  const sorted = (values: Iterable<string | null | undefined>) =>
    [...new Set(values)].filter((value) => value != null && value !== '').sort((a, b) => a!.localeCompare(b!)) as string[];
  return {
    services: sorted(messages.map(({ otp }) => otp?.service)),
    senders: sorted(messages.map(({ senderNumber }) => senderNumber)),
    channels: sorted(messages.map(({ channel }) => channel)) as Channel[],
  };
}
