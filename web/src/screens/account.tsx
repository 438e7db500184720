// One's account: profile, password, sessions, keys for programs.

import { useState } from 'preact/hooks';
import { loadViewer, viewer, type Viewer } from '../account.ts';
import { request } from '../graphql.ts';
import {
  ApiKeysDocument, CreateApiKeyDocument, EndSessionDocument, LogOutEverywhereDocument, ResendVerificationEmailDocument,
  RevokeApiKeyDocument, SessionsDocument, UpdateViewerDocument, type ApiKeyScope,
} from '../operations/generated.ts';
import { changePassword, signOut } from '../session.ts';
import { CopyButton } from '../ui/copy.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, Form } from '../ui/form.tsx';
import { useQuery } from '../ui/query.tsx';
import { Ago } from '../ui/time.tsx';
import { notify, notifyError } from '../ui/toast.tsx';

export function Account() {
  const user = viewer.value;
  // A new password ends sessions and keys, which are listed anew then.
  const [passwords, setPasswords] = useState(0);
  if (!user) return null;
  return (
    <div class="page columns">
      <div class="title"><h1>Account</h1><button type="button" class="button" onClick={() => void signOut().catch(notifyError)}>Sign out</button></div>
      <Profile user={user} />
      <Password key={`password ${passwords}`} user={user} onChange={() => setPasswords(passwords + 1)} />
      <Sessions key={`sessions ${passwords}`} />
      <ApiKeys key={`keys ${passwords}`} />
    </div>
  );
}

function Profile({ user }: { user: Viewer }) {
  const submit = async ({ firstName = '', lastName = '' }: Record<string, string>) => {
    await request(UpdateViewerDocument, { input: { firstName, lastName } });
    await loadViewer();
    notify('Your name is saved.');
  };
  const resend = () =>
    request(ResendVerificationEmailDocument, { input: { email: user.email } }).then(() => notify('A mail is on its way.'), notifyError);
  return (
    <section class="card">
      <h2>Profile</h2>
      <p class="meta">{user.email} · {user.plan === 'PREMIUM' ? 'premium' : 'free'} plan{user.role === 'ADMIN' && ' · administrator'}</p>
      {!user.emailVerified && <p class="notice">Your address is not verified yet. <button type="button" class="button" onClick={resend}>Send the mail again</button></p>}
      <Form submit="Save" onSubmit={submit}>
        <div class="row">
          <Field label="First name" name="firstName" autocomplete="given-name" defaultValue={user.firstName ?? ''} />
          <Field label="Last name" name="lastName" autocomplete="family-name" defaultValue={user.lastName ?? ''} />
        </div>
      </Form>
    </section>
  );
}

function Password({ user, onChange }: { user: Viewer; onChange: () => void }) {
  const submit = async ({ currentPassword = '', newPassword = '', ...chosen }: Record<string, string>) => {
    const revokes = 'revokeApiKeys' in chosen;
    await changePassword(currentPassword, newPassword, revokes);
    notify(`The password is changed. Every other session has ended${revokes ? ', and all keys for programs are revoked' : ''}.`);
    onChange();
  };
  return (
    <section class="card">
      <h2>Password</h2>
      <Form submit="Change the password" onSubmit={submit}>
        <input type="hidden" name="username" autocomplete="username" value={user.email} />
        <Field label="Current password" name="currentPassword" type="password" autocomplete="current-password" />
        <Field label="New password" name="newPassword" type="password" autocomplete="new-password" hint="8 to 128 characters, and not easy to guess." />
        <fieldset class="checks"><legend>If somebody else may know the old one</legend>
          <label><input type="checkbox" name="revokeApiKeys" />Revoke all keys for programs as well</label>
        </fieldset>
      </Form>
    </section>
  );
}

