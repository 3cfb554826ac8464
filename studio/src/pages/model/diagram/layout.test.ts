import { expect, test } from 'vitest';

import { layout, nearest, WIDTH, type Edge } from './layout';

const boxes = ['posts', 'authors', 'tags', 'posts_tags', 'comments', 'alone', 'pages'].map((name, at) => ({ name, height: 60 + at * 20 }));
const edges: Edge[] = [
  { from: 'posts', to: 'authors' },
  { from: 'posts_tags', to: 'posts' },
  { from: 'posts_tags', to: 'tags' },
  { from: 'comments', to: 'posts' },
  { from: 'pages', to: 'pages' },
  { from: 'authors', to: 'posts' },
  { from: 'posts', to: 'not-there' },
];

test('everything has a place of its own', () => {
  const placed = layout(boxes, edges);
  expect(placed.map((own) => own.name).sort()).toEqual(boxes.map((own) => own.name).sort());
  for (const a of placed)
    for (const b of placed) {
      if (a === b) continue;
      const apart = a.x + WIDTH <= b.x || b.x + WIDTH <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;
      expect(apart, `${a.name} and ${b.name}`).toBe(true);
    }
  expect(layout(boxes, edges)).toEqual(placed);
});

test('what points stands further right than what it points at', () => {
  const x = new Map(layout(boxes, edges).map((own) => [own.name, own.x]));
  expect(x.get('posts_tags')).toBeGreaterThan(x.get('tags') ?? Infinity);
  expect(x.get('posts_tags')).toBeGreaterThan(x.get('posts') ?? Infinity);
});

test('what is tied to nothing stands below the rest', () => {
  const placed = layout(boxes, edges);
  const alone = placed.find((own) => own.name === 'alone');
  const tied = placed.filter((own) => !['alone', 'pages'].includes(own.name));
  for (const own of tied) expect(alone?.y).toBeGreaterThan(own.y + own.height);
});

test('a thousand that point at one another are placed, and nobody waits', () => {
  const many = Array.from({ length: 1000 }, (_, at) => ({ name: `c${at}`, height: 80 }));
  const ring = many.map((own, at) => ({ from: own.name, to: `c${(at + 1) % 1000}` }));
  expect(layout(many, ring)).toHaveLength(1000);
});

test('arrows go to what is nearest in their direction', () => {
  const box = (name: string, x: number, y: number) => ({ name, x, y, height: 40 });
  const all = [box('a', 0, 0), box('b', 300, 10), box('c', 300, 400), box('d', 0, 100)] as const;
  expect(nearest(all[0], [...all], 'ArrowRight')?.name).toBe('b');
  expect(nearest(all[0], [...all], 'ArrowDown')?.name).toBe('d');
  expect(nearest(all[0], [...all], 'ArrowLeft')).toBeUndefined();
  expect(nearest(all[2], [...all], 'ArrowUp')?.name).toBe('b');
});
