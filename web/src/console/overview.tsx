// The platform in figures.

import type { ComponentChildren } from 'preact';
import { OverviewDocument } from '../operations/generated.ts';
import { useQuery } from '../ui/query.tsx';
import { sentence } from '../ui/toast.tsx';

const format = new Intl.NumberFormat('en');

function Figure({ value, label, to, isBad = false }: { value: number; label: string; to?: string; isBad?: boolean }) {
  const content = <><span class={isBad ? 'value bad' : 'value'}>{format.format(value)}</span><span class="label">{label}</span></>;
  return <li class="figure">{to ? <a href={to}>{content}</a> : content}</li>;
}

function Group({ title, children }: { title: string; children: ComponentChildren }) {
  return <section class="card"><h2>{title}</h2><ul class="figures">{children}</ul></section>;
}

export function Overview() {
  const { data, error, isLoading, reload } = useQuery(OverviewDocument, {});
  const stats = data?.stats;
  return (
    <>
      <div class="title"><h1>Overview</h1><button type="button" class="button" disabled={isLoading} onClick={() => void reload()}>Refresh</button></div>
      {error && <p class="problem" role="alert">{sentence(error.message)}</p>}
      {stats && (
        <div class="columns">
          <Group title="Numbers">
            <Figure value={stats.phoneNumbers.available} label="free" to="/console/numbers" />
            <Figure value={stats.phoneNumbers.assigned} label="rented" />
            <Figure value={stats.phoneNumbers.expired} label="cooling down" />
            <Figure value={stats.phoneNumbers.blocked} label="blocked" />
          </Group>
          <Group title="Webhooks in 24 hours">
            <Figure value={stats.webhooks.received} label="to an inbox" to="/console/messages" />
            <Figure value={stats.webhooks.duplicate} label="repeated" />
            <Figure value={stats.webhooks.quarantined} label="nobody's" />
            <Figure value={stats.webhooks.unroutable} label="unknown number" isBad={stats.webhooks.unroutable > 0} />
            <Figure value={stats.webhooks.failed} label="failed" isBad={stats.webhooks.failed > 0} />
          </Group>
          <Group title="Users">
            <Figure value={stats.users.total} label="accounts" to="/console/users" />
            <Figure value={stats.users.active} label="active" />
            <Figure value={stats.users.premium} label="premium" />
          </Group>
          <Group title="Now">
            <Figure value={stats.messageCount} label="messages kept" />
            <Figure value={stats.openConnectionCount} label="open connections" />
          </Group>
        </div>
      )}
      {!stats && isLoading && <div class="skeletons" aria-busy="true"><i /><i /></div>}
    </>
  );
}
