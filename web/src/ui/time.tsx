import { ago, exactly, left, now } from '../time.ts';

/** How long ago something was; the exact time is its title. */
export function Ago({ time }: { time: string }) {
  return <time dateTime={time} title={exactly(time)}>{ago(time, now.value)}</time>;
}

/** How long something still lasts. */
export function Left({ until }: { until: string }) {
  const isSoon = Date.parse(until) - now.value < 5 * 60_000;
  return <time dateTime={until} title={`until ${exactly(until)}`} class={isSoon ? 'soon' : undefined}>{left(until, now.value)}</time>;
}
