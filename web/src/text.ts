// Texts of strangers, as pieces that are safe to show: what is a link is marked as one and not followed, and characters
// that nobody sees, or that turn the text around, are made visible. Nothing of it is ever markup.

export type Piece = { kind: 'text'; text: string } | { kind: 'link'; text: string; url: URL } | { kind: 'hidden'; name: string };

/** Overrides and isolates of direction, zero-width and other invisible characters, and controls but line breaks and tabs. */
const HIDDEN = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u00AD\u061C\u115F\u1160\u17B4\u17B5\u180E\u200B\u200E\u200F\u202A-\u202E\u2060-\u2064\u2066-\u206F\u3164\uFEFF\uFFA0\uFFF9-\uFFFB\u{E0000}-\u{E007F}]/u;
const LINK = /\bhttps?:\/\/[^\s<>"'`{}|\\^]+/giu;

/** Cuts a text into its pieces. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    // A sentence may end behind a link.
    const address = match[0].replace(/[.,;:!?)\]]+$/u, '');
    const url = parse(address);
    // An address with characters in it that nobody sees is shown as text, with these.
    if (!url || HIDDEN.test(address)) continue;
    found.push(...visible(text.slice(end, match.index)), { kind: 'link', text: address, url });
    end = match.index + address.length;
  }
  found.push(...visible(text.slice(end)));
  return found;
}

function parse(address: string): URL | null {
  try {
    const url = new URL(address);
    return url.protocol === 'https:' || url.protocol === 'http:' ? url : null;
  } catch {
    return null;
  }
}

function visible(text: string): Piece[] {
  const parts = text.split(new RegExp(`(${HIDDEN.source})`, 'u'));
  return parts.filter(Boolean).map((part) =>
    HIDDEN.test(part) ? { kind: 'hidden', name: codePoint(part) } : { kind: 'text', text: part },
  );
}

function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** A count in a badge. No more are told apart: of an inbox with more, only the newest may be here. */
export function upTo99(count: number): string {
  return count > 99 ? '99+' : `${count}`;
}

/** A text without what nobody sees, on one line: for titles, notifications and names. */
export function oneLine(text: string): string {
  return text.replace(new RegExp(HIDDEN.source, 'gu'), '').replace(/\s+/gu, ' ').trim();
}
