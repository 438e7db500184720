// The live inbox.

import { useCallback, useEffect, useState } from 'preact/hooks';
import { announcement, isLoud, setLoud } from '../inbox/announce.ts';
import { KEYS, useKeys, type Command } from '../inbox/keyboard.ts';
import type { Message } from '../inbox/log.ts';
import { MessageCard } from '../inbox/message-card.tsx';
import { EVERYTHING, isNarrowed } from '../inbox/search.ts';
import { SearchBar } from '../inbox/search-bar.tsx';
import {
  isReadingOlder, log, markAllRead, markRead, missedExpired, numbers, readOlder, remove, search, shown, unreadByNumber,
  unreadCount, type RentedNumber,
} from '../inbox/store.ts';
import { upTo99 } from '../text.ts';
import { copy, CopyButton } from '../ui/copy.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Icon } from '../ui/icon.tsx';
import { countryName, readable } from '../ui/phone.ts';
import { Left } from '../ui/time.tsx';
import { notify, notifyError } from '../ui/toast.tsx';
import { RentDialog } from './numbers.tsx';

/** How many messages are on the page at first, and are added each time: thousands would make every arrival slow. */
const STEP = 100;

export function Inbox() {
  const [dialog, setDialog] = useState<'rent' | 'keys' | 'delete' | null>(null);
  const [selected, select] = useState<string | null>(null);
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const [count, setCount] = useState(STEP);
  const messages = shown.value.slice(0, count);
  const hasMore = shown.value.length > count || (log.value?.older ?? null) !== null;
  const current = messages.find(({ id }) => id === selected);

  const toggle = useCallback((message: Message) => {
    setOpened((before) => {
      const after = new Set(before);
      if (!after.delete(message.id)) after.add(message.id);
      return after;
    });
    void markRead(message).catch(notifyError);
  }, []);
  const more = () => {
    setCount(count + STEP);
    if (shown.value.length < count + STEP) void readOlder().catch(notifyError);
  };
  const step = (by: number) => {
    // From what is selected by then: keys come faster than the screen is drawn.
    select(previous => {
      const at = messages.findIndex(({ id }) => id === previous);
      return messages[Math.max(0, Math.min(messages.length - 1, at + by))]?.id ?? previous;
    });
  };
  const copyCode = async ({ otp, ...message }: Message) => {
    if (!otp || !(await copy(otp.code))) return;
    notify(`${otp.code} is copied.`);
    await markRead({ otp, ...message });
  };
  useKeys((command: Command) => {
    switch (command) {
      case 'next': step(1); return true;
      case 'previous': step(-1); return true;
      case 'rent': setDialog('rent'); return true;
      case 'help': setDialog('keys'); return true;
      case 'search': document.getElementById('search')?.focus(); return true;
    }
    // Without a selection, the newest is meant: `c` copies the code that has just come.
    const message = current ?? messages[0];
    if (!message) return false;
    select(message.id);
    switch (command) {
      case 'copy': void copyCode(message).catch(notifyError); return true;
      case 'open': toggle(message); return true;
      case 'read': void markRead(message).catch(notifyError); return true;
      case 'delete': setDialog('delete'); return true;
    }
  });
  useEffect(() => {
    if (!selected) return;
    const card = document.querySelector<HTMLElement>(`[data-id="${CSS.escape(selected)}"] > article`);
    card?.focus({ preventScroll: true });
    card?.scrollIntoView({ block: 'nearest' });
  }, [selected]);

  return (
    <div class="inbox">
      <aside aria-label="Your numbers"><NumberList onRent={() => setDialog('rent')} /></aside>
      <section aria-label="Messages">
        <div class="title">
          <h1>Inbox</h1>
          <div class="tools">
            {messages.length > 0 && numbers.value?.length === 0 && <button type="button" class="button narrow-only" onClick={() => setDialog('rent')}><Icon name="plus" />Rent</button>}
            {unreadCount.value > 0 && <button type="button" class="button quiet" onClick={() => void markAllRead().catch(notifyError)}>Mark all read</button>}
            <LoudButton />
            <button type="button" class="button quiet square keys" aria-label="Keys" title="Keys" onClick={() => setDialog('keys')}><Icon name="keyboard" /></button>
          </div>
        </div>
        <SearchBar />
        {missedExpired.value && (
          <p class="notice" role="alert">
            Messages came while this page was away, and have expired since. What is kept is below.
            <button type="button" class="button quiet" onClick={() => (missedExpired.value = false)}>All right</button>
          </p>
        )}
        <p class="off-screen" aria-live="polite">{announcement.value}</p>
        {messages.length > 0
          ? <ol class="messages">{messages.map((message) => <MessageCard key={message.id} message={message} isOpen={opened.has(message.id)} onToggle={toggle} />)}</ol>
          : <Empty onRent={() => setDialog('rent')} />}
        {messages.length > 0 && hasMore && (
          <p class="more"><button type="button" class="button" disabled={isReadingOlder.value} onClick={more}>{isReadingOlder.value ? 'One moment…' : 'Show older ones'}</button></p>
        )}
      </section>
      {dialog === 'rent' && <RentDialog onClose={() => setDialog(null)} />}
      {dialog === 'keys' && <KeysDialog onClose={() => setDialog(null)} />}
      {dialog === 'delete' && current && <DeleteDialog message={current} onClose={() => setDialog(null)} />}
    </div>
  );
}

