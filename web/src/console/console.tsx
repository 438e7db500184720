// The operator's console: its screens, for administrators.

import type { JSX } from 'preact';
import { viewer } from '../account.ts';
import { path, segments } from '../router.ts';
import { Audit } from './audit.tsx';
import { BlockedSenders } from './blocked.tsx';
import { Invitations } from './invitations.tsx';
import { Messages } from './messages.tsx';
import { Numbers } from './numbers.tsx';
import { Overview } from './overview.tsx';
import { Patterns } from './patterns.tsx';
import { Provider } from './provider.tsx';
import { Providers } from './providers.tsx';
import { Users } from './users.tsx';

const SCREENS: readonly [to: string, label: string, screen: () => JSX.Element][] = [
  ['/console', 'Overview', Overview],
  ['/console/providers', 'Providers', Providers],
  ['/console/numbers', 'Numbers', Numbers],
  ['/console/messages', 'Where is my SMS?', Messages],
  ['/console/users', 'Users', Users],
  ['/console/invitations', 'Invitations', Invitations],
  ['/console/patterns', 'Code patterns', Patterns],
  ['/console/blocked-senders', 'Blocked senders', BlockedSenders],
  ['/console/audit', 'Audit log', Audit],
];

/** On a phone the ways are a strip, of which the current one may be out of sight. */
function showCurrent(strip: HTMLElement | null): void {
  const current = strip?.querySelector<HTMLElement>('[aria-current]');
  if (strip && current) strip.scrollLeft = current.offsetLeft - strip.offsetLeft - 24;
}

export function Console() {
  if (viewer.value?.role !== 'ADMIN') {
    return <div class="empty"><h1>This is for administrators</h1><p>Your account is not one. <a href="/">Back to the inbox</a></p></div>;
  }
  const here = path.value;
  const provider = here.startsWith('/console/providers/') ? segments.value[2] : undefined;
  const Screen = SCREENS.find(([to]) => to === here)?.[2];
  return (
    <div class="console">
      <nav aria-label="Console" ref={showCurrent}>
        {SCREENS.map(([to, label]) => (
          <a key={to} href={to} aria-current={here === to || (to !== '/console' && here.startsWith(`${to}/`)) ? 'page' : undefined}>{label}</a>
        ))}
      </nav>
      <div class="page">{provider ? <Provider key={provider} id={provider} /> : Screen && <Screen />}</div>
    </div>
  );
}
