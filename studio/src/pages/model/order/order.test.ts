import { expect, test } from 'vitest';

import { lines, moved, placed, stepped, targetOf, without, type Entry } from './order';

const entries: Entry[] = [
  { name: 'box', parent: null },
  { name: 'a', parent: 'box' },
  { name: 'b', parent: 'box' },
  { name: 'c', parent: null },
  { name: 'd', parent: 'gone' },
];
const all = lines(entries);
const order: Record<string, number> = { box: 1, a: 1, b: 2, c: 2, d: 3 };
const stored = (name: string) => order[name] ?? null;
const holds = (name: string) => name === 'box';

test('what is in something stands below it, and nothing is lost', () => {
  expect(all.map((line) => `${line.depth}${line.name}`)).toEqual(['0box', '1a', '1b', '0c', '0d']);
  const ring = lines([
    { name: 'x', parent: 'y' },
    { name: 'y', parent: 'x' },
  ]);
  expect(ring.map((line) => line.name)).toEqual(['x', 'y']);
  expect(without(all, 'box').map((line) => line.name)).toEqual(['c', 'd']);
});

test('only what gets another place is told', () => {
  expect(moved(all, 'b', { parent: 'box', before: 'a' }, stored)).toEqual([
    { name: 'b', parent: 'box', sort: 1 },
    { name: 'a', parent: 'box', sort: 2 },
  ]);
  expect(moved(all, 'c', { parent: 'box', before: null }, stored)).toEqual([{ name: 'c', parent: 'box', sort: 3 }]);
  expect(moved(all, 'c', { parent: null, before: 'd' }, stored)).toEqual([]);
});

test('nothing is put inside itself', () => {
  expect(moved(all, 'box', { parent: 'a', before: null }, stored)).toEqual([]);
  expect(moved(all, 'box', { parent: 'box', before: null }, stored)).toEqual([]);
});

test('a gap is inside or beside, by how far to the right one is', () => {
  const rest = without(all, 'c');
  expect(targetOf(rest, 1, 1, holds)).toEqual({ parent: 'box', before: 'a', depth: 1 });
  expect(targetOf(rest, 1, 0, holds)).toEqual({ parent: 'box', before: 'a', depth: 1 });
  expect(targetOf(rest, 3, 1, holds)).toEqual({ parent: 'box', before: null, depth: 1 });
  expect(targetOf(rest, 3, 0, holds)).toEqual({ parent: null, before: 'd', depth: 0 });
  expect(targetOf(rest, 4, 3, holds)).toEqual({ parent: null, before: null, depth: 0 });
  expect(targetOf(rest, 0, 2, holds)).toEqual({ parent: null, before: 'box', depth: 0 });
});

test('arrows move among siblings, into what holds others, and out again', () => {
  expect(stepped(all, 'c', 'ArrowUp', holds)).toEqual({ parent: null, before: 'box' });
  expect(stepped(all, 'c', 'ArrowDown', holds)).toEqual({ parent: null, before: null });
  expect(stepped(all, 'c', 'ArrowRight', holds)).toEqual({ parent: 'box', before: null });
  expect(stepped(all, 'd', 'ArrowRight', holds)).toBeNull();
  expect(stepped(all, 'b', 'ArrowLeft', holds)).toEqual({ parent: null, before: 'c' });
  expect(stepped(all, 'box', 'ArrowUp', holds)).toBeNull();
});

test('what is moved stands there at once', () => {
  const after = (name: string, target: { parent: string | null; before: string | null }) =>
    lines(placed(entries, moved(all, name, target, stored), stored)).map((line) => `${line.depth}${line.name}`);
  expect(after('b', { parent: 'box', before: 'a' })).toEqual(['0box', '1b', '1a', '0c', '0d']);
  expect(after('a', { parent: null, before: 'd' })).toEqual(['0box', '1b', '0c', '0a', '0d']);
  expect(after('d', { parent: 'box', before: 'b' })).toEqual(['0box', '1a', '1d', '1b', '0c']);
});
