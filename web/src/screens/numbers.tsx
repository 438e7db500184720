// Renting numbers, and what one has rented.

import { useState } from 'preact/hooks';
import { ApiError, request } from '../graphql.ts';
import { countries, loadNumbers, log, numbers, search, setNumber, unreadByNumber, type RentedNumber } from '../inbox/store.ts';
import { EVERYTHING } from '../inbox/search.ts';
import { AssignPhoneNumberDocument, ExtendPhoneNumberDocument, LabelPhoneNumberDocument, ReleasePhoneNumberDocument } from '../operations/generated.ts';
import { navigate } from '../router.ts';
import { upTo99 } from '../text.ts';
import { now } from '../time.ts';
import { CopyButton } from '../ui/copy.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, Form } from '../ui/form.tsx';
import { Icon } from '../ui/icon.tsx';
import { countryName, readable } from '../ui/phone.ts';
import { Left } from '../ui/time.tsx';
import { notify, notifyError } from '../ui/toast.tsx';

/** How long a rental may last in all. */
const LONGEST_RENTAL = 24 * 3_600_000;

export function Numbers() {
  const mine = numbers.value;
  return (
    <div class="page">
      <div class="title"><h1>Numbers</h1></div>
      {mine?.length ? <ul class="grid">{mine.map((number) => <NumberCard key={number.id} number={number} />)}</ul> : mine && (
        <div class="empty">
          <h2>You rent no number yet</h2>
          <p>Choose a country below. The number is yours for as long as you say, and codes that are sent to it appear in the inbox.</p>
        </div>
      )}
      <h2>Rent a number</h2>
      <RentForm />
    </div>
  );
}

function NumberCard({ number }: { number: RentedNumber }) {
  const [extending, setExtending] = useState(false);
  const [releasing, setReleasing] = useState(false);
  const shownNumber = readable(number.phoneNumber);
  const unread = unreadByNumber.value.get(number.id) ?? 0;
  const messages = log.value?.messages.filter(({ phoneNumberId }) => phoneNumberId === number.id).length ?? 0;
  const open = () => {
    search.value = { ...EVERYTHING, phoneNumberId: number.id };
    navigate('/');
  };
  return (
    <li class="card number">
      <div class="line">
        <h2><bdi>{shownNumber}</bdi></h2>
        <CopyButton text={number.phoneNumber} what={`the number ${shownNumber}`} class="quiet square" />
      </div>
      <p class="meta">
        {countryName(number.countryCode)}
        {number.expiresAt && <> · <Icon name="clock" /> <Left until={number.expiresAt} /> left</>}
        {number.isGranted && ' · granted to a pool of yours'}
      </p>
      <Note number={number} />
      <div class="actions">
        <button type="button" class="button" onClick={open}>{messages === 1 ? '1 message' : `${upTo99(messages)} messages`}{unread > 0 && <span class="badge">{upTo99(unread)}<span class="off-screen"> unread</span></span>}</button>
        <button type="button" class="button" onClick={() => setExtending(true)} disabled={maxExtension(number) < 1}>Extend</button>
        <button type="button" class="button quiet danger" onClick={() => setReleasing(true)}>Release</button>
      </div>
      {extending && <ExtendDialog number={number} onClose={() => setExtending(false)} />}
      {releasing && <ReleaseDialog number={number} onClose={() => setReleasing(false)} />}
    </li>
  );
}

/** A note of one's own: the label of the number, which every device of the renter shows. */
function Note({ number }: { number: RentedNumber }) {
  const [draft, setDraft] = useState<string | null>(null);
  const save = async (text: string) => {
    try {
      const { labelPhoneNumber } = await request(LabelPhoneNumberDocument, { input: { phoneNumberId: number.id, label: text.trim() || null } });
      if (labelPhoneNumber) setNumber(labelPhoneNumber.phoneNumber);
      setDraft(null);
    } catch (error) {
      // What was written stays, to be saved again.
      notifyError(error);
    }
  };
  return (
    <label class="note">
      <Icon name="note" /><span class="off-screen">Note on {readable(number.phoneNumber)}</span>
      <input
        type="text" maxLength={50} placeholder="A note of your own" value={draft ?? number.label ?? ''}
        onInput={(event) => setDraft(event.currentTarget.value)} onChange={(event) => void save(event.currentTarget.value)}
      />
    </label>
  );
}

/** By how many hours a rental can be extended. */
function maxExtension({ assignedAt, expiresAt }: RentedNumber): number {
  if (!assignedAt || !expiresAt) return 0;
  return Math.floor((Date.parse(assignedAt) + LONGEST_RENTAL - Date.parse(expiresAt)) / 3_600_000);
}

const hoursText = (hours: number) => (hours === 1 ? '1 hour' : `${hours} hours`);

function Hours({ most, name = 'hours', initial = 1 }: { most: number; name?: string; initial?: number }) {
  const [hours, setHours] = useState(Math.min(initial, most));
  return (
    <Field label="For how long" name={name}>
      {(attributes) => (
        <span class="range">
          <input {...attributes} type="range" min={1} max={most} value={hours} aria-valuetext={hoursText(hours)} onInput={(event) => setHours(event.currentTarget.valueAsNumber)} />
          <output>{hoursText(hours)}</output>
        </span>
      )}
    </Field>
  );
}

