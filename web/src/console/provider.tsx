// One account at a provider: its addresses, its health, its secret, and a test message.

import { useState } from 'preact/hooks';
import { request } from '../graphql.ts';
import {
  AllNumbersDocument, ProviderDocument, SimulateInboundSmsDocument, UpdateProviderDocument, type ProviderSummaryFragment,
} from '../operations/generated.ts';
import { Field, Form } from '../ui/form.tsx';
import { useQuery } from '../ui/query.tsx';
import { Ago } from '../ui/time.tsx';
import { notify, notifyError, sentence } from '../ui/toast.tsx';
import { Health, WebhookAddresses } from './providers.tsx';
import { words } from './table.tsx';

export function Provider({ id }: { id: string }) {
  const { data, error, reload } = useQuery(ProviderDocument, { id });
  const provider = data?.node && 'webhookPath' in data.node ? (data.node as ProviderSummaryFragment) : null;
  if (error) return <p class="problem" role="alert">{sentence(error.message)}</p>;
  if (data && !provider) return <div class="empty"><h1>There is no such provider</h1><p><a href="/console/providers">All providers</a></p></div>;
  if (!provider) return <div class="skeletons" aria-busy="true"><i /><i /></div>;
  const toggle = () =>
    request(UpdateProviderDocument, { input: { providerId: id, isActive: !provider.isActive } }).then(reload, notifyError);
  return (
    <>
      <p class="crumb"><a href="/console/providers">Providers</a></p>
      <div class="title"><h1>{provider.name}</h1><button type="button" class="button" onClick={toggle}>{provider.isActive ? 'Deactivate' : 'Activate'}</button></div>
      <p class="meta">{words(provider.kind)} · <Health provider={provider} /></p>
      <div class="columns">
        <section class="card"><h2>Addresses</h2><p class="meta">Paste them into the provider's console.</p><WebhookAddresses provider={provider} /></section>
        <HealthCard provider={provider} />
        <SecretCard provider={provider} onChanged={reload} />
        <SettingsCard provider={provider} onChanged={reload} />
        <TestCard provider={provider} />
      </div>
    </>
  );
}

function HealthCard({ provider: { health } }: { provider: ProviderSummaryFragment }) {
  if (!health) return null;
  const rows: readonly [string, number][] = [
    ['Messages', health.messageCount], ['Repeated', health.duplicateCount], ['Unknown number', health.unroutableCount],
    ['Refused', health.refusalCount], ['Over the limit', health.limitedCount], ['Failed', health.failureCount],
  ];
  return (
    <section class="card">
      <h2>Last 24 hours</h2>
      <ul class="figures">{rows.map(([label, value]) => <li key={label} class="figure"><span class="value">{value}</span><span class="label">{label.toLowerCase()}</span></li>)}</ul>
      <p class="meta">{health.lastMessageAt ? <>Last message <Ago time={health.lastMessageAt} />.</> : 'No message within 30 days.'}{health.lastRefusalAt && <> Last refusal <Ago time={health.lastRefusalAt} />: {health.lastRefusalReason}.</>}</p>
      {health.hasWeakSecret && <p class="notice">Its secret can be guessed. Replace it.</p>}
    </section>
  );
}

interface ChangeProps {
  provider: ProviderSummaryFragment;
  onChanged: () => Promise<void>;
}

