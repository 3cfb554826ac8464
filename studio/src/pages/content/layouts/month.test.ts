import { expect, test } from 'vitest';

import { between, dayOf, daysOf, plusMonths, shifted, within } from './month';

test('a month is shown in whole weeks', () => {
  const march = daysOf('2026-03', 1);
  expect([march[0], march.at(-1), march.length]).toEqual(['2026-02-23', '2026-04-05', 42]);
  expect(daysOf('2026-02', 7)[0]).toBe('2026-02-01');
  expect(daysOf('2026-02', 7)).toHaveLength(28);
  expect(plusMonths('2026-12', 1)).toBe('2027-01');
});

test('moving keeps the time of day, over a change of the clock as well', () => {
  expect(shifted('2026-03-28', 'date', 2)).toBe('2026-03-30');
  expect(shifted('2026-03-28T09:30:00', 'dateTime', 2)).toBe('2026-03-30T09:30:00');
  const before = new Date('2026-03-28T09:30:00').toISOString();
  const after = shifted(before, 'timestamp', 2);
  expect(new Date(String(after)).getHours()).toBe(9);
  expect(dayOf(after, 'timestamp')).toBe('2026-03-30');
  expect(between('2026-03-28', '2026-03-30')).toBe(2);
  expect(shifted(null, 'date', 2)).toBeNull();
});

test('the last day is asked for whole', () => {
  const days = ['2026-03-01', '2026-03-07'];
  expect(within('on', null, 'date', days)).toEqual({ _and: [{ on: { _lte: '2026-03-07' } }, { on: { _gte: '2026-03-01' } }] });
  expect(within('at', null, 'dateTime', days)).toEqual({ _and: [{ at: { _lt: '2026-03-08T00:00:00' } }, { at: { _gte: '2026-03-01T00:00:00' } }] });
});
