// Who changed what.

import { useState } from 'preact/hooks';
import { AuditLogDocument, type AuditAction } from '../operations/generated.ts';
import { ListEnd, useList } from '../ui/query.tsx';
import { Ago } from '../ui/time.tsx';
import { plain, Table, words } from './table.tsx';

const ACTIONS: readonly AuditAction[] = [
  'USER_CREATED', 'USER_UPDATED', 'INVITATION_CREATED', 'INVITATION_REVOKED', 'INVITATION_USED', 'PASSWORD_CHANGED', 'API_KEY_CREATED', 'API_KEY_REVOKED', 'PROVIDER_CREATED', 'PROVIDER_UPDATED',
  'SECRETS_RESEALED', 'NUMBER_RELEASED', 'SENDER_BLOCKED', 'SENDER_UNBLOCKED',
  'NUMBERS_IMPORTED', 'NUMBER_STATUS_SET', 'NUMBER_GRANTED', 'NUMBER_GRANT_ENDED', 'OTP_PATTERN_CREATED', 'OTP_PATTERN_UPDATED', 'OTP_PATTERN_DELETED', 'SMS_SIMULATED',
];

export function Audit() {
  const [action, setAction] = useState<AuditAction | ''>('');
  const list = useList(AuditLogDocument, { filter: action ? { action } : {} }, ({ auditLog }) => auditLog);
  return (
    <>
      <div class="title"><h1>Audit log</h1></div>
      <div class="filters">
        <label class="choice"><span>What was done</span>
          <select value={action} onChange={(event) => setAction(event.currentTarget.value as AuditAction | '')}>
            <option value="">Everything</option>
            {ACTIONS.map((value) => <option key={value} value={value}>{words(value)}</option>)}
          </select>
        </label>
      </div>
      <Table
        caption="Audit log, newest first"
        rows={list.nodes}
        keyOf={({ id }) => id}
        columns={[
          ['When', ({ createdAt }) => <Ago time={createdAt} />],
          ['Who', ({ actor }) => actor?.email ?? 'the operator, or a mail'],
          ['What', ({ action }) => words(action)],
          ['To what', ({ target }) => (target ? <code>{target}</code> : '–')],
          ['Details', ({ details }) => <bdi>{plain(details) || '–'}</bdi>],
        ]}
      />
      <ListEnd list={list}><h2>Nothing yet</h2><p>What administrators change is listed here for a year.</p></ListEnd>
    </>
  );
}
