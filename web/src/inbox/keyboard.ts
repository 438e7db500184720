// The keys of the inbox.

import { useEffect } from 'preact/hooks';

export const KEYS = [
  ['j', 'k', 'the next and the previous message'],
  ['c', '', 'copy the code'],
  ['o', 'Enter', 'show the whole text'],
  ['r', '', 'mark as read'],
  ['#', 'Delete', 'delete'],
  ['n', '', 'rent a number'],
  ['/', '', 'search'],
  ['?', '', 'show the keys'],
] as const;

export type Command = 'next' | 'previous' | 'copy' | 'open' | 'read' | 'delete' | 'rent' | 'search' | 'help';

const COMMANDS: Record<string, Command> = {
  j: 'next', ArrowDown: 'next', k: 'previous', ArrowUp: 'previous', c: 'copy', o: 'open', Enter: 'open', r: 'read',
  '#': 'delete', Delete: 'delete', n: 'rent', '/': 'search', '?': 'help',
};

/** Calls back for each key, but not while somebody types, or a dialog is open. */
export function useKeys(run: (command: Command) => boolean): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const target = event.target instanceof Element ? event.target : null;
      const isTaken = event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey
        || target?.closest('input, select, textarea, dialog')
        || (event.key === 'Enter' && target?.closest('a, button'));
      const command = COMMANDS[event.key];
      if (command && !isTaken && run(command)) event.preventDefault();
    };
    document.addEventListener('keydown', pressed);
    return () => document.removeEventListener('keydown', pressed);
  });
}
