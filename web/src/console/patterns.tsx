// Patterns of codes, and trying one before it is added.

import { useState } from 'preact/hooks';
import { request } from '../graphql.ts';
import {
  CreateOtpPatternDocument, DeleteOtpPatternDocument, OtpPatternsDocument, ProvidersDocument, TestOtpPatternDocument,
  UpdateOtpPatternDocument,
} from '../operations/generated.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Field, Form } from '../ui/form.tsx';
import { ListEnd, useList, useQuery } from '../ui/query.tsx';
import { notify, notifyError, sentence } from '../ui/toast.tsx';
import { Table } from './table.tsx';

export function Patterns() {
  const list = useList(OtpPatternsDocument, {}, ({ otpPatterns }) => otpPatterns);
  const [isAdding, setAdding] = useState(false);
  const update = (otpPatternId: string, isActive: boolean) =>
    request(UpdateOtpPatternDocument, { input: { otpPatternId, isActive } }).then(list.reload, notifyError);
  const remove = (otpPatternId: string) =>
    request(DeleteOtpPatternDocument, { input: { otpPatternId } }).then(list.reload, notifyError);
  return (
    <>
      <div class="title"><h1>Code patterns</h1><button type="button" class="button primary" onClick={() => setAdding(true)}>Add a pattern</button></div>
      <p class="meta">Codes are found by themselves. A pattern is for the sender whose codes are not.</p>
      <Table
        caption="Code patterns"
        rows={list.nodes}
        keyOf={({ id }) => id}
        columns={[
          ['Pattern', ({ pattern }) => <code class="wrap">{pattern}</code>],
          ['For', ({ sender, provider }) => [sender && `sender ${sender}`, provider && `provider ${provider.name}`].filter(Boolean).join(', ')],
          ['Service', ({ service }) => service ?? '–'],
          ['', ({ id, isActive, pattern }) => (
            <span class="actions">
              <button type="button" class="button" aria-label={`${isActive ? 'Pause' : 'Use'} ${pattern}`} onClick={() => update(id, !isActive)}>{isActive ? 'Pause' : 'Use'}</button>
              <button type="button" class="button quiet danger" aria-label={`Delete ${pattern}`} onClick={() => remove(id)}>Delete</button>
            </span>
          )],
        ]}
      />
      <ListEnd list={list}><h2>No pattern</h2><p>None is needed, as long as the codes are found.</p></ListEnd>
      {isAdding && <AddDialog onClose={() => setAdding(false)} onAdded={list.reload} />}
    </>
  );
}

function AddDialog({ onClose, onAdded }: { onClose: () => void; onAdded: () => Promise<void> }) {
  const { data } = useQuery(ProvidersDocument, { first: 100 });
  const [pattern, setPattern] = useState('code is (?<code>\\d{4,8})');
  const [text, setText] = useState('');
  const [found, setFound] = useState<string | null>(null);
  const test = async () => {
    try {
      const { testOtpPattern } = await request(TestOtpPatternDocument, { pattern, text });
      setFound(testOtpPattern ? `It finds ${testOtpPattern.code}${testOtpPattern.service ? ` of ${testOtpPattern.service}` : ''}.` : 'It finds no code.');
    } catch (error) {
      setFound(sentence((error as Error).message));
    }
  };
  const submit = async ({ sender = '', providerId = '', service = '' }: Record<string, string>) => {
    const input = { pattern, ...(sender && { sender }), ...(providerId && { providerId }), ...(service && { service }) };
    await request(CreateOtpPatternDocument, { input });
    notify('The pattern is added; messages from now on are read with it.');
    onClose();
    await onAdded();
  };
  return (
    <Dialog title="Add a pattern" onClose={onClose}>
      <Form submit="Add" onSubmit={submit} aside={<button type="button" class="button" onClick={test}>Try it</button>}>
        <Field label="Regular expression" name="pattern" class="mono" spellcheck={false} value={pattern} onInput={(event) => setPattern(event.currentTarget.value)} hint={<>It captures the code as <code>{'(?<code>…)'}</code>, and perhaps whose it is as <code>{'(?<service>…)'}</code>.</>} />
        <Field label="A text to try it on" name="text">
          {(attributes) => <textarea {...attributes} rows={3} maxLength={1600} value={text} onInput={(event) => setText(event.currentTarget.value)} />}
        </Field>
        {found && <p class="notice" role="status">{found}</p>}
        <div class="row">
          <Field label="Only of this sender" name="sender" />
          <Field label="Only through this provider" name="providerId">
            {(attributes) => <select {...attributes}><option value="">Every provider</option>{data?.providers?.nodes.map(({ id, name }) => <option key={id} value={id}>{name}</option>)}</select>}
          </Field>
        </div>
        <Field label="Whose codes they are" name="service" hint="Where the pattern does not capture it." />
      </Form>
    </Dialog>
  );
}
