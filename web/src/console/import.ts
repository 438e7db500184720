// Reading numbers that were pasted or come from a file: one a line, as CSV with an optional country behind each.

export interface Line {
  /** From 1. */
  line: number;
  phoneNumber: string;
  countryCode: string | null;
}

export interface BadLine {
  line: number;
  text: string;
  reason: string;
}

/** How many numbers one request may bring. */
export const MOST_AT_ONCE = 1000;

/** Reads lines. Empty ones and the heading of a table are left out; what can be seen to be wrong is told with its line. */
export function readLines(text: string): { lines: Line[]; bad: BadLine[] } {
  const lines: Line[] = [];
  const bad: BadLine[] = [];
  const seen = new Map<string, number>();
  text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/).forEach((row, index) => {
    const line = index + 1;
    const [first = '', second = '', ...others] = row.split(/[,;\t]/).map((cell) => cell.trim().replace(/^"(.*)"$/s, '$1').trim());
    if (row.trim() === '' || row.trimStart().startsWith('#') || (lines.length + bad.length === 0 && /^[a-z][a-z _]*$/i.test(first))) return;
    const phoneNumber = first.replace(/[\s().-]/g, '').replace(/^00/, '+');
    const countryCode = second.toUpperCase() || null;
    const reject = (reason: string) => void bad.push({ line, text: row.trim().slice(0, 60), reason });
    if (others.some(Boolean)) return reject('has more than a number and a country');
    if (!/^\+?\d+$/.test(phoneNumber)) return reject('is not a number: write it as +14155550100, or a short code as 12345');
    if (phoneNumber.startsWith('+') && !/^\+[1-9]\d{6,14}$/.test(phoneNumber)) return reject('has too few or too many digits for an international number');
    if (!phoneNumber.startsWith('+') && !countryCode) return reject('is a short code, which needs its country, as in 12345,US; other numbers begin with +');
    if (countryCode && !/^[A-Z]{2}$/.test(countryCode)) return reject('has a country that is not two letters, such as US');
    const before = seen.get(phoneNumber);
    if (before !== undefined) return reject(`is the same as line ${before}`);
    seen.set(phoneNumber, line);
    lines.push({ line, phoneNumber, countryCode });
  });
  return { lines, bad };
}
