// Messages, and what can be asked of them.

/** A link in a text. */
export interface Link {
  url: string;
  kind: 'verify' | 'login' | 'reset' | 'other';
}

/** A message that arrived on the number during the lease. */
export interface Message {
  id: number;
  /** A number, a short code, or a name. */
  sender: string;
  text: string;
  /** `otp` has a code; `verification` asks to confirm something by a link or a reply. */
  type: 'otp' | 'verification' | 'sms';
  /** The code as it is typed in. */
  code: string | undefined;
  /** The service that the code is for, if the text says so. */
  service: string | undefined;
  /** The host of a code that is bound to one, as in `@example.com #123456`. */
  origin: string | undefined;
  links: readonly Link[];
  receivedAt: Date;
}

/** Which messages are waited for. All of what is given has to be right. */
export interface MessageFilter {
  /** The service, without regard to case and accents. */
  service?: string | undefined;
  /** The sender, without regard to case. */
  sender?: string | undefined;
  /** An expression that the text contains, or a function that says whether this is the message. */
  match?: RegExp | ((message: Message) => boolean) | undefined;
}

/** A message that arrived, without what it said. */
export interface ArrivalSummary {
  type: Message['type'];
  service: string | undefined;
  /** How long before the timeout it arrived, in milliseconds. */
  age: number;
  /** Whether an earlier wait was given it. */
  taken: boolean;
}

/** A message as the REST API has it. */
export interface WireMessage {
  id: number;
  sender_number: string;
  message_content: string;
  message_type: Message['type'];
  received_at: string;
  otp?: { code: string; service?: string; origin?: string };
  links?: Link[];
}

export function readMessage(wire: WireMessage): Message {
  return {
    id: wire.id,
    sender: wire.sender_number,
    text: wire.message_content,
    type: wire.message_type,
    code: wire.otp?.code,
    service: wire.otp?.service,
    origin: wire.otp?.origin,
    links: wire.links ?? [],
    receivedAt: new Date(wire.received_at),
  };
}

export function passes(message: Message, { service, sender, match }: MessageFilter): boolean {
  if (service !== undefined && (message.service === undefined || fold(message.service) !== fold(service))) return false;
  if (sender !== undefined && fold(message.sender) !== fold(sender)) return false;
  if (match instanceof RegExp) return message.text.search(match) >= 0;
  return match === undefined || match(message);
}

/** The code of a message; what a group `code` of `match` captures comes before what the server read. */
export function codeOf(message: Message, { match }: MessageFilter): string | undefined {
  if (!(match instanceof RegExp)) return message.code;
  // Without a position of its own, which flags g and y give it.
  const found = new RegExp(match.source, match.flags.replace(/[gy]/g, '')).exec(message.text);
  return found?.groups?.['code'] ?? message.code;
}

function fold(name: string): string {
  return name.normalize('NFKD').replace(/\p{M}/gu, '').trim().toLowerCase();
}

/** The link of a message: of several, one that is for something. */
export function linkOf({ links }: Message, kind: Link['kind'] | undefined): string | undefined {
  const isWanted = (link: Link) => (kind === undefined ? link.kind !== 'other' : link.kind === kind);
  return (links.find(isWanted) ?? (kind === undefined ? links[0] : undefined))?.url;
}

/** What is waited for, for people: `a code of GitHub`. */
export function describeWanted(what: string, { service, sender, match }: MessageFilter): string {
  const parts = [what];
  if (service !== undefined) parts.push(`of ${service}`);
  if (sender !== undefined) parts.push(`from ${shown(sender)}`);
  if (match !== undefined) parts.push(match instanceof RegExp ? `that matches ${match}` : 'that passes a function');
  return parts.join(' ');
}

/** What a message is, without what it says: `a code of GitHub`. */
export function describeContent({ type, service }: Pick<Message, 'type' | 'service'>): string {
  return type === 'otp' ? `a code of ${service ?? 'an unknown service'}` : `a message of type ${type}`;
}

export function describeArrival({ age, taken, ...content }: ArrivalSummary): string {
  return `${describeContent(content)} (${Math.round(age / 1000)} s ago${taken ? ', given to an earlier wait' : ''})`;
}

/** A sender or number as errors and reports may show it: of digits only the last four. */
export function shown(number: string): string {
  return /^[+\d][\d ]{4,}$/.test(number) ? `…${number.slice(-4)}` : number;
}
