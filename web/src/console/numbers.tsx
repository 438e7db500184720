// Every number: importing, finding, blocking.

import { useState } from 'preact/hooks';
import { request } from '../graphql.ts';
import {
  AllNumbersDocument, ImportPhoneNumbersDocument, ProvidersDocument, SetPhoneNumberStatusDocument, type PhoneNumberStatus,
} from '../operations/generated.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Field, Form } from '../ui/form.tsx';
import { countryName, readable } from '../ui/phone.ts';
import { ListEnd, useList, useQuery } from '../ui/query.tsx';
import { notify, notifyError } from '../ui/toast.tsx';
import { MOST_AT_ONCE, readLines, type BadLine } from './import.ts';
import { Table, words } from './table.tsx';

const STATUSES: readonly PhoneNumberStatus[] = ['AVAILABLE', 'ASSIGNED', 'EXPIRED', 'BLOCKED'];
const STATUS_WORDS: Record<PhoneNumberStatus, string> = { AVAILABLE: 'free', ASSIGNED: 'rented', EXPIRED: 'cools down', BLOCKED: 'blocked' };

export function Numbers() {
  const [status, setStatus] = useState<PhoneNumberStatus | ''>('');
  const [country, setCountry] = useState('');
  const filter = { ...(status && { status }), ...(country.length === 2 && { countryCode: country }) };
  const list = useList(AllNumbersDocument, { filter }, ({ phoneNumbers }) => phoneNumbers);
  const [isImporting, setImporting] = useState(false);
  const setUse = (phoneNumberId: string, use: 'AVAILABLE' | 'BLOCKED') =>
    request(SetPhoneNumberStatusDocument, { input: { phoneNumberId, status: use } }).then(list.reload, notifyError);
  return (
    <>
      <div class="title"><h1>Numbers</h1><button type="button" class="button primary" onClick={() => setImporting(true)}>Import numbers</button></div>
      <div class="filters">
        <label class="choice"><span>Status</span>
          <select value={status} onChange={(event) => setStatus(event.currentTarget.value as PhoneNumberStatus | '')}>
            <option value="">Every status</option>
            {STATUSES.map((value) => <option key={value} value={value}>{STATUS_WORDS[value]}</option>)}
          </select>
        </label>
        <label class="choice"><span>Country</span><input type="text" maxLength={2} placeholder="US" value={country} onInput={(event) => setCountry(event.currentTarget.value.toUpperCase())} /></label>
        {list.totalCount !== null && <p class="meta">{list.totalCount === 1 ? '1 number' : `${list.totalCount} numbers`}</p>}
      </div>
      <Table
        caption="Numbers"
        rows={list.nodes}
        keyOf={({ id }) => id}
        columns={[
          ['Number', ({ phoneNumber }) => <bdi>{readable(phoneNumber)}</bdi>],
          ['Country', ({ countryCode }) => countryName(countryCode)],
          ['Provider', ({ provider }) => provider ? <a href={`/console/providers/${provider.id}`}>{provider.name}</a> : 'none'],
          ['Status', ({ status }) => <span class={`tag ${status.toLowerCase()}`}>{STATUS_WORDS[status]}</span>],
          ['Renter', ({ renter }) => renter?.email ?? '–'],
          ['', ({ id, status, phoneNumber }) => status === 'BLOCKED'
            ? <button type="button" class="button" aria-label={`Unblock ${readable(phoneNumber)}`} onClick={() => setUse(id, 'AVAILABLE')}>Unblock</button>
            : <BlockButton number={readable(phoneNumber)} isRented={status === 'ASSIGNED'} onBlock={() => setUse(id, 'BLOCKED')} />],
        ]}
      />
      <ListEnd list={list}><h2>No numbers</h2><p>Import those that a provider gives you, or look for others.</p></ListEnd>
      {isImporting && <ImportDialog onClose={() => setImporting(false)} onImported={list.reload} />}
    </>
  );
}

