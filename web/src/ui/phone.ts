// Numbers and countries, as people read them.

const regions = new Intl.DisplayNames('en', { type: 'region' });

export function countryName(code: string): string {
  try {
    return regions.of(code) ?? code;
  } catch {
    return code;
  }
}

/** Those that have one digit or three; all others have two (ITU-T E.164.D). */
const CALLING_CODE = /^\+(1|7|2(?:0|7)|3(?:[0-4]|6|9)|4(?:[013-9])|5(?:[1-8])|6(?:[0-6])|8(?:[1246])|9(?:[0-58])|\d{3})(\d+)$/;

/** An E.164 number in groups: `+1 415 555 0100`. A short code stays as it is. */
export function readable(number: string): string {
  const [, code, rest] = CALLING_CODE.exec(number) ?? [];
  if (!code || !rest) return number;
  const head = rest.slice(0, -4);
  const groups = rest.length <= 4 ? [rest] : [...head.match(head.length % 3 === 1 ? /^.{4}|.{1,3}/g : /.{1,3}/g) ?? [], rest.slice(-4)];
  return `+${code} ${groups.join(' ')}`;
}
