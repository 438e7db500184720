// The accounts at providers, with how each is doing, and adding one.

import { useState } from 'preact/hooks';
import { request } from '../graphql.ts';
import {
  CreateProviderDocument, ProviderKindsDocument, ProvidersDocument, type ProviderKind, type ProviderKindsQuery,
  type ProviderSummaryFragment,
} from '../operations/generated.ts';
import { navigate } from '../router.ts';
import { CopyButton } from '../ui/copy.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Field, Form } from '../ui/form.tsx';
import { ListEnd, useList, useQuery } from '../ui/query.tsx';
import { Ago } from '../ui/time.tsx';
import { configurationOf } from './configuration.ts';
import { Table, words } from './table.tsx';

export type Kind = NonNullable<ProviderKindsQuery['providerKinds']>[number];

/** How a provider is doing, in a word and a sentence. */
export function healthOf({ isActive, health }: ProviderSummaryFragment): { level: 'good' | 'warn' | 'bad' | 'off'; text: string } {
  if (!isActive) return { level: 'off', text: 'inactive' };
  if (!health) return { level: 'warn', text: 'unknown' };
  if (health.hasWeakSecret) return { level: 'bad', text: 'its secret is weak' };
  if (health.failureCount > 0) return { level: 'bad', text: `${health.failureCount} failures` };
  if (health.refusalCount > 0 && !health.lastMessageAt) return { level: 'bad', text: 'every request is refused: is the secret right?' };
  if (health.refusalCount > 0) return { level: 'warn', text: `${health.refusalCount} refused` };
  if (health.limitedCount > 0) return { level: 'warn', text: `${health.limitedCount} over its limit` };
  if (!health.lastMessageAt) return { level: 'off', text: 'no message yet' };
  return { level: 'good', text: 'well' };
}

export function Health({ provider }: { provider: ProviderSummaryFragment }) {
  const { level, text } = healthOf(provider);
  return <span class={`health ${level}`}><span class="dot" aria-hidden="true" />{text}</span>;
}

export function Providers() {
  const list = useList(ProvidersDocument, {}, ({ providers }) => providers);
  const [isAdding, setAdding] = useState(false);
  return (
    <>
      <div class="title"><h1>Providers</h1><button type="button" class="button primary" onClick={() => setAdding(true)}>Add a provider</button></div>
      <Table
        caption="Providers"
        rows={list.nodes}
        keyOf={({ id }) => id}
        columns={[
          ['Name', ({ id, name }) => <a href={`/console/providers/${id}`}>{name}</a>],
          ['Kind', ({ kind }) => words(kind)],
          ['Health', (provider) => <Health provider={provider} />],
          ['Messages, 24 h', ({ health }) => health?.messageCount ?? '–'],
          ['Last message', ({ health }) => (health?.lastMessageAt ? <Ago time={health.lastMessageAt} /> : 'none')],
        ]}
      />
      <ListEnd list={list}>
        <h2>No provider yet</h2><p>A provider brings the messages. Add the account that you have at one, then import its numbers.</p>
      </ListEnd>
      {isAdding && <AddDialog onClose={() => setAdding(false)} />}
    </>
  );
}

function AddDialog({ onClose }: { onClose: () => void }) {
  const { data } = useQuery(ProviderKindsDocument, {});
  const kinds = [...(data?.providerKinds ?? [])].sort((a, b) => a.title.localeCompare(b.title));
  const [chosen, choose] = useState<ProviderKind | ''>('');
  const [added, setAdded] = useState<{ provider: ProviderSummaryFragment; secret: string | null } | null>(null);
  const kind = kinds.find((known) => known.kind === chosen);
  const submit = async ({ name = '', secret = '', kind: _, ...settings }: Record<string, string>) => {
    if (!kind) throw Object.assign(new Error('Choose one'), { field: 'kind' });
    const configuration = configurationOf(settings);
    const input = { kind: kind.kind, name, ...(secret && { secret }), ...(configuration && { configuration }) };
    const { createProvider } = await request(CreateProviderDocument, { input });
    if (createProvider) setAdded({ provider: createProvider.provider, secret: createProvider.generatedSecret });
  };
  if (added) {
    return (
      <Dialog title={`${added.provider.name} is added`} onClose={() => navigate(`/console/providers/${added.provider.id}`)}>
        <WebhookAddresses provider={added.provider} />
        {added.secret && (
          <>
            <p>Its secret, which is shown now and never again:</p>
            <p class="address"><code>{added.secret}</code></p>
            <CopyButton text={added.secret} what="the secret" label="Copy the secret" />
          </>
        )}
        <div class="actions"><a class="button primary" href={`/console/providers/${added.provider.id}`}>Go on</a></div>
      </Dialog>
    );
  }
  return (
    <Dialog title="Add a provider" onClose={onClose}>
      <Form submit="Add" onSubmit={submit}>
        <Field label="Provider" name="kind">
          {(attributes) => (
            <select {...attributes} value={chosen} onChange={(event) => choose(event.currentTarget.value as ProviderKind)}>
              <option value="">Choose one</option>
              {kinds.map(({ kind, title }) => <option key={kind} value={kind}>{title}</option>)}
            </select>
          )}
        </Field>
        {kind && <KindFields kind={kind} />}
      </Form>
    </Dialog>
  );
}

/** The fields that a kind of provider has, from its own description. */
function KindFields({ kind }: { kind: Kind }) {
  return (
    <>
      <Field label="Your own name for it" name="name" defaultValue={kind.kind.toLowerCase().replaceAll('_', '-')} hint="Its webhook address carries it: letters, digits, hyphens, underscores and dots." />
      <Field label="Secret" name="secret" type="password" autocomplete="off" hint={kind.secret} />
      {kind.settings.length > 0 && (
        <details>
          <summary>Settings ({kind.settings.length}), all optional unless they say otherwise</summary>
          {kind.settings.map(({ name, description }) => <Field key={name} label={name} name={`setting.${name}`} hint={description} />)}
        </details>
      )}
    </>
  );
}

/** What has to be pasted into the provider's own console. */
export function WebhookAddresses({ provider }: { provider: ProviderSummaryFragment }) {
  const address = (path: string) => new URL(path, location.origin).href;
  return (
    <dl class="addresses">
      <div><dt>Webhook for messages</dt><dd><code>{address(provider.webhookPath)}</code><CopyButton text={address(provider.webhookPath)} what="the webhook address" class="quiet square" /></dd></div>
      <div><dt>Status callbacks</dt><dd><code>{address(provider.statusCallbackPath)}</code><CopyButton text={address(provider.statusCallbackPath)} what="the status callback address" class="quiet square" /></dd></div>
    </dl>
  );
}