function ExtendDialog({ number, onClose }: { number: RentedNumber; onClose: () => void }) {
  // The same request again, after an answer that was lost, extends once.
  const [idempotencyKey] = useState(randomId);
  const submit = async ({ hours = '1' }: Record<string, string>) => {
    const input = { phoneNumberId: number.id, durationHours: Number(hours), idempotencyKey };
    const { extendPhoneNumber } = await request(ExtendPhoneNumberDocument, { input });
    if (extendPhoneNumber) setNumber(extendPhoneNumber.phoneNumber);
    notify(`${readable(number.phoneNumber)} is yours for longer.`);
    onClose();
  };
  return (
    <Dialog title={`Extend ${readable(number.phoneNumber)}`} onClose={onClose}>
      <Form submit="Extend" onSubmit={submit}>
        <Hours most={maxExtension(number)} />
        <p class="hint">A rental may last 24 hours in all.</p>
      </Form>
    </Dialog>
  );
}

function ReleaseDialog({ number, onClose }: { number: RentedNumber; onClose: () => void }) {
  const submit = async () => {
    const { releasePhoneNumber } = await request(ReleasePhoneNumberDocument, { input: { phoneNumberId: number.id } });
    if (releasePhoneNumber) setNumber(releasePhoneNumber.phoneNumber);
    notify(`${readable(number.phoneNumber)} is given back.`);
    onClose();
  };
  return (
    <Dialog title={`Release ${readable(number.phoneNumber)}?`} onClose={onClose}>
      <p>Codes that are sent to it from now on do not reach you. The messages that it has received stay in your inbox.</p>
      <Form submit="Release the number" onSubmit={submit}>{null}</Form>
    </Dialog>
  );
}

export function RentForm({ onRented }: { onRented?: () => void }) {
  const [idempotencyKey, setKey] = useState(randomId);
  const list = [...countries.value].sort((a, b) => countryName(a.code).localeCompare(countryName(b.code)));
  const firstFree = list.find(({ availableCount }) => availableCount > 0)?.code;
  const [chosen, choose] = useState<string | null>(null);
  const submit = async ({ hours = '1' }: Record<string, string>) => {
    const countryCode = chosen ?? firstFree;
    if (!countryCode) throw new Error('No number is free now');
    try {
      const { assignPhoneNumber } = await request(AssignPhoneNumberDocument, { input: { countryCode, durationHours: Number(hours), idempotencyKey } });
      setKey(randomId());
      if (!assignPhoneNumber) return;
      setNumber(assignPhoneNumber.phoneNumber);
      void loadNumbers().catch(() => {});
      notify(`${readable(assignPhoneNumber.phoneNumber.phoneNumber)} is yours for ${hoursText(Number(hours))}.`);
      onRented?.();
    } catch (error) {
      if (error instanceof ApiError && error.code !== 'OFFLINE') setKey(randomId());
      throw error instanceof ApiError ? rentError(error, countryCode) : error;
    }
  };
  // Nothing is known yet.
  if (numbers.value === null) return <div class="skeletons" aria-busy="true" role="status"><span class="off-screen">Loading</span><i /><i /></div>;
  if (list.length === 0) {
    return <div class="empty"><h2>There are no numbers to rent</h2><p>The operator of this server has to add some first.</p></div>;
  }
  return (
    <Form submit="Rent a number" onSubmit={submit} class="form rent">
      <fieldset class="countries">
        <legend>Country</legend>
        <div class="choices">
          {list.map(({ code, availableCount }) => (
            <label key={code} class={availableCount === 0 ? 'none' : undefined}>
              <input type="radio" name="country" value={code} checked={code === (chosen ?? firstFree)} disabled={availableCount === 0} onChange={() => choose(code)} />
              <span class="code" aria-hidden="true">{code}</span>
              <span class="name">{countryName(code)}</span>
              <span class="count">{availableCount === 0 ? 'none free' : `${availableCount} free`}</span>
            </label>
          ))}
        </div>
      </fieldset>
      <Hours most={24} />
    </Form>
  );
}

function rentError(error: ApiError, country: string): Error {
  switch (error.code) {
    case 'NO_NUMBER_AVAILABLE': {
      const at = error.details['availableAt'];
      const minutes = typeof at === 'string' ? Math.max(1, Math.ceil((Date.parse(at) - now.value) / 60_000)) : null;
      const when = minutes === null ? '' : ` One becomes free in ${minutes === 1 ? 'a minute' : `${minutes} minutes`}.`;
      return new Error(`Every number of ${countryName(country)} is taken now.${when}`);
    }
    case 'EMAIL_NOT_VERIFIED':
      return new Error('Verify your e-mail address first, with the link in the mail. Your account page sends it again.');
    default:
      return error;
  }
}

/** Also where the connection is not secure, and browsers have no `randomUUID`. */
function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The dialog with which the inbox rents a number. */
export function RentDialog({ onClose }: { onClose: () => void }) {
  return <Dialog title="Rent a number" onClose={onClose}><RentForm onRented={onClose} /></Dialog>;
}

