// What surrounds every screen: the name, the ways to the others, and how the connection is.

import type { ComponentChildren } from 'preact';
import { viewer } from '../account.ts';
import { connection, unreadCount, type Connection } from '../inbox/store.ts';
import { path } from '../router.ts';
import { upTo99 } from '../text.ts';
import { Icon, type IconName } from './icon.tsx';
import { Toasts } from './toast.tsx';

const STATES: Record<Connection, [label: string, title: string]> = {
  live: ['Live', 'Connected: messages appear as they arrive.'],
  connecting: ['Connecting', 'Connecting to the server.'],
  waiting: ['Reconnecting', 'The connection was lost and is being made again. Nothing is missed.'],
  offline: ['Offline', 'There is no network. What arrives meanwhile appears when it is back.'],
};

function ConnectionState() {
  const [label, title] = STATES[connection.value];
  return (
    <span class={`connection ${connection.value}`} title={title} role="status">
      <span class="dot" aria-hidden="true" />
      <span class="label">{label}</span>
    </span>
  );
}

function Way({ to, icon, children, badge = 0 }: { to: string; icon: IconName; children: string; badge?: number }) {
  const isHere = to === '/' ? path.value === '/' : path.value.startsWith(to);
  return (
    <a href={to} aria-current={isHere ? 'page' : undefined}>
      <Icon name={icon} />
      <span>{children}</span>
      {badge > 0 && <span class="badge"><span aria-hidden="true">{upTo99(badge)}</span><span class="off-screen">, {upTo99(badge)} unread</span></span>}
    </a>
  );
}

export function Shell({ children }: { children: ComponentChildren }) {
  const user = viewer.value;
  return (
    <>
      <a class="skip" href="#main">Skip to the content</a>
      <header class="top">
        <a class="brand" href="/"><Mark />otpwire</a>
        {user && (
          <nav aria-label="Main">
            <Way to="/" icon="inbox" badge={unreadCount.value}>Inbox</Way>
            <Way to="/numbers" icon="numbers">Numbers</Way>
            {user.role === 'ADMIN' && <Way to="/console" icon="console">Console</Way>}
            <Way to="/account" icon="account">Account</Way>
          </nav>
        )}
        {user && <ConnectionState />}
      </header>
      <main id="main" tabIndex={-1}>{children}</main>
      <Toasts />
    </>
  );
}

function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="9" />
      <path d="M8 12.5a2.5 2.5 0 0 1 2.5-2.5h11a2.5 2.5 0 0 1 2.5 2.5v6a2.5 2.5 0 0 1-2.5 2.5H15l-4.5 3.5V21A2.5 2.5 0 0 1 8 18.5z" />
      <circle cx="12.4" cy="15.5" r="1.3" /><circle cx="16" cy="15.5" r="1.3" /><circle cx="19.6" cy="15.5" r="1.3" />
    </svg>
  );
}
