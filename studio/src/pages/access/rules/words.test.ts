import { expect, test } from 'vitest';

import { fit, operators, typed } from './operators';
import { told, variable, type Model } from './words';

const model: Model = {
  label: (path) => path.filter((name) => !name.startsWith('_')).join(' › '),
  isOwner: (path) => path.join() === 'user_created',
  value: (_, value) => String(value),
};

test.each([
  [{}, ''],
  [{ status: { _eq: 'published' } }, 'status is published'],
  [{ user_created: { _eq: '$CURRENT_USER' } }, 'own'],
  [{ author: { account: { _eq: '$CURRENT_USER' } } }, 'author › account is the current user'],
  [{ _and: [{ user_created: { _eq: '$CURRENT_USER' } }, { status: { _in: ['draft', 'review'] } }] }, 'own and status is draft or review'],
  [{ _and: [{ a: 1 }, { _or: [{ b: { _null: true } }, { c: { _nempty: true } }] }] }, 'a is 1 and (b is not set or c is not empty)'],
  [{ b: { _null: false } }, 'b is set'],
  [{ at: { _lte: '$NOW(-7 days)' } }, 'at is at most 7 days ago'],
  [{ n: { _between: [1, 5] } }, 'n is between 1 and 5'],
  [{ role: { _in: '$CURRENT_ROLES' } }, 'role is one of the current roles'],
  [{ n: { _odd: 3 } }, 'n _odd 3'],
  [{ x: { _some: { a: 1, b: 2 } } }, 'as in {"x":{"_some":{"a":1,"b":2}}}'],
])('%j is told as “%s”', (rule, words) => {
  expect(told(rule, model)).toBe(words);
});

test('what is no variable has no words as one', () => {
  expect(variable('$CURRENT_ROLE')).toBe('the current role');
  expect(variable('$CURRENT_USER.department')).toBe('the current user’s department');
  expect(variable('$OTHER')).toBe('$OTHER');
  expect(variable('5 dollars')).toBeUndefined();
  expect(variable(5)).toBeUndefined();
});

test('a value is made to fit another comparison', () => {
  expect(fit('list', 'a')).toEqual(['a']);
  expect(fit('one', ['a', 'b'])).toBe('a');
  expect(fit('two', [1])).toEqual([1, '']);
  expect(fit('none', 'a')).toBe(true);
  expect(fit('list', true)).toEqual([]);
});

test('what is typed becomes a value of the type', () => {
  expect(typed('5', 'integer')).toBe(5);
  expect(typed('5', 'string')).toBe('5');
  expect(typed('5x', 'integer')).toBe('5x');
  expect(typed('true', 'boolean')).toBe(true);
  expect(typed('$NOW', 'timestamp')).toBe('$NOW');
});

test('patterns judge what is sent only', () => {
  expect(operators('string').some((own) => own.name === '_regex')).toBe(false);
  expect(operators('string', true).some((own) => own.name === '_regex')).toBe(true);
});
