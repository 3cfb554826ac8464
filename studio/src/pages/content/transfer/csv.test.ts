import { expect, test } from 'vitest';

import { separatorOf, sheet } from './csv';

test('quotes hold separators, lines and quotes', () => {
  expect(sheet('a,b\n"x, ""y""\nz",2\n3,4', 9, true)).toEqual({ names: ['a', 'b'], rows: [['x, "y"\nz', '2'], ['3', '4']] });
});

test.each([
  ['a;b;c\n1,2;3;4', ';'],
  ['a\tb\n', '\t'],
  ['"a;b;c",d\n', ','],
  ['a|b|c', '|'],
])('%j', (text, mark) => {
  expect(separatorOf(text)).toBe(mark);
});

test('a row that is cut off is not shown, and no more than are wanted', () => {
  expect(sheet('\ufeffa,b\r\n1,2\r\n3', 9, false).rows).toEqual([['1', '2']]);
  expect(sheet('a\n1\n2\n3\n', 2, true)).toEqual({ names: ['a'], rows: [['1'], ['2']] });
  expect(sheet('', 5, true)).toEqual({ names: [], rows: [] });
});