function SecretCard({ provider, onChanged }: ChangeProps) {
  const [round, setRound] = useState(0);
  const submit = async ({ secret = '', leaked }: Record<string, string>) => {
    await request(UpdateProviderDocument, { input: { providerId: provider.id, secret, endPreviousSecret: leaked !== undefined } });
    notify('The secret is replaced. Now tell it to the provider.');
    setRound(round + 1);
    await onChanged();
  };
  return (
    <section class="card">
      <h2>Secret</h2>
      <p class="meta">
        {provider.secretVerifiedAt ? <>A webhook was verified with it <Ago time={provider.secretVerifiedAt} />.</> : 'No webhook has been verified with it yet: send a test message from the provider.'}
        {provider.secretChangedAt && <> Replaced <Ago time={provider.secretChangedAt} />.</>}
      </p>
      <Form key={round} submit="Replace" onSubmit={submit}>
        <Field label="New secret" name="secret" type="password" autocomplete="off" hint="The one before stays good until a webhook has come with the new one." />
        <label class="check"><input type="checkbox" name="leaked" />The one before has leaked: end it at once</label>
      </Form>
    </section>
  );
}

function SettingsCard({ provider, onChanged }: ChangeProps) {
  const submit = async ({ priority = '', rateLimit = '', configuration = '' }: Record<string, string>) => {
    let parsed: unknown;
    try {
      parsed = JSON.parse(configuration || '{}');
    } catch {
      throw Object.assign(new Error('Must be JSON: an object'), { field: 'configuration' });
    }
    await request(UpdateProviderDocument, {
      input: { providerId: provider.id, priority: Number(priority), rateLimitPerMinute: Number(rateLimit), configuration: parsed },
    });
    notify('The settings are saved.');
    await onChanged();
  };
  return (
    <section class="card">
      <h2>Settings</h2>
      <Form submit="Save" onSubmit={submit}>
        <div class="row">
          <Field label="Priority" name="priority" type="number" min={1} max={1000} defaultValue={String(provider.priority)} hint="Numbers of the lowest are rented first." />
          <Field label="Webhooks a minute" name="rateLimit" type="number" min={1} defaultValue={String(provider.rateLimitPerMinute)} />
        </div>
        <Field label="Configuration" name="configuration">
          {(attributes) => <textarea {...attributes} rows={4} spellcheck={false} class="mono" defaultValue={JSON.stringify(provider.configuration, null, 2)} />}
        </Field>
      </Form>
    </section>
  );
}

const OUTCOMES: Record<string, string> = {
  DELIVERED: 'It is in the inbox of whoever rents the number.',
  DUPLICATE: 'It had arrived before.',
  QUARANTINED: 'It is kept, and nobody sees it: nobody rents the number.',
  UNROUTABLE: "The number is not this provider's.",
};

function TestCard({ provider }: { provider: ProviderSummaryFragment }) {
  const { data } = useQuery(AllNumbersDocument, { first: 100 });
  const numbers = data?.phoneNumbers?.nodes.filter((number) => number.provider?.id === provider.id) ?? [];
  const [outcome, setOutcome] = useState<string | null>(null);
  const submit = async ({ to = '', from = '', text = '' }: Record<string, string>) => {
    setOutcome(null);
    const { simulateInboundSms } = await request(SimulateInboundSmsDocument, { input: { to, from, text } });
    if (simulateInboundSms) {
      const code = simulateInboundSms.message?.otp?.code;
      setOutcome(`${OUTCOMES[simulateInboundSms.outcome] ?? simulateInboundSms.outcome}${code ? ` Its code is ${code}.` : ''}`);
    }
  };
  return (
    <section class="card">
      <h2>Test message</h2>
      <p class="meta">Received as if the provider had brought it.</p>
      <Form submit="Send it" onSubmit={submit}>
        <Field label="To" name="to" list="numbers-of-provider" defaultValue={numbers[0]?.phoneNumber ?? ''} key={numbers[0]?.id ?? ''} hint={numbers.length === 0 && data ? 'This provider has no numbers yet.' : undefined} />
        <datalist id="numbers-of-provider">{numbers.map(({ id, phoneNumber }) => <option key={id} value={phoneNumber} />)}</datalist>
        <Field label="From" name="from" defaultValue="Example" />
        <Field label="Text" name="text" defaultValue="Your Example code is 482913." />
      </Form>
      {outcome && <p class="notice" role="status">{outcome}</p>}
    </section>
  );
}