function NumberList({ onRent }: { onRent: () => void }) {
  const chosen = search.value.phoneNumberId;
  return (
    <>
      <div class="title">
        <h2>Your numbers</h2>
        <button type="button" class="button" onClick={onRent}><Icon name="plus" />Rent</button>
      </div>
      <ul class="number-list">
        {numbers.value?.map((number) => <NumberItem key={number.id} number={number} isChosen={chosen === number.id} />)}
      </ul>
    </>
  );
}

function NumberItem({ number, isChosen }: { number: RentedNumber; isChosen: boolean }) {
  const unread = unreadByNumber.value.get(number.id) ?? 0;
  const choose = () => (search.value = { ...search.value, phoneNumberId: isChosen ? '' : number.id });
  return (
    <li class={isChosen ? 'chosen' : undefined}>
      <button type="button" class="pick" aria-pressed={isChosen} onClick={choose} title={isChosen ? 'Show every number' : 'Show only this number'}>
        <strong><bdi>{readable(number.phoneNumber)}</bdi></strong>
        <span class="meta">{number.label ?? countryName(number.countryCode)}{number.expiresAt && <> · <Left until={number.expiresAt} /></>}</span>
      </button>
      {unread > 0 && <span class="badge">{upTo99(unread)}<span class="off-screen"> unread</span></span>}
      <CopyButton text={number.phoneNumber} what={`the number ${readable(number.phoneNumber)}`} class="quiet square" />
    </li>
  );
}

function LoudButton() {
  const click = async () => {
    const hint = await setLoud(!isLoud.value);
    if (hint) notify(hint);
  };
  const label = 'Sound and notifications';
  return (
    <button type="button" class="button quiet square" aria-pressed={isLoud.value} aria-label={label} title={label} onClick={click}>
      <Icon name={isLoud.value ? 'bell' : 'bellOff'} />
    </button>
  );
}

function Empty({ onRent }: { onRent: () => void }) {
  if (!log.value) return <div class="skeletons" aria-busy="true" role="status"><span class="off-screen">Loading</span><i /><i /><i /></div>;
  if (isNarrowed(search.value)) {
    return (
      <div class="empty">
        <h2>Nothing fits</h2>
        <p>No message has all of what you are looking for.</p>
        <button type="button" class="button" onClick={() => (search.value = EVERYTHING)}>Show everything</button>
      </div>
    );
  }
  const number = numbers.value?.[0];
  if (number) {
    return (
      <div class="empty">
        <h2>Waiting for a code</h2>
        <p>Give this number to whoever sends you one. It appears here by itself.</p>
        <p class="big"><bdi>{readable(number.phoneNumber)}</bdi></p>
        <CopyButton text={number.phoneNumber} what="the number" label="Copy the number" />
      </div>
    );
  }
  return (
    <div class="empty">
      <h2>Rent a number first</h2>
      <p>It is yours for as long as you say, from an hour to a day. Codes that are sent to it appear here by themselves.</p>
      <button type="button" class="button primary" onClick={onRent}>Rent a number</button>
    </div>
  );
}

function KeysDialog({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl class="key-list">
        {KEYS.map(([key, other, what]) => (
          <div key={key}><dt><kbd>{key}</kbd>{other && <> <kbd>{other}</kbd></>}</dt><dd>{what}</dd></div>
        ))}
      </dl>
    </Dialog>
  );
}

function DeleteDialog({ message, onClose }: { message: Message; onClose: () => void }) {
  const erase = () => remove(message).then(() => notify('The message is deleted.'), notifyError).finally(onClose);
  return (
    <Dialog title="Delete the message?" onClose={onClose}>
      <p>It is gone for good.</p>
      <div class="actions">
        <button type="button" class="button danger" onClick={erase}>Delete</button>
        <button type="button" class="button quiet" onClick={onClose}>Keep</button>
      </div>
    </Dialog>
  );
}
