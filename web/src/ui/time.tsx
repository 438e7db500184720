import { computed } from '@preact/signals';
import { memo } from 'preact/compat';
import { useMemo } from 'preact/hooks';
import { ago, exactly, left, now, nowAndThen } from '../time.ts';

/** Younger than this, an age is shown in seconds, in milliseconds. */
const YOUNG = 90_000;

/**
 * How long ago something was; the exact time is its title. There may be thousands on a page, so the older ones do not
 * follow every second, and a change of the text is no rendering of anything else.
 */
export const Ago = memo(({ time }: { time: string }) => {
  const [title, text] = useMemo(() => {
    const isYoung = computed(() => nowAndThen.value - Date.parse(time) < YOUNG);
    return [exactly(time), computed(() => ago(time, isYoung.value ? now.value : nowAndThen.value))];
  }, [time]);
  return <time dateTime={time} title={title}>{text}</time>;
});

/** How long something still lasts. */
export function Left({ until }: { until: string }) {
  const isSoon = Date.parse(until) - now.value < 5 * 60_000;
  return <time dateTime={until} title={`until ${exactly(until)}`} class={isSoon ? 'soon' : undefined}>{left(until, now.value)}</time>;
}
