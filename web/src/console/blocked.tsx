// Senders whose messages are refused.

import { useState } from 'preact/hooks';
import { request } from '../graphql.ts';
import { BlockedSendersDocument, BlockSenderDocument, UnblockSenderDocument } from '../operations/generated.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Field, Form } from '../ui/form.tsx';
import { ListEnd, useList } from '../ui/query.tsx';
import { Ago } from '../ui/time.tsx';
import { notify, notifyError } from '../ui/toast.tsx';
import { Table } from './table.tsx';

export function BlockedSenders() {
  const list = useList(BlockedSendersDocument, {}, ({ blockedSenders }) => blockedSenders);
  const [isAdding, setAdding] = useState(false);
  const unblock = (blockedSenderId: string) =>
    request(UnblockSenderDocument, { input: { blockedSenderId } }).then(list.reload, notifyError);
  const submit = async ({ sender = '', note = '' }: Record<string, string>) => {
    await request(BlockSenderDocument, { input: { sender, note: note || null } });
    notify('Messages from now on are refused.');
    setAdding(false);
    await list.reload();
  };
  return (
    <>
      <div class="title"><h1>Blocked senders</h1><button type="button" class="button primary" onClick={() => setAdding(true)}>Block a sender</button></div>
      <p class="meta">Their messages are not stored. “Where is my SMS?” shows that they were refused.</p>
      <Table
        caption="Blocked senders, newest first"
        rows={list.nodes}
        keyOf={({ id }) => id}
        columns={[
          ['Sender', ({ sender }) => <bdi>{sender}</bdi>],
          ['Why', ({ note }) => <bdi>{note ?? '–'}</bdi>],
          ['By', ({ createdBy }) => <bdi>{createdBy?.email ?? 'the operator'}</bdi>],
          ['Since', ({ createdAt }) => <Ago time={createdAt} />],
          ['', ({ id, sender }) => <span class="actions"><button type="button" class="button quiet" aria-label={`Unblock ${sender}`} onClick={() => unblock(id)}>Unblock</button></span>],
        ]}
      />
      <ListEnd list={list}><h2>Nobody</h2><p>Messages of every sender are received.</p></ListEnd>
      {isAdding && (
        <Dialog title="Block a sender" onClose={() => setAdding(false)}>
          <Form submit="Block" onSubmit={submit}>
            <Field label="Sender" name="sender" hint={<>A name or a number. With an asterisk at its end, every sender that begins so: <code>+4490*</code>.</>} />
            <Field label="Why (optional)" name="note" />
          </Form>
        </Dialog>
      )}
    </>
  );
}
