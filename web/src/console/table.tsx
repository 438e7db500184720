// Tables. On a phone each row becomes a card, whose cells carry their column's name.

import type { ComponentChildren } from 'preact';

interface Props<Row> {
  caption: string;
  rows: readonly Row[];
  columns: readonly [name: string, cell: (row: Row) => ComponentChildren][];
  keyOf: (row: Row) => string;
}

export function Table<Row>({ caption, rows, columns, keyOf }: Props<Row>) {
  if (rows.length === 0) return null;
  return (
    <table>
      <caption class="off-screen">{caption}</caption>
      <thead><tr>{columns.map(([name]) => <th key={name} scope="col">{name || <span class="off-screen">Actions</span>}</th>)}</tr></thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)}>{columns.map(([name, cell]) => <td key={name} data-column={name}><div>{cell(row)}</div></td>)}</tr>
        ))}
      </tbody>
    </table>
  );
}

/** The value of a detail that the server noted, as people write it: no braces, brackets or quotes. */
export function plain(value: unknown): string {
  if (Array.isArray(value)) return value.map(plain).join(', ');
  if (value !== null && typeof value === 'object') return Object.entries(value).map(([key, value]) => `${words(key)}: ${plain(value)}`).join('; ');
  return value === null ? 'none' : String(value);
}

/** A word of an enum, as people write it. */
export function words(name: string): string {
  return name.toLowerCase().replaceAll('_', ' ');
}
