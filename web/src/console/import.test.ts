import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configurationOf } from './configuration.ts';
import { readLines } from './import.ts';

test('numbers are read in the forms that people and tables have', () => {
  const { lines, bad } = readLines('\uFEFFnumber;country\r\n+1 (415) 555-0100\r\n"0044 20 7946 0958";"GB"\n\n# a comment\n12345,us\n');
  assert.deepEqual(lines, [
    { line: 2, phoneNumber: '+14155550100', countryCode: null },
    { line: 3, phoneNumber: '+442079460958', countryCode: 'GB' },
    { line: 6, phoneNumber: '12345', countryCode: 'US' },
  ]);
  assert.deepEqual(bad, []);
});

test('each bad line is told with its reason', () => {
  const { lines, bad } = readLines('+14155550100\nnonsense\n+14155550100\n12345\n+1\n+14155550101,USA\n+14155550102,US,x');
  assert.deepEqual(lines.map(({ line }) => line), [1]);
  assert.deepEqual(bad.map(({ line, reason }) => [line, reason.split(/[,:]/)[0]]), [
    [2, 'is not a number'],
    [3, 'is the same as line 1'],
    [4, 'is a short code'],
    [5, 'has too few or too many digits for an international number'],
    [6, 'has a country that is not two letters'],
    [7, 'has more than a number and a country'],
  ]);
});

test('settings of a provider are text, unless they are written as JSON', () => {
  const values = { 'setting.a': ' x ', 'setting.b': '', 'setting.c': '["1"]', 'setting.d': 'true', 'setting.e': '12', 'setting.f': '{broken}', name: 'n' };
  assert.deepEqual(configurationOf(values), { a: 'x', c: ['1'], d: true, e: '12', f: '{broken}' });
  assert.equal(configurationOf({ 'setting.a': ' ' }), null);
});