function BlockButton({ number, isRented, onBlock }: { number: string; isRented: boolean; onBlock: () => Promise<unknown> }) {
  const [isAsking, setAsking] = useState(false);
  return (
    <>
      <button type="button" class="button quiet danger" aria-label={`Block ${number}`} onClick={() => setAsking(true)}>Block</button>
      {isAsking && (
        <Dialog title={`Block ${number}?`} onClose={() => setAsking(false)}>
          <p>Nobody can rent it until it is unblocked.{isRented && ' Whoever rents it now loses it at once.'}</p>
          <div class="actions"><button type="button" class="button danger" onClick={() => void onBlock().then(() => setAsking(false))}>Block the number</button></div>
        </Dialog>
      )}
    </>
  );
}

interface Outcome {
  added: number;
  known: number;
  bad: readonly BadLine[];
}

function ImportDialog({ onClose, onImported }: { onClose: () => void; onImported: () => Promise<void> }) {
  const { data } = useQuery(ProvidersDocument, { first: 100 });
  const [text, setText] = useState('');
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const { lines, bad } = readLines(text);
  const read = async (file: File | undefined) => file && setText(await file.text());
  const submit = async ({ providerId = '' }: Record<string, string>) => {
    if (!providerId) throw Object.assign(new Error('Choose one'), { field: 'providerId' });
    if (lines.length === 0) throw Object.assign(new Error('There is no number to import'), { field: 'numbers' });
    const result = { added: 0, known: 0, bad: [...bad] };
    for (let at = 0; at < lines.length; at += MOST_AT_ONCE) {
      const some = lines.slice(at, at + MOST_AT_ONCE);
      const numbers = some.map(({ phoneNumber, countryCode }) => ({ phoneNumber, countryCode }));
      const { importPhoneNumbers } = await request(ImportPhoneNumbersDocument, { input: { providerId, numbers } });
      if (!importPhoneNumbers) continue;
      result.added += importPhoneNumbers.addedIds.length;
      result.known += importPhoneNumbers.knownCount;
      for (const { index, message } of importPhoneNumbers.rejected) {
        const line = some[index];
        if (line) result.bad.push({ line: line.line, text: line.phoneNumber, reason: message });
      }
    }
    setOutcome(result);
    if (result.added > 0) notify(result.added === 1 ? 'A number is imported.' : `${result.added} numbers are imported.`);
    await onImported();
  };
  if (outcome) {
    return (
      <Dialog title="Imported" onClose={onClose}>
        <p>{outcome.added} added, {outcome.known} were there already, {outcome.bad.length} left out.</p>
        <BadLines bad={outcome.bad} />
        <div class="actions"><button type="button" class="button primary" onClick={onClose}>Done</button></div>
      </Dialog>
    );
  }
  return (
    <Dialog title="Import numbers" onClose={onClose}>
      <Form submit={lines.length > 0 ? `Import ${lines.length === 1 ? 'a number' : `${lines.length} numbers`}` : 'Import'} onSubmit={submit}>
        <Field label="Provider" name="providerId">
          {(attributes) => (
            <select {...attributes}>
              <option value="">Choose one</option>
              {data?.providers?.nodes.map(({ id, name, kind }) => <option key={id} value={id}>{name} ({words(kind)})</option>)}
            </select>
          )}
        </Field>
        <Field label="Numbers" name="numbers" hint="One a line, as +14155550100; a country may follow: 12345,US. Nothing is imported before you say so.">
          {(attributes) => <textarea {...attributes} rows={7} class="mono" spellcheck={false} value={text} onInput={(event) => setText(event.currentTarget.value)} />}
        </Field>
        <label class="button file">Read a CSV file<input type="file" accept=".csv,.txt,text/csv,text/plain" onChange={(event) => void read(event.currentTarget.files?.[0])} /></label>
        {text.trim() && <p class="meta" role="status">{lines.length === 1 ? '1 number' : `${lines.length} numbers`} to import, {bad.length} {bad.length === 1 ? 'line is' : 'lines are'} left out.</p>}
        <BadLines bad={bad} />
      </Form>
    </Dialog>
  );
}

function BadLines({ bad }: { bad: readonly BadLine[] }) {
  if (bad.length === 0) return null;
  return (
    <ul class="bad-lines" tabIndex={0} aria-label="Lines that are left out">
      {[...bad].sort((a, b) => a.line - b.line).slice(0, 200).map(({ line, text, reason }) => <li key={`${line} ${reason}`}><strong>Line {line}</strong> <code>{text}</code> {reason}</li>)}
    </ul>
  );
}
