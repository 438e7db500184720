// The users: their plan, their role, and whether they may sign in.

import { useEffect, useState } from 'preact/hooks';
import { viewer } from '../account.ts';
import { request } from '../graphql.ts';
import { UpdateUserDocument, UsersDocument, type UpdateUserInput, type UserPlan, type UserRole } from '../operations/generated.ts';
import { ListEnd, useList } from '../ui/query.tsx';
import { Ago } from '../ui/time.tsx';
import { notify, notifyError } from '../ui/toast.tsx';
import { Table } from './table.tsx';

export function Users() {
  const [text, setText] = useState('');
  const emailContains = useSettled(text.trim());
  const filter = emailContains ? { emailContains } : {};
  const list = useList(UsersDocument, { filter }, ({ users }) => users);
  const change = async (input: UpdateUserInput, email: string) => {
    try {
      await request(UpdateUserDocument, { input });
      notify(`${email} is changed.`);
    } catch (error) {
      notifyError(error);
    }
    await list.reload();
  };
  return (
    <>
      <div class="title"><h1>Users</h1></div>
      <div class="filters">
        <label class="choice"><span>E-mail</span><input type="search" placeholder="Part of an address" value={text} onInput={(event) => setText(event.currentTarget.value)} /></label>
        {list.totalCount !== null && <p class="meta">{list.totalCount === 1 ? '1 user' : `${list.totalCount} users`}</p>}
      </div>
      <Table
        caption="Users"
        rows={list.nodes}
        keyOf={({ id }) => id}
        columns={[
          ['E-mail', ({ email, firstName, lastName, emailVerified }) => <><strong>{email}</strong><p class="meta">{[firstName, lastName].filter(Boolean).join(' ')}{!emailVerified && ' · not verified'}</p></>],
          ['Plan', ({ id, email, plan }) => (
            <select aria-label={`Plan of ${email}`} value={plan} onChange={(event) => void change({ userId: id, plan: event.currentTarget.value as UserPlan }, email)}>
              <option value="FREE">free</option><option value="PREMIUM">premium</option>
            </select>
          )],
          ['Role', ({ id, email, role }) => (
            <select aria-label={`Role of ${email}`} value={role} disabled={id === viewer.value?.id} onChange={(event) => void change({ userId: id, role: event.currentTarget.value as UserRole }, email)}>
              <option value="USER">user</option><option value="ADMIN">administrator</option>
            </select>
          )],
          ['Last sign-in', ({ lastLogin }) => (lastLogin ? <Ago time={lastLogin} /> : 'never')],
          ['', ({ id, email, isActive }) => id === viewer.value?.id ? <span class="tag">you</span> : (
            <button type="button" class={isActive ? 'button quiet danger' : 'button'} aria-label={`${isActive ? 'Deactivate' : 'Activate'} ${email}`} onClick={() => void change({ userId: id, isActive: !isActive }, email)}>{isActive ? 'Deactivate' : 'Activate'}</button>
          )],
        ]}
      />
      <ListEnd list={list}><h2>Nobody</h2><p>No address has that in it.</p></ListEnd>
    </>
  );
}

/** A value once it has not changed for a moment: not every letter is asked for. */
function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), 250);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
