import { expect, test } from 'vitest';

import type { FieldInfo } from '../../../lib/model';
import { holds, stateOf } from './rules';

test.each([
  [{ status: { _eq: 'draft' } }, true],
  [{ status: { _neq: 'draft' } }, false],
  [{ views: { _gt: 9 } }, true],
  [{ views: { _gt: '9' } }, true],
  [{ views: { _between: [1, 10] } }, true],
  [{ none: { _null: true } }, true],
  [{ none: { _gt: 0 } }, false],
  [{ none: { _lte: 0 } }, false],
  [{ tags: { _empty: true } }, true],
  [{ author: { name: { _icontains: 'NORA' } } }, true],
  [{ _or: [{ views: { _lt: 0 } }, { status: { _in: ['draft'] } }] }, true],
  [{ _and: [{ views: { _lt: 0 } }, { status: { _in: ['draft'] } }] }, false],
  [{ status: { _unknown: 'x' } }, false],
  [{}, true],
])('%j', (rule, wanted) => {
  expect(holds(rule, { status: 'draft', views: 10, none: null, tags: [], author: { name: 'Nora' } })).toBe(wanted);
});

test('of the conditions that hold, the last has the last word', () => {
  const field = {
    meta: {
      hidden: true,
      required: false,
      options: { a: 1 },
      conditions: [
        { rule: { on: { _eq: true } }, hidden: false, required: true },
        { rule: { on: { _eq: true } }, required: false, options: { b: 2 } },
        { rule: { on: { _eq: false } }, hidden: true },
      ],
    },
    schema: { is_nullable: true },
  } as unknown as FieldInfo;
  expect(stateOf(field, { on: true })).toEqual({ hidden: false, readonly: false, required: false, options: { a: 1, b: 2 } });
  expect(stateOf(field, { on: null }).hidden).toBe(true);
});
