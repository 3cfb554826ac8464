import { describe, expect, test } from 'vitest';

import type { FieldInfo, FieldMeta } from './model';
import { asSlug, choices, fromTsv, kind, parse, toTsv, Unreadable } from './values';

function field(type: string, meta: Partial<FieldMeta> = {}, nullable = true): FieldInfo {
  return {
    collection: 'c',
    field: 'f',
    type,
    meta: meta as FieldMeta,
    schema: { is_nullable: nullable } as FieldInfo['schema'],
  };
}

const status = field('string', {
  interface: 'select-dropdown',
  options: { choices: [{ text: 'In review', value: 'review' }, { text: 'Draft', value: 'draft', color: '#888' }, null, 'odd'] },
});

describe('kinds', () => {
  test.each([
    ['text', field('string')],
    ['long', field('text')],
    ['number', field('decimal')],
    ['choice', status],
    ['text', field('string', { interface: 'select-dropdown', options: {} })],
    ['tags', field('csv')],
    ['m2o', field('integer', { special: ['m2o'] })],
    ['list', field('alias', { special: ['m2m'] })],
    ['none', field('alias', { special: ['alias', 'no-data'] })],
    ['hidden', field('string', { special: ['hash', 'conceal'] })],
  ])('%s', (wanted, own) => {
    expect(kind(own)).toBe(wanted);
  });
});

describe('text becomes a value only where it clearly says one', () => {
  test.each<[string, FieldInfo, unknown]>([
    ['12', field('integer'), 12],
    ['1 200.5', field('float'), 1200.5],
    ['12345678901234567890', field('bigInteger'), '12345678901234567890'],
    ['0.10', field('decimal'), '0.10'],
    ['', field('integer'), null],
    ['', field('string'), null],
    ['', field('string', {}, false), ''],
    ['Yes', field('boolean'), true],
    ['0', field('boolean'), false],
    ['2026-03-31', field('date'), '2026-03-31'],
    ['14:30', field('time'), '14:30:00'],
    ['2026-03-31 14:30', field('dateTime'), '2026-03-31T14:30:00'],
    ['2026-03-31T14:30:00Z', field('timestamp'), '2026-03-31T14:30:00.000Z'],
    ['in REVIEW', status, 'review'],
    ['a, b,,c', field('csv'), ['a', 'b', 'c']],
    ['["a","b"]', field('csv'), ['a', 'b']],
    ['{"a":1}', field('json'), { a: 1 }],
    [' as it is ', field('string'), ' as it is '],
  ])('%s', (text, own, wanted) => {
    expect(parse(text, own)).toEqual(wanted);
  });

  test.each<[string, FieldInfo]>([
    ['1.5', field('integer')],
    ['1,5', field('float')],
    ['twelve', field('integer')],
    ['maybe', field('boolean')],
    ['31.3.2026', field('date')],
    ['2026-13-45 10:00', field('dateTime')],
    ['published', status],
    ['{a:1}', field('json')],
  ])('%s is refused', (text, own) => {
    expect(() => parse(text, own)).toThrow(Unreadable);
  });
});

test('choices are what makes sense of what is stored', () => {
  expect(choices(status).map((own) => own.value)).toEqual(['review', 'draft']);
  expect(choices(field('string', { options: { choices: 'none' } }))).toEqual([]);
});

test('what spreadsheets copy is read, and written so that they read it', () => {
  const rows = [
    ['a', 'with "quotes"', ''],
    ['two\nlines', 'tab\there', 'c'],
  ];
  expect(fromTsv(toTsv(rows))).toEqual(rows);
  expect(fromTsv('a\tb\r\nc\td\r\n')).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ]);
  expect(fromTsv('one')).toEqual([['one']]);
  expect(fromTsv('')).toEqual([['']]);
});

test.each([
  ['Über die Brücke', 'uber-die-brucke'],
  ['Moss – on purpose', 'moss-on-purpose'],
  ['--a--', 'a-'],
  ['', ''],
])('%s as part of an address', (text, wanted) => {
  expect(asSlug(text)).toBe(wanted);
  expect(asSlug(text, true)).toBe(wanted.replace(/-$/, ''));
});
