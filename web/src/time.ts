// Times as people say them. All of them follow one clock, which ticks once a second; `nowAndThen` follows every ten.

import { signal } from '@preact/signals';

export const now = signal(Date.now());
export const nowAndThen = signal(now.value);
setInterval(() => {
  now.value = Date.now();
  if (now.value - nowAndThen.value >= 10_000) nowAndThen.value = now.value;
}, 1000);

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'always', style: 'narrow' });
const exact = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium' });

/** How long ago, in the largest unit that fits: `now`, `40s ago`, `3h ago`. */
export function ago(time: string, at: number): string {
  const seconds = Math.max(0, Math.round((at - Date.parse(time)) / 1000));
  if (seconds < 5) return 'now';
  if (seconds < 60) return relative.format(-seconds, 'second');
  if (seconds < 3600) return relative.format(-Math.floor(seconds / 60), 'minute');
  if (seconds < 86_400) return relative.format(-Math.floor(seconds / 3600), 'hour');
  return relative.format(-Math.floor(seconds / 86_400), 'day');
}

/** How long until then: `1 h 05 min`, `4:09`. */
export function left(time: string, at: number): string {
  const seconds = Math.max(0, Math.floor((Date.parse(time) - at) / 1000));
  const two = (value: number) => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours} h ${two(minutes)} min` : `${minutes}:${two(seconds % 60)}`;
}

/** The date and the time, to the second. */
export function exactly(time: string): string {
  return exact.format(new Date(time));
}
