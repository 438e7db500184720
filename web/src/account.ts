// Who is signed in, for the screens.

import { signal } from '@preact/signals';
import { request } from './graphql.ts';
import * as inbox from './inbox/store.ts';
import { ViewerDocument, type ViewerQuery } from './operations/generated.ts';
import { navigate, takeFromFragment } from './router.ts';
import { onSessionChange, renew, signIn } from './session.ts';
import { notify } from './ui/toast.tsx';

export type Viewer = NonNullable<ViewerQuery['viewer']>;

/** `undefined` until it is known. */
export const viewer = signal<Viewer | null | undefined>(undefined);

/** Finds out who is signed in, and follows it from then on. */
export async function startAccount(): Promise<void> {
  const link = takeFromFragment('sign-in');
  onSessionChange((event) => {
    switch (event) {
      case 'signed-in':
        void loadViewer();
        break;
      case 'changed-elsewhere':
        // Perhaps somebody else: nothing of whoever was here may stay.
        location.reload();
        break;
      case 'signed-out':
        if (viewer.value) notify('You are signed out.');
        inbox.stop();
        viewer.value = null;
    }
  });
  if (link) {
    try {
      await signIn({ sign_in_token: link });
      return;
    } catch {
      // It was used before: perhaps here.
    }
  }
  for (let wait = 250; ; wait = Math.min(wait * 2, 10_000)) {
    try {
      if ((await renew()) === null) {
        viewer.value = null;
        if (link) notify('That link was used before, or is too old. Sign in instead.');
      } else {
        await loadViewer();
      }
      return;
    } catch {
      // The server restarts, perhaps. The page says so meanwhile.
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}

export async function loadViewer(): Promise<void> {
  const before = viewer.value;
  const { viewer: found } = await request(ViewerDocument);
  viewer.value = found;
  if (found && before?.id !== found.id) {
    inbox.start();
    if (['/sign-in', '/register', '/forgot-password'].includes(location.pathname)) navigate('/', { replace: true });
  }
}
