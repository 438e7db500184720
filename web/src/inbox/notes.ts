// One's own notes on rented numbers. They stay in this browser, and end with the rental.

import { signal } from '@preact/signals';
import type { RentedNumber } from './store.ts';

const KEY = 'otpwire-notes';

function stored(): Record<string, string> {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '{}');
  } catch {
    return {};
  }
}

const notes = signal(stored());
addEventListener('storage', ({ key }) => {
  if (key === KEY) notes.value = stored();
});

/** Another rental of the same number has notes of its own. */
const rental = ({ id, assignedAt }: RentedNumber) => `${id}@${assignedAt}`;

export function noteOf(number: RentedNumber): string {
  return notes.value[rental(number)] ?? '';
}

export function setNote(number: RentedNumber, text: string): void {
  const { [rental(number)]: _, ...others } = stored();
  const note = text.trim().slice(0, 80);
  notes.value = note ? { ...others, [rental(number)]: note } : others;
  localStorage.setItem(KEY, JSON.stringify(notes.value));
}

/** Forgets the notes of rentals that are over. */
export function keepNotesOf(numbers: readonly RentedNumber[]): void {
  const rentals = new Set(numbers.map(rental));
  const kept = Object.entries(stored()).filter(([key]) => rentals.has(key));
  if (kept.length < Object.keys(stored()).length) localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(kept)));
}
