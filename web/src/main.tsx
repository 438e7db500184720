// The page: who is signed in decides what there is, and the path which of it is shown.

import { render } from 'preact';
import { startAccount, viewer } from './account.ts';
import { Console } from './console/console.tsx';
import { startAnnouncing } from './inbox/announce.ts';
import { interceptLinks, path } from './router.ts';
import { Account } from './screens/account.tsx';
import { ForgotPassword, Register, ResetPassword, SignIn, VerifyEmail } from './screens/auth.tsx';
import { Inbox } from './screens/inbox.tsx';
import { Numbers } from './screens/numbers.tsx';
import { Shell } from './ui/shell.tsx';

/** What guests may see. Everywhere else they sign in, and are then where they wanted to be. */
const FOR_GUESTS = { '/register': Register, '/forgot-password': ForgotPassword, '/reset-password': ResetPassword, '/verify-email': VerifyEmail };
const FOR_USERS = { '/': Inbox, '/numbers': Numbers, '/account': Account };

function Screen() {
  const here = path.value;
  const Open = FOR_GUESTS[here as keyof typeof FOR_GUESTS];
  if (Open && (!viewer.value || here === '/verify-email' || here === '/reset-password')) return <Open />;
  if (viewer.value === undefined) return <div class="skeletons" aria-busy="true" role="status"><span class="off-screen">Loading</span><i /><i /><i /></div>;
  if (viewer.value === null) return <SignIn />;
  if (here.startsWith('/console')) return <Console />;
  const Own = FOR_USERS[here as keyof typeof FOR_USERS] ?? Inbox;
  return <Own />;
}

const root = document.getElementById('app');
if (root) {
  root.textContent = '';
  interceptLinks();
  startAnnouncing();
  render(<Shell><Screen /></Shell>, root);
  void startAccount();
}
