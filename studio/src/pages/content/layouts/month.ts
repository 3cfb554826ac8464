// Days of a month as a calendar shows them: whole weeks, each day by its date as `2026-03-31`. A day is a day where the reader is.
import type { Item } from '../../../lib/model';
import { localText, type Kind } from '../../../lib/values';

/** A month is `2026-03`. */
export function monthOf(day: string): string {
  return day.slice(0, 7);
}

export function today(): string {
  return localText(new Date()).slice(0, 10);
}

/** Noon, so that a change of the clock moves nothing. */
function noon(day: string): Date {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date, 12);
}

export function plusDays(day: string, days: number): string {
  const moved = noon(day);
  moved.setDate(moved.getDate() + days);
  return localText(moved).slice(0, 10);
}

export function plusMonths(month: string, months: number): string {
  const moved = noon(`${month}-01`);
  moved.setMonth(moved.getMonth() + months);
  return localText(moved).slice(0, 7);
}

/** The first day of weeks where the reader is, Sunday being 0. */
export function firstDay(locale: string): number {
  const info = new Intl.Locale(locale) as Intl.Locale & { getWeekInfo?: () => { firstDay: number }; weekInfo?: { firstDay: number } };
  return (info.getWeekInfo?.() ?? info.weekInfo)?.firstDay ?? 1;
}

/** All days that a month's page shows, in whole weeks. */
export function daysOf(month: string, first: number): string[] {
  const begin = `${month}-01`;
  const before = (noon(begin).getDay() - (first % 7) + 7) % 7;
  const end = plusDays(`${plusMonths(month, 1)}-01`, -1);
  const length = before + Number(end.slice(8));
  return Array.from({ length: Math.ceil(length / 7) * 7 }, (_, at) => plusDays(begin, at - before));
}

/** The day that a value is of. */
export function dayOf(value: unknown, kind: Kind): string | null {
  if (typeof value !== 'string' || !value) return null;
  if (kind !== 'timestamp') return value.slice(0, 10);
  const moment = new Date(value);
  return Number.isNaN(moment.getTime()) ? null : localText(moment).slice(0, 10);
}

/** How many days lie between two. */
export function between(from: string, to: string): number {
  return Math.round((noon(to).getTime() - noon(from).getTime()) / 86_400_000);
}

/** The same time of day, some days later. */
export function shifted(value: unknown, kind: Kind, days: number): unknown {
  const day = dayOf(value, kind);
  if (day === null || typeof value !== 'string') return value;
  const to = plusDays(day, days);
  if (kind !== 'timestamp') return to + value.slice(10);
  const time = localText(new Date(value), true).slice(10);
  return new Date(to + time).toISOString();
}

/** What has to be asked for so that every item of these days is there. */
export function within(start: string, end: string | null, kind: Kind, days: string[]): Item {
  const [first = '', last = ''] = [days[0], days.at(-1)];
  const edge = (day: string, next: boolean) => {
    const at = next ? plusDays(day, 1) : day;
    if (kind === 'date') return next ? day : at;
    return kind === 'timestamp' ? new Date(`${at}T00:00:00`).toISOString() : `${at}T00:00:00`;
  };
  const before = { [start]: { [kind === 'date' ? '_lte' : '_lt']: edge(last, true) } };
  const after = { [start]: { _gte: edge(first, false) } };
  return { _and: [before, end ? { _or: [after, { [end]: { _gte: edge(first, false) } }] } : after] };
}
