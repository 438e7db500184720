// Short notices at the edge of the screen, which are read out and go away by themselves.

import { signal } from '@preact/signals';

const notices = signal<readonly { id: number; text: string; isError: boolean }[]>([]);
let last = 0;

export function notify(text: string, { isError = false } = {}): void {
  const id = ++last;
  notices.value = [...notices.value.slice(-2), { id, text, isError }];
  setTimeout(() => (notices.value = notices.value.filter((notice) => notice.id !== id)), isError ? 9000 : 4500);
}

/** Says what went wrong, in a sentence. */
export function notifyError(error: unknown): void {
  notify(sentence(error instanceof Error ? error.message : String(error)), { isError: true });
}

/** Messages of the API are fragments. */
export function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/.test(capital) ? capital : `${capital}.`;
}

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {notices.value.map(({ id, text, isError }) => (
        <p key={id} class={isError ? 'toast error' : 'toast'}>{text}</p>
      ))}
    </div>
  );
}
