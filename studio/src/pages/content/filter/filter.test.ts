import { expect, test } from 'vitest';

import { count, toFilter, toRules } from './filter';

test('rows become a filter, and the filter the same rows again', () => {
  const rules = {
    all: false,
    rules: [
      { field: 'status', operator: '_in', value: ['draft', 'review'] },
      { field: 'author', operator: '_null', value: true },
    ],
  };
  const filter = toFilter(rules);
  expect(filter).toEqual({ _or: [{ status: { _in: ['draft', 'review'] } }, { author: { _null: true } }] });
  expect(toRules(filter)).toEqual(rules);
  expect(count(filter)).toBe(2);
});

test('a row without a value says nothing', () => {
  expect(toFilter({ all: true, rules: [{ field: 'title', operator: '_eq', value: '' }] })).toBeNull();
});

test.each([
  [{ _and: [{ _or: [{ a: { _eq: 1 } }] }] }],
  [{ author: { name: { _eq: 'x' } } }],
  [{ tags: { _some: { id: { _eq: 1 } } } }],
  [{ a: { _gt: 1, _lt: 5 } }],
  [{ a: { _eq: 1 }, b: { _eq: 2 } }],
])('what rows cannot show stays as it is: %j', (filter) => {
  expect(toRules(filter)).toBeNull();
  expect(count(filter)).toBe(1);
});