function Sessions() {
  const { data, reload } = useQuery(SessionsDocument, {});
  const end = (sessionId: string) => request(EndSessionDocument, { input: { sessionId } }).then(reload, notifyError);
  const everywhere = async () => {
    try {
      await request(LogOutEverywhereDocument);
      await signOut();
    } catch (error) {
      notifyError(error);
    }
  };
  return (
    <section class="card">
      <div class="title"><h2>Sessions</h2><button type="button" class="button danger" onClick={everywhere}>Sign out everywhere</button></div>
      <ul class="rows">
        {data?.sessions?.map(({ id, isCurrent, userAgent, ipAddress, lastUsedAt }) => (
          <li key={id}>
            <div><strong>{browser(userAgent)}</strong>{isCurrent && <span class="tag">this one</span>}<p class="meta">{ipAddress ?? 'an unknown address'} · <Ago time={lastUsedAt} /></p></div>
            {!isCurrent && <button type="button" class="button quiet danger" onClick={() => end(id)}>End</button>}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What a program calls itself, in two words. */
function browser(userAgent: string | null): string {
  if (!userAgent) return 'Unknown program';
  const name = /(Edg|OPR|Firefox|Chrome|Safari|curl|otpwire)[/ ]/.exec(userAgent)?.[1];
  const system = /(Android|iPhone|iPad|Windows|Mac OS X|Linux)/.exec(userAgent)?.[1];
  const names: Record<string, string> = { Edg: 'Edge', OPR: 'Opera' };
  return name ? [names[name] ?? name, system && `on ${system === 'Mac OS X' ? 'macOS' : system}`].filter(Boolean).join(' ') : userAgent.slice(0, 40);
}

/** What a key may do, and whether that is chosen at first: a key that leases needs nothing else, and the others need no leases. */
const SCOPES: readonly [ApiKeyScope, string, boolean][] = [
  ['READ_MESSAGES', 'Read messages', true],
  ['RENT_NUMBERS', 'Rent numbers', true],
  ['LEASE_NUMBERS', 'Lease numbers, and read what comes meanwhile', false],
];

function ApiKeys() {
  const { data, reload } = useQuery(ApiKeysDocument, {});
  const [created, setCreated] = useState<string | null>(null);
  const [isMaking, setMaking] = useState(false);
  const revoke = (apiKeyId: string) => request(RevokeApiKeyDocument, { input: { apiKeyId } }).then(reload, notifyError);
  const make = async ({ name = '', days = '', ...chosen }: Record<string, string>) => {
    const scopes = SCOPES.map(([scope]) => scope).filter((scope) => scope in chosen);
    const { createApiKey } = await request(CreateApiKeyDocument, { input: { name, scopes, expiresInDays: days ? Number(days) : null } });
    setMaking(false);
    setCreated(createApiKey?.key ?? null);
    void reload();
  };
  return (
    <section class="card">
      <div class="title"><h2>Keys for programs</h2><button type="button" class="button" onClick={() => setMaking(true)}>Make one</button></div>
      {data?.apiKeys?.length === 0 && <p class="meta">With a key, a test pipeline rents numbers and waits for codes, and your password stays yours.</p>}
      <ul class="rows">
        {data?.apiKeys?.map(({ id, name, prefix, lastUsedAt, expiresAt }) => (
          <li key={id}>
            <div><strong>{name}</strong><p class="meta"><code>{prefix}…</code> · {lastUsedAt ? <>used <Ago time={lastUsedAt} /></> : 'never used'}{expiresAt && <> · ends {expiresAt.slice(0, 10)}</>}</p></div>
            <button type="button" class="button quiet danger" onClick={() => revoke(id)}>Revoke</button>
          </li>
        ))}
      </ul>
      {isMaking && (
        <Dialog title="A key for a program" onClose={() => setMaking(false)}>
          <Form submit="Make the key" onSubmit={make}>
            <Field label="Name" name="name" placeholder="CI" />
            <fieldset class="checks"><legend>It may</legend>
              {SCOPES.map(([scope, label, isChosen]) => <label key={scope}><input type="checkbox" name={scope} defaultChecked={isChosen} />{label}</label>)}
            </fieldset>
            <Field label="Ends after days" name="days" type="number" min={1} max={365} hint="1 to 365. Empty: it does not end." />
          </Form>
        </Dialog>
      )}
      {created && (
        <Dialog title="Your new key" onClose={() => setCreated(null)}>
          <p>It is shown now and never again.</p>
          <p class="address"><code>{created}</code></p>
          <div class="actions"><CopyButton text={created} what="the key" class="primary" label="Copy the key" /></div>
        </Dialog>
      )}
    </section>
  );
}
