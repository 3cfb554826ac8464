import { describe, expect, test } from 'vitest';

import { batch, direction, full, level, moved, put, range, set, sheet, type Cell, type Permission } from './cells';
import { Draft } from './draft.svelte';

const cell = (collection: string, action: Cell['action'] = 'read'): Cell => ({ collection, action });
const drafts: Permission = { ...full(cell('posts'), 7), permissions: { status: { _eq: 'draft' } } };
const stored = sheet([drafts, full(cell('tags'), 8)]);
const none = sheet([]);

describe('a cell', () => {
  test('says how much it grants', () => {
    expect(level([])).toBe('none');
    expect(level([full(cell('a'))])).toBe('all');
    expect(level([{ ...full(cell('a')), permissions: null, validation: null }])).toBe('all');
    expect(level([drafts])).toBe('custom');
    expect(level([{ ...full(cell('a')), fields: ['id'] }])).toBe('custom');
    expect(level([{ ...full(cell('a')), presets: { a: 1 } }])).toBe('custom');
    expect(level([full(cell('a')), drafts])).toBe('custom');
  });

  test('that is set keeps the row that is stored', () => {
    const changes = set(stored, none, [cell('posts')], 'all');
    expect(batch(stored, changes)).toEqual({ create: [], update: [full(cell('posts'), 7)], delete: [] });
  });

  test('that holds what is stored is no change', () => {
    const taken = set(stored, none, [cell('posts'), cell('tags')], 'none');
    expect(taken.size).toBe(2);
    expect(set(stored, taken, [cell('tags')], 'all').size).toBe(1);
    const written = { ...drafts, permissions: { _and: [{ status: 'draft' }] } };
    expect(put(stored, taken, [cell('posts')], () => [written]).has('posts/read')).toBe(false);
  });
});

test('a batch makes, changes and deletes', () => {
  let changes = set(stored, none, [cell('tags')], 'none');
  changes = set(stored, changes, [cell('pages', 'create')], 'all');
  changes = put(stored, changes, [cell('posts')], () => [{ ...drafts, fields: ['id'] }, { ...drafts, id: undefined }]);
  const { create, update, delete: gone } = batch(stored, changes);
  expect(create.map((own) => `${own.collection}/${own.action}`)).toEqual(['pages/create', 'posts/read']);
  expect(update).toEqual([{ ...drafts, fields: ['id'] }]);
  expect(gone).toEqual([8]);
});

test('a range goes from one corner to the other, whichever comes first', () => {
  const rows = ['a', 'b', 'c'];
  const forth = range({ row: 0, column: 1 }, { row: 1, column: 2 }, rows);
  expect(forth.map((own) => `${own.collection}/${own.action}`)).toEqual(['a/read', 'a/update', 'b/read', 'b/update']);
  expect(range({ row: 1, column: 2 }, { row: 0, column: 1 }, rows)).toEqual(forth);
});

test('keys stay inside the table', () => {
  expect(moved('ArrowUp', { row: 0, column: 0 }, 3)).toEqual({ row: 0, column: 0 });
  expect(moved('ArrowRight', { row: 0, column: 4 }, 3)).toEqual({ row: 0, column: 4 });
  expect(moved('ArrowDown', { row: 0, column: 2 }, 3, true)).toEqual({ row: 2, column: 2 });
  expect(moved('PageDown', { row: 1, column: 2 }, 3)).toEqual({ row: 2, column: 2 });
  expect(moved('x', { row: 1, column: 2 }, 3)).toBeNull();
});

test('a change gives, takes, or does both', () => {
  const all = [full(cell('posts'))];
  expect(direction([], all)).toBe('gives');
  expect(direction(all, [drafts])).toBe('takes');
  expect(direction([drafts], [{ ...drafts, fields: ['id'] }])).toBe('changes');
});

describe('a draft', () => {
  const make = () => {
    const draft = new Draft();
    draft.take([drafts, full(cell('tags'), 8)]);
    return draft;
  };

  test('goes through what a cell can be, and back', () => {
    const draft = make();
    const levels = [0, 1, 2].map(() => {
      draft.cycle([cell('posts')]);
      return level(draft.hold(cell('posts')));
    });
    expect(levels).toEqual(['none', 'all', 'custom']);
    expect(draft.changes.size).toBe(0);
    draft.undo();
    expect(level(draft.hold(cell('posts')))).toBe('all');
  });

  test('forgets a change that somebody else has saved', () => {
    const draft = make();
    draft.set([cell('pages'), cell('tags')], 'all');
    expect(draft.changes.size).toBe(1);
    draft.take([drafts, full(cell('tags'), 8), full(cell('pages'), 9)]);
    expect(draft.changes.size).toBe(0);
  });

  test('holds everything as it will be', () => {
    const draft = make();
    draft.set([cell('tags')], 'none');
    draft.set([cell('pages')], 'all');
    expect(draft.all().map((own) => own.collection)).toEqual(['posts', 'pages']);
  });
});
