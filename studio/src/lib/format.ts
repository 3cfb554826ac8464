// Values as people read them, in the language that was chosen. Times are told where the reader is; must never change a value.
import { language } from './i18n.svelte';

/** Seconds of the units that distances in time are told in. */
const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

/** Making one of these takes longer than a hundred uses of it, and tables use thousands. */
interface Formats {
  date: Intl.DateTimeFormat;
  dateTime: Intl.DateTimeFormat;
  number: Intl.NumberFormat;
  distance: Intl.RelativeTimeFormat;
}

const known = new Map<string, Formats>();

function formats(): Formats {
  const { name } = language;
  let found = known.get(name);
  if (!found) {
    found = {
      date: new Intl.DateTimeFormat(name, { dateStyle: 'medium' }),
      dateTime: new Intl.DateTimeFormat(name, { dateStyle: 'medium', timeStyle: 'short' }),
      number: new Intl.NumberFormat(name, { maximumFractionDigits: 6 }),
      distance: new Intl.RelativeTimeFormat(name, { numeric: 'auto', style: 'short' }),
    };
    known.set(name, found);
  }
  return found;
}

/** A date without a time, as it is written: no zone moves it. */
export function date(text: string): string {
  const [year, month, day] = text.slice(0, 10).split('-').map(Number);
  const found = new Date(year ?? 0, (month ?? 1) - 1, day ?? 1);
  return Number.isNaN(found.getTime()) ? text : formats().date.format(found);
}

export function dateTime(text: string): string {
  const found = new Date(text);
  if (Number.isNaN(found.getTime())) return text;
  return formats().dateTime.format(found);
}

/** How long ago, or how far ahead. */
export function ago(text: string, now = Date.now()): string {
  const seconds = (new Date(text).getTime() - now) / 1000;
  if (Number.isNaN(seconds)) return text;
  const told = formats().distance;
  for (const [unit, length] of UNITS) {
    if (Math.abs(seconds) >= length) return told.format(Math.round(seconds / length), unit);
  }
  return told.format(0, 'second');
}

export function number(value: number | string): string {
  const found = Number(value);
  return Number.isFinite(found) ? formats().number.format(found) : String(value);
}

/** What a person is called. */
export function person(user: { first_name?: unknown; last_name?: unknown; email?: unknown; id?: unknown }): string {
  const name = [user.first_name, user.last_name].filter(Boolean).join(' ');
  return name || String(user.email ?? user.id ?? '');
}
