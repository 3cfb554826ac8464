import { expect, test } from 'vitest';

import { rank } from './rank';

const all = ['Comments', 'Contact submissions', 'Categories', 'Sign out', 'Posts'];
const ranked = (text: string) => rank(all, text, (own) => own);

test('what begins so comes first, then words, then letters in order', () => {
  expect(ranked('co')).toEqual(['Comments', 'Contact submissions']);
  expect(ranked('sub')).toEqual(['Contact submissions']);
  expect(ranked('out sign')).toEqual(['Sign out']);
  expect(ranked('pts')).toEqual(['Posts']);
  expect(ranked('zzz')).toEqual([]);
});
