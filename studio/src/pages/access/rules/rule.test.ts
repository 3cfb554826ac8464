import { describe, expect, test } from 'vitest';

import { canonical, condition, edit, group, isEmpty, parse, serialize } from './rule';

/** Rules that the builder has to give back as they were. */
const KEPT = [
  { _and: [{ status: { _eq: 'published' } }] },
  { _or: [{ user_created: { _eq: '$CURRENT_USER' } }, { _and: [{ status: { _in: ['a', 'b'] } }, { featured: { _eq: true } }] }] },
  { _and: [{ author: { account: { _eq: '$CURRENT_USER' } } }] },
  { _and: [{ tags: { _some: { tags_id: { name: { _eq: 'moss' } } } } }] },
  { _and: [{ comments: { _none: { status: { _eq: 'spam' } } } }] },
  { _and: [{ published_at: { _lte: '$NOW(-1 day)' } }] },
];

describe('a rule', () => {
  test.each(KEPT)('comes back as it was: %j', (rule) => {
    expect(serialize(parse(rule))).toEqual(rule);
  });

  test('in short forms means the same', () => {
    expect(serialize(parse({ status: 'draft' }))).toEqual({ _and: [{ status: { _eq: 'draft' } }] });
    expect(serialize(parse({ a: { _eq: 1 }, b: { _gt: 2, _lt: 5 } }))).toEqual({
      _and: [{ a: { _eq: 1 } }, { b: { _gt: 2 } }, { b: { _lt: 5 } }],
    });
  });

  test('about one related item is never taken apart', () => {
    const both = { comments: { _some: { status: { _eq: 'spam' }, score: { _gt: 3 } } } };
    const tree = parse(both);
    expect(tree.nodes[0]?.kind).toBe('raw');
    expect(serialize(tree)).toEqual({ _and: [both] });
    const range = { comments: { score: { _gt: 3, _lt: 9 } } };
    expect(serialize(parse(range))).toEqual({ _and: [range] });
  });

  test('that is empty covers everything', () => {
    for (const rule of [null, undefined, {}, { _and: [] }, { _and: [{}] }, { _or: [{ _and: [] }] }]) expect(isEmpty(rule)).toBe(true);
    expect(isEmpty({ id: { _null: true } })).toBe(false);
  });

  test('leaves out a condition that names no field yet', () => {
    expect(serialize(group('and', [condition(), condition(['a'], '_eq', 1)]))).toEqual({ _and: [{ a: { _eq: 1 } }] });
  });
});

test('rules are compared by what they say', () => {
  expect(canonical({ status: 'a' })).toBe(canonical({ _and: [{ status: { _eq: 'a' } }] }));
  expect(canonical({ _and: [{ _and: [{ a: 1 }, { b: 2 }] }] })).toBe(canonical({ a: 1, b: 2 }));
  expect(canonical({ _or: [{ a: 1 }, { b: 2 }] })).not.toBe(canonical({ a: 1, b: 2 }));
  expect(canonical({ _or: [{ a: 1 }, { _and: [{ b: 2 }, { c: 3 }] }] })).not.toBe(canonical({ _or: [{ a: 1 }, { b: 2 }, { c: 3 }] }));
  expect(canonical({ _and: [{ a: 1 }, { _or: [{ b: 2 }, { c: 3 }] }] })).not.toBe(canonical({ a: 1, b: 2, c: 3 }));
  expect(canonical({ _or: [{ _and: [{ a: 1 }, { b: 2 }] }] })).toBe(canonical({ a: 1, b: 2 }));
  expect(canonical({ _and: [{ x: 1 }, { _or: [{ _and: [{ a: 1 }, { b: 2 }] }] }] })).toBe(canonical({ x: 1, a: 1, b: 2 }));
});

test('one condition is changed or taken out', () => {
  const inner = condition(['b'], '_eq', 2);
  const tree = group('and', [condition(['a'], '_eq', 1), group('or', [inner, condition(['c'], '_eq', 3)])]);
  expect(serialize(edit(tree, inner.id, () => null))).toEqual({ _and: [{ a: { _eq: 1 } }, { _or: [{ c: { _eq: 3 } }] }] });
  expect(serialize(edit(tree, inner.id, (node) => ({ ...node, operator: '_neq' }) as typeof inner))).toEqual({
    _and: [{ a: { _eq: 1 } }, { _or: [{ b: { _neq: 2 } }, { c: { _eq: 3 } }] }],
  });
});
