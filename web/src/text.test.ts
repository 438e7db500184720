import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oneLine, pieces } from './text.ts';

const cut = (text: string) => pieces(text).map((piece) => (piece.kind === 'link' ? `[${piece.url.href}]` : piece.kind === 'hidden' ? `{${piece.name}}` : piece.text));

test('links of the web are links, and no others are', () => {
  assert.deepEqual(cut('see https://example.com/a?b=c. Bye'), ['see ', '[https://example.com/a?b=c]', '. Bye']);
  assert.deepEqual(cut('(HTTP://EXAMPLE.com)'), ['(', '[http://example.com/]', ')']);
  for (const text of ['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', 'vbscript:x', 'https://', 'xhttps://example.com']) {
    assert.deepEqual(cut(text), [text]);
  }
  assert.deepEqual(cut('https://a.example/<b>'), ['[https://a.example/]', '<b>']);
});

test('what nobody sees is shown', () => {
  assert.deepEqual(cut('a\u202Eb\u200Bc'), ['a', '{U+202E}', 'b', '{U+200B}', 'c']);
  assert.deepEqual(cut('https://a.example/\u202Egnp.exe'), ['https://a.example/', '{U+202E}', 'gnp.exe']);
  assert.deepEqual(cut('\u{E0041}'), ['{U+E0041}']);
  assert.deepEqual(cut('two\nlines\tand an emoji 👩‍👩‍👧 שלום'), ['two\nlines\tand an emoji 👩‍👩‍👧 שלום']);
});

test('a name has one line and nothing hidden', () => {
  assert.equal(oneLine(' <b>Bank</b>\u202E\n of\t x '), '<b>Bank</b> of x');
});
