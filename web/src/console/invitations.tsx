// Invitations to make an account.

import { useState } from 'preact/hooks';
import { request } from '../graphql.ts';
import { CreateInvitationDocument, InvitationsDocument, RevokeInvitationDocument, type UserPlan } from '../operations/generated.ts';
import { registration } from '../registration.ts';
import { CopyButton } from '../ui/copy.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, Form } from '../ui/form.tsx';
import { ListEnd, useList } from '../ui/query.tsx';
import { Ago } from '../ui/time.tsx';
import { notify, notifyError } from '../ui/toast.tsx';
import { Table, words } from './table.tsx';

export function Invitations() {
  const list = useList(InvitationsDocument, {}, ({ invitations }) => invitations);
  const [isInviting, setInviting] = useState(false);
  const revoke = (invitationId: string) =>
    request(RevokeInvitationDocument, { input: { invitationId } }).then(list.reload, notifyError);
  return (
    <>
      <div class="title">
        <h1>Invitations</h1>
        {registration !== 'closed' && <button type="button" class="button primary" onClick={() => setInviting(true)}>Invite somebody</button>}
      </div>
      <p class="meta">{{
        open: 'Everybody can make an account here. An invitation can give it a plan.',
        invite: 'Accounts are made by invitation. Each is good once.',
        closed: 'Registration is closed, also to those who are invited. The operator makes the accounts.',
      }[registration]}</p>
      <Table
        caption="Invitations, newest first"
        rows={list.nodes}
        keyOf={({ id }) => id}
        columns={[
          ['For', ({ email, isMailed }) => <><bdi>{email ?? 'whoever has the link'}</bdi>{isMailed && ' (by mail)'}</>],
          ['Plan', ({ plan }) => words(plan)],
          ['State', ({ status, usedBy }) => (usedBy ? <>Used by <bdi>{usedBy.email}</bdi></> : words(status))],
          ['Made', ({ createdAt }) => <Ago time={createdAt} />],
          ['', ({ id, email, status }) => (
            <span class="actions">
              <button type="button" class="button quiet danger" aria-label={`${status === 'PENDING' ? 'Take back' : 'Remove'} the invitation ${email ?? id}`} onClick={() => revoke(id)}>{status === 'PENDING' ? 'Take back' : 'Remove'}</button>
            </span>
          )],
        ]}
      />
      <ListEnd list={list}><h2>No invitation</h2><p>Invitations are listed until 30 days after their end.</p></ListEnd>
      {isInviting && <InviteDialog onClose={() => setInviting(false)} onInvited={list.reload} />}
    </>
  );
}

function InviteDialog({ onClose, onInvited }: { onClose: () => void; onInvited: () => Promise<void> }) {
  const [link, setLink] = useState<string | null>(null);
  const submit = async ({ email = '', plan = '', expiresInDays: days = '', sendMail = '' }: Record<string, string>) => {
    const input = { email: email || null, plan: plan as UserPlan, expiresInDays: days === '' ? null : Number(days), sendMail: sendMail === 'yes' };
    const { createInvitation } = await request(CreateInvitationDocument, { input });
    await onInvited();
    const made = createInvitation?.link ?? createInvitation?.token;
    if (made) return setLink(made);
    notify(`The invitation is on its way to ${email}.`);
    onClose();
  };
  if (link) {
    return (
      <Dialog title="The invitation" onClose={onClose}>
        <p>Pass this on. It is good once, and is not shown again.</p>
        <p><code class="wrap">{link}</code> <CopyButton text={link} what="the invitation" label="Copy" /></p>
      </Dialog>
    );
  }
  return (
    <Dialog title="Invite somebody" onClose={onClose}>
      <Form submit="Invite" onSubmit={submit}>
        <Field label="Their e-mail address" name="email" type="email" hint="Then the invitation is good for this address alone. Without it, whoever has the link can use it." />
        <div class="row">
          <Field label="Plan" name="plan">
            {(attributes) => <select {...attributes}><option value="FREE">Free</option><option value="PREMIUM">Premium</option></select>}
          </Field>
          <Field label="Good for days" name="expiresInDays" type="number" min={1} max={90} defaultValue="7" />
          <Field label="How" name="sendMail">
            {(attributes) => <select {...attributes}><option value="">Show me the link</option><option value="yes">Send them a mail</option></select>}
          </Field>
        </div>
      </Form>
    </Dialog>
  );
}
