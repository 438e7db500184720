// How long to wait before connecting again.

const FIRST = 250;
const LONGEST = 15_000;

/**
 * In milliseconds, after some failures in a row: twice as long each time, and at random between half of that and all of
 * it, so that the tabs of a server that restarts do not all come back at once.
 */
export function backoff(failures: number, random: number): number {
  const most = Math.min(FIRST * 2 ** failures, LONGEST);
  return Math.round(most / 2 + (most / 2) * random);
}
