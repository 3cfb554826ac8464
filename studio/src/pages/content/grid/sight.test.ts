import { expect, test, vi } from 'vitest';

import { inPlaces, ROW, Sight } from './sight.svelte';

test('rows keep their places while one scrolls', () => {
  expect(inPlaces(0, 4, 4, 0)).toEqual([0, 1, 2, 3]);
  expect(inPlaces(1, 5, 4, 0)).toEqual([4, 1, 2, 3]);
  expect(inPlaces(6, 10, 4, 0)).toEqual([8, 9, 6, 7]);
});

test('they are in their order where scrolling has rested', () => {
  expect(inPlaces(6, 10, 4, 6)).toEqual([6, 7, 8, 9]);
  expect(inPlaces(5, 9, 4, 6)).toEqual([6, 7, 8, 5]);
});

test('each place is taken once', () => {
  for (let first = 0; first < 40; first += 1) expect(new Set(inPlaces(first, first + 7, 7, 3).map((row) => row % 7)).size).toBe(7);
  expect(inPlaces(0, 0, 7, 0)).toEqual([]);
});

test('rows that go by too fast to be read fly until that ends; one leap is no flight', () => {
  vi.useFakeTimers();
  const sight = new Sight(
    () => [],
    () => 10_000,
  );
  const at = (rows: number, now: number) => sight.scrolled(rows * ROW, 0, now);
  at(20, 1000);
  at(40, 2000);
  expect(sight.flies).toBe(false);
  at(60, 2016);
  expect(sight.flies).toBe(true);
  // What a wheel does is no flight, and does not keep one up.
  for (let step = 1; step < 12; step += 1) {
    vi.advanceTimersByTime(10);
    at(60 + 3 * step, 2016 + 10 * step);
  }
  expect(sight.flies).toBe(false);
  vi.useRealTimers();
});
