// Signing in, registering, verifying an address, and forgotten passwords.

import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ApiError, request } from '../graphql.ts';
import {
  RegisterDocument, RequestPasswordResetDocument, ResendVerificationEmailDocument, ResetPasswordDocument, VerifyEmailDocument,
} from '../operations/generated.ts';
import { navigate, takeFromFragment } from '../router.ts';
import { emailDomains, registration } from '../registration.ts';
import { signIn } from '../session.ts';
import { Field, Form } from '../ui/form.tsx';
import { notify, sentence } from '../ui/toast.tsx';

function Card({ title, lead, children }: { title: string; lead?: string; children: ComponentChildren }) {
  return (
    <section class="card narrow">
      <h1>{title}</h1>
      {lead && <p class="lead">{lead}</p>}
      {children}
    </section>
  );
}

const email = { label: 'E-mail', name: 'email', type: 'email', autocomplete: 'username', inputMode: 'email' } as const;
const newPassword = {
  type: 'password', autocomplete: 'new-password', hint: '8 to 128 characters, and not easy to guess.',
} as const;

export function SignIn() {
  return (
    <Card title="Sign in" lead="Numbers for a while, and the codes that arrive on them, as they arrive.">
      <Form submit="Sign in" onSubmit={({ email = '', password = '' }) => signIn({ email, password })}>
        <Field {...email} />
        <Field label="Password" name="password" type="password" autocomplete="current-password" />
      </Form>
      <p class="fine">
        <a href="/forgot-password">Forgot your password?</a>
        {registration === 'open' && <> · <a href="/register">Make an account</a></>}
        {registration === 'invite' && ' · Accounts are made by invitation.'}
      </p>
    </Card>
  );
}

export function Register() {
  const [invitation] = useState(() => takeFromFragment('token'));
  const submit = async ({ email = '', password = '', firstName, lastName }: Record<string, string>) => {
    const input = { email, password, firstName: firstName || null, lastName: lastName || null, invitation };
    const { register } = await request(RegisterDocument, { input }).catch((error: ApiError) => {
      // There is no field for it: it came with the link.
      throw error.field === 'invitation' ? new ApiError(error.code, error.message) : error;
    });
    await signIn({ email, password });
    notify(register?.user.emailVerified ? 'Welcome.' : `Welcome. A mail to ${email} verifies your address.`);
  };
  if (registration === 'closed') {
    return (
      <Card title="Nobody can make an account here" lead="The operator makes the accounts.">
        <p class="fine">You have one? <a href="/sign-in">Sign in</a></p>
      </Card>
    );
  }
  if (registration === 'invite' && !invitation) {
    return (
      <Card title="Accounts are made by invitation" lead="Open the link of your invitation. If you have none, ask an administrator.">
        <p class="fine">You have an account? <a href="/sign-in">Sign in</a></p>
      </Card>
    );
  }
  return (
    <Card title="Make an account" {...(invitation ? { lead: 'You are invited.' } : {})}>
      <Form submit="Make the account" onSubmit={submit}>
        <Field {...email} {...(emailDomains.length > 0 && !invitation ? { hint: `An address of ${emailDomains.join(' or ')}.` } : {})} />
        <Field label="Password" name="password" {...newPassword} />
        <div class="row">
          <Field label="First name (optional)" name="firstName" autocomplete="given-name" />
          <Field label="Last name (optional)" name="lastName" autocomplete="family-name" />
        </div>
      </Form>
      <p class="fine">You have one? <a href="/sign-in">Sign in</a></p>
    </Card>
  );
}

export function VerifyEmail() {
  const [token] = useState(() => takeFromFragment('token'));
  const [outcome, setOutcome] = useState<'working' | 'done' | string>('working');
  useEffect(() => {
    if (!token) return;
    request(VerifyEmailDocument, { input: { token } }).then(
      () => setOutcome('done'),
      (error: ApiError) => setOutcome(sentence(`The link ${error.message}`)),
    );
  }, []);
  const resend = async ({ email = '' }: Record<string, string>) => {
    await request(ResendVerificationEmailDocument, { input: { email } });
    notify('If there is an account with this address that is not verified, a mail is on its way.');
  };
  if (token && outcome === 'working') return <Card title="One moment…"><p>Your address is being verified.</p></Card>;
  if (token && outcome === 'done') {
    return (
      <Card title="Your address is verified" lead="Sessions from before have ended, so sign in again.">
        <p><a class="button primary" href="/sign-in">Sign in</a></p>
      </Card>
    );
  }
  return (
    <Card title="Verify your address" lead={token ? outcome : 'The link in the mail does it. Without the mail, have it sent again.'}>
      <Form submit="Send the mail again" onSubmit={resend}><Field {...email} /></Form>
    </Card>
  );
}

export function ForgotPassword() {
  const [isSent, setSent] = useState(false);
  const submit = async ({ email = '' }: Record<string, string>) => {
    await request(RequestPasswordResetDocument, { input: { email } });
    setSent(true);
  };
  if (isSent) {
    return (
      <Card title="Look into your mail" lead="If there is an account with this address, a mail with a link is on its way. The link is good for an hour.">
        <p class="fine"><a href="/sign-in">Back</a></p>
      </Card>
    );
  }
  return (
    <Card title="A new password" lead="A mail brings you a link with which you can set one.">
      <Form submit="Send the mail" onSubmit={submit}><Field {...email} /></Form>
      <p class="fine"><a href="/sign-in">Back</a></p>
    </Card>
  );
}

export function ResetPassword() {
  const [token] = useState(() => takeFromFragment('token') ?? '');
  const submit = async ({ password = '' }: Record<string, string>) => {
    try {
      await request(ResetPasswordDocument, { input: { token, password } });
    } catch (error) {
      if (error instanceof ApiError && error.field === 'token') throw new ApiError(error.code, `The link ${error.message}`);
      throw error;
    }
    notify('The password is set. Sign in with it.');
    navigate('/sign-in');
  };
  return (
    <Card title="Set a new password" lead="Every session and API key of the account ends.">
      <Form submit="Set the password" onSubmit={submit}>
        <Field label="New password" name="password" {...newPassword} />
      </Form>
    </Card>
  );
}
