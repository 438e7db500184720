// "Where is my SMS?": what became of webhooks, by number, time and the provider's id.

import { useState } from 'preact/hooks';
import { DeliveryReportsDocument, type DeliveryReportFilter, type DeliveryReportReason, type DeliveryReportStatus } from '../operations/generated.ts';
import { readable } from '../ui/phone.ts';
import { ListEnd, useList } from '../ui/query.tsx';
import { Ago } from '../ui/time.tsx';
import { Table, words } from './table.tsx';
import { Timeline } from './timeline.tsx';

const MEANING: Partial<Record<DeliveryReportStatus, string>> = {
  RECEIVED: "in its renter's inbox",
  QUARANTINED: 'kept, and nobody’s',
  UNROUTABLE: 'the number is not ours, or not this provider’s',
  DUPLICATE: 'had arrived before',
  HELD: 'waits for its other parts',
  BLOCKED: 'refused: its sender is blocked',
  FAILED: 'could not be read or stored',
};

const REASONS: Partial<Record<DeliveryReportReason, string>> = {
  NOT_RENTED: 'kept, and nobody’s: nobody had rented the number',
  RENTAL_ENDED: 'kept, and nobody’s: the last rental had ended',
  SENT_BEFORE_RENTAL: 'kept, and nobody’s: it was sent before the rental began, by the provider’s clock',
  NUMBER_BLOCKED: 'kept, and nobody’s: the number is blocked',
  UNKNOWN_NUMBER: 'the number is not on this platform',
  OTHER_PROVIDER: 'the number belongs to another provider',
  SAME_ID: 'had arrived before, with the same id',
  SAME_CONTENT: 'had arrived before, with another id',
  WAITING_FOR_PARTS: 'waits for its other parts',
  INVALID_FIELD: 'a field is missing or wrong',
  UNREADABLE_BODY: 'the webhook could not be read',
  STORE_REFUSED: 'the database refused the message',
  OUT_OF_ORDER: 'late: the message had come further already',
  UNKNOWN_STATUS: 'a word of the provider that the platform does not know',
};

export function Messages() {
  const [phoneNumber, setPhoneNumber] = useState('');
  const [providerMessageId, setProviderMessageId] = useState('');
  const [since, setSince] = useState('');
  const [until, setUntil] = useState('');
  const [filter, setFilter] = useState<DeliveryReportFilter>({});
  const list = useList(DeliveryReportsDocument, { filter }, ({ deliveryReports }) => deliveryReports);
  const look = (event: Event) => {
    event.preventDefault();
    const number = phoneNumber.replace(/[\s().-]/g, '');
    setFilter({
      ...(number && { phoneNumber: number }),
      ...(providerMessageId.trim() && { providerMessageId: providerMessageId.trim() }),
      ...(since && { since: new Date(since).toISOString() }),
      ...(until && { until: new Date(until).toISOString() }),
    });
  };
  return (
    <>
      <div class="title"><h1>Where is my SMS?</h1></div>
      <form class="filters" onSubmit={look}>
        <label class="choice"><span>Sent to</span><input type="text" inputMode="tel" placeholder="+14155550100" value={phoneNumber} onInput={(event) => setPhoneNumber(event.currentTarget.value)} /></label>
        <label class="choice"><span>The provider's id</span><input type="text" value={providerMessageId} onInput={(event) => setProviderMessageId(event.currentTarget.value)} /></label>
        <label class="choice"><span>From</span><input type="datetime-local" value={since} onInput={(event) => setSince(event.currentTarget.value)} /></label>
        <label class="choice"><span>To</span><input type="datetime-local" value={until} onInput={(event) => setUntil(event.currentTarget.value)} /></label>
        <button type="submit" class="button primary">Look</button>
      </form>
      <Table
        caption="Delivery reports, newest first"
        rows={list.nodes}
        keyOf={({ id }) => id}
        columns={[
          ['When', ({ createdAt }) => <Ago time={createdAt} />],
          ['Sent to', ({ phoneNumber }) => (phoneNumber ? <bdi>{readable(phoneNumber)}</bdi> : 'unknown')],
          ['Provider', ({ provider }) => provider ? <a href={`/console/providers/${provider.id}`}>{provider.name}</a> : '–'],
          ['Its id', ({ providerMessageId }) => <code class="clip">{providerMessageId ?? '–'}</code>],
          ['What became of it', ({ status, reason, kind, errorMessage, retryCount, providerStatus, messageId, payload }) => (
            <>
              <span class={`tag ${status.toLowerCase()}`}>{words(status)}</span>{' '}
              {errorMessage ?? (reason && REASONS[reason]) ?? (kind === 'MESSAGE' ? MEANING[status] : `status callback${providerStatus ? `: ${providerStatus}` : ''}`)}
              {retryCount > 0 && ` · repeated ${retryCount} times`}
              {messageId && <Timeline messageId={messageId} />}
              {payload !== null && <details><summary>What the provider posted</summary><pre tabIndex={0}>{JSON.stringify(payload, null, 2)}</pre></details>}
            </>
          )],
        ]}
      />
      <ListEnd list={list}>
        <h2>No report</h2>
        <p>{Object.keys(filter).length > 0 ? 'No verified webhook fits. Requests that could not be verified leave none: see the refusals of the provider.' : 'No webhook has come yet.'}</p>
      </ListEnd>
    </>
  );
}
