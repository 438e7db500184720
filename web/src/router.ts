// A tiny router: the path is a signal, and links change it. src/pages/mod.rs serves the same paths.

import { computed, signal } from '@preact/signals';

export const path = signal(location.pathname);

addEventListener('popstate', () => (path.value = location.pathname));

/** Goes to a screen. `replace` leaves no way back to the one before. */
export function navigate(to: string, { replace = false } = {}): void {
  if (to === location.pathname + location.search) return;
  history[replace ? 'replaceState' : 'pushState'](null, '', to);
  path.value = location.pathname;
  scrollTo(0, 0);
}

/** Has links to screens change the path instead of loading the page again. */
export function interceptLinks(): void {
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    const isPlain = !event.defaultPrevented && event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
    if (!link || !isPlain || link.target || link.origin !== location.origin || !isScreen(link.pathname)) return;
    event.preventDefault();
    navigate(link.pathname + link.search);
  });
}

const SCREENS = [
  '/', '/numbers', '/account', '/sign-in', '/register', '/verify-email', '/forgot-password', '/reset-password',
  '/console', '/console/providers', '/console/numbers', '/console/messages', '/console/users', '/console/audit',
  '/console/patterns', '/console/invitations', '/console/blocked-senders',
];

function isScreen(pathname: string): boolean {
  return SCREENS.includes(pathname) || /^\/console\/providers\/[^/]+$/.test(pathname);
}

/** The first two segments, which say what the screen is. */
export const segments = computed(() => path.value.split('/').filter(Boolean));

/** Takes a value out of the fragment, where it is in nobody's log, and out of the address bar. */
export function takeFromFragment(name: string): string | null {
  const parameters = new URLSearchParams(location.hash.slice(1));
  const value = parameters.get(name);
  if (value !== null) history.replaceState(null, '', location.pathname + location.search);
  return value;
}
