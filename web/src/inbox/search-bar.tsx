// The search and the filters of the inbox.

import { useState } from 'preact/hooks';
import { Icon } from '../ui/icon.tsx';
import { readable } from '../ui/phone.ts';
import { CHANNELS, choices, EVERYTHING, isNarrowed, type Search } from './search.ts';
import { log, numbers, search } from './store.ts';

const TYPES = [['', 'Every type'], ['OTP', 'Codes'], ['VERIFICATION', 'Confirmations'], ['SMS', 'Others']] as const;

function set(change: Partial<Search>): void {
  search.value = { ...search.value, ...change };
}

export function SearchBar() {
  const [isOpen, setOpen] = useState(false);
  const { text, phoneNumberId, service, sender, type, channel, unread } = search.value;
  const { services, senders, channels } = choices(log.value?.messages ?? []);
  // Numbers of rentals that are over still have messages.
  const known = new Map(log.value?.messages.map((message) => [message.phoneNumberId, message.phoneNumber]));
  for (const number of numbers.value ?? []) known.set(number.id, number.phoneNumber);
  const narrowedBy = [phoneNumberId, service, sender, type, channel].filter(Boolean).length;
  return (
    <search class="search">
      <label class="search-text">
        <Icon name="search" /><span class="off-screen">Search the messages</span>
        <input id="search" type="search" placeholder="Search" value={text} onInput={(event) => set({ text: event.currentTarget.value })} />
        <kbd aria-hidden="true">/</kbd>
      </label>
      <div class="toggles">
        <button type="button" class="button" aria-pressed={unread} onClick={() => set({ unread: !unread })}>Unread</button>
        <button type="button" class="button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>Filters{narrowedBy > 0 && <span class="badge">{narrowedBy}</span>}</button>
        {isNarrowed(search.value) && <button type="button" class="button quiet" onClick={() => (search.value = EVERYTHING)}>Clear</button>}
      </div>
      {isOpen && (
        <div class="filters">
          <Choice label="Number" value={phoneNumberId} options={[['', 'Every number'], ...[...known].map(([id, number]) => [id, readable(number)] as const)]} onChange={(phoneNumberId) => set({ phoneNumberId })} />
          <Choice label="Service" value={service} options={[['', 'Every service'], ...services.map((name) => [name, name] as const)]} onChange={(service) => set({ service })} />
          <Choice label="Sender" value={sender} options={[['', 'Every sender'], ...senders.map((name) => [name, name] as const)]} onChange={(sender) => set({ sender })} />
          {/* Where everything comes by SMS, there is nothing to choose. */}
          {(channel || channels.some((name) => name !== 'SMS')) && (
            <Choice label="Channel" value={channel} options={[['', 'Every channel'], ...channels.map((name) => [name, CHANNELS[name]] as const)]} onChange={(channel) => set({ channel: channel as Search['channel'] })} />
          )}
          <Choice label="Type" value={type} options={TYPES} onChange={(type) => set({ type: type as Search['type'] })} />
        </div>
      )}
    </search>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  options: readonly (readonly [value: string, label: string])[];
  onChange: (value: string) => void;
}

function Choice({ label, value, options, onChange }: ChoiceProps) {
  return (
    <label class="choice">
      <span>{label}</span>
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {options.map(([value, label]) => <option key={value} value={value}>{label}</option>)}
      </select>
    </label>
  );
}
