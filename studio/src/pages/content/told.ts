// What is shown of a value in one line: words, how they look, and what is drawn beside them. The project may have chosen how; else
// the field's kind says. A field says once by which elements its values are shown, and every value then only what they say: so a
// table that is scrolled through changes words and makes nothing. Must never make an element itself.
import star from 'icon:star';

import { ago, date, dateTime, number, person } from '../../lib/format';
import { language, t } from '../../lib/i18n.svelte';
import type { FieldInfo, Item } from '../../lib/model';
import { project } from '../../lib/project.svelte';
import { fill } from '../../lib/template';
import { asText, choices, kind, type Choice } from '../../lib/values';
import { anyIcon, icon } from './icons';
import { calledBy } from './item/edit.svelte';

/** By which elements a field's values are shown. */
export type Shape = 'words' | 'flag' | 'badges' | 'drawn';

export interface Told {
  text: string;
  /** Classes of the words. */
  look?: string;
  /** The same in full, for who points at it. */
  title?: string;
  /** The words stand for nothing and are not read out. */
  silent?: boolean;
  flag?: boolean | null;
  badges?: { text: string; color: string | null }[];
  /** What is drawn before the words: an icon's shapes, a colour, somebody's letters. */
  shapes?: string;
  size?: number;
  color?: string;
  name?: string;
}

export interface Teller {
  shape: Shape;
  tell: (value: unknown) => Told;
}

/** Tags that are shown before the rest is only counted. */
const MOST_TAGS = 4;

/** Letters of a long text: more than any cell is wide. */
const MOST_LETTERS = 300;

const NOTHING: Told = { text: '–', look: 'faint', silent: true };

/** How a field's values are told. */
export function teller(info: FieldInfo): Teller {
  const own = kind(info);
  const display = info.meta?.display ?? '';
  const options = info.meta?.display_options ?? {};
  if (own === 'boolean') return { shape: 'flag', tell: flag };
  if (own === 'list') return { shape: 'words', tell: length };
  if (own === 'choice' || own === 'choices' || own === 'tags') return { shape: 'badges', tell: badges(info) };
  if (own === 'text' && display === 'labels') return { shape: 'badges', tell: badges(info) };
  if (own === 'number' && display === 'rating') return { shape: 'drawn', tell: given(rating(info)) };
  if (own === 'color') return { shape: 'drawn', tell: given((value) => ({ text: String(value), look: 'code', color: String(value) })) };
  if (own === 'm2o' || own === 'file') return related(info);
  if (own === 'json') return { shape: 'words', tell: given(json) };
  if (own === 'hidden') return { shape: 'words', tell: given(() => ({ text: '••••••', look: 'faint' })) };
  if (display === 'icon' || info.meta?.interface === 'select-icon') return { shape: 'drawn', tell: given(drawing) };
  if (info.type === 'uuid') return { shape: 'words', tell: given(key) };
  const words = written(own, display, options);
  return { shape: 'words', tell: given(words) };
}

/** Nothing is told alike everywhere. */
function given(tell: (value: unknown) => Told): Teller['tell'] {
  return (value) => (value === null || value === undefined || value === '' ? NOTHING : tell(value));
}

function flag(value: unknown): Told {
  return { text: '', flag: typeof value === 'boolean' ? value : null };
}

function length(value: unknown): Told {
  const count = Array.isArray(value) ? value.length : Number(value ?? 0);
  return { text: number(count), look: count === 0 ? 'numbers faint' : 'numbers' };
}

/** One chosen value or several, by their names. */
function badges(info: FieldInfo): Teller['tell'] {
  const known = new Map<string, Choice>();
  // What may be chosen goes before what is only said of how it is shown.
  for (const own of [...labels(info.meta?.display_options?.choices), ...choices(info)]) known.set(own.value, own);
  const badge = (value: unknown, coloured: boolean) => {
    const own = known.get(String(value));
    return { text: own?.text ?? asText(value), color: (coloured && own?.color) || null };
  };
  const several = ['choices', 'tags'].includes(kind(info));
  return given((value) => {
    if (!several) return { text: '', badges: [badge(value, true)] };
    const list = Array.isArray(value) ? value : [];
    const rest = list.length - MOST_TAGS;
    return { text: rest > 0 ? `+${rest}` : '', look: 'faint', badges: list.slice(0, MOST_TAGS).map((own) => badge(own, false)) };
  });
}

function rating(info: FieldInfo): Teller['tell'] {
  const most = Number(info.meta?.options?.maxStars ?? 5);
  return (value) => {
    const text = number(value as number);
    return { text, look: 'numbers', title: `${text} / ${most}`, shapes: star, size: 14 };
  };
}

function drawing(value: unknown): Told {
  return { text: String(value), shapes: icon(String(value), anyIcon) };
}

function key(value: unknown): Told {
  return { text: asText(value), look: 'code faint' };
}

function json(value: unknown): Told {
  if (Array.isArray(value)) return { text: t('content.entries', { n: value.length }), look: 'faint' };
  return { text: asText(value).slice(0, MOST_LETTERS), look: 'code' };
}

/** What a field leads to, by what it is called; its key where no more may be read. */
function related(info: FieldInfo): Teller {
  const collection = project.relation(info.collection, info.field)?.related_collection;
  const people = collection === 'directus_users' || info.meta?.display === 'user';
  const tell = given((value) => {
    if (!collection || typeof value !== 'object') return key(value);
    const called = calledBy(collection, info);
    if (!people) return { text: fill(called, value as Item, project.key(collection)?.field) };
    const name = fill(called, value as Item).trim() || person(value as Item);
    return { text: name, name };
  });
  return { shape: people ? 'drawn' : 'words', tell };
}

/** What is plain text in the end. */
function written(own: string, display: string, options: Item): Teller['tell'] {
  const relative = display === 'datetime' && options.relative === true;
  const numbers = (told: (value: string) => string) => (value: unknown) => ({ text: told(String(value)), look: 'numbers' });
  switch (own) {
    case 'number':
      return display === 'filesize' ? numbers((value) => bytes(Number(value))) : numbers((value) => affixed(number(value), options));
    case 'date':
      return numbers(relative ? ago : date);
    case 'time':
      return numbers((value) => value.slice(0, 5));
    case 'dateTime':
      return numbers(relative ? ago : dateTime);
    case 'timestamp':
      return (value) => ({ text: ago(String(value)), look: 'numbers', title: dateTime(String(value)) });
    default:
      return (value) => ({ text: affixed(words(asText(value)).slice(0, MOST_LETTERS), options) });
  }
}

/** Names and colours that belong to how a field is shown, not to what may be chosen. */
function labels(given: unknown): Choice[] {
  if (!Array.isArray(given)) return [];
  return given
    .filter((own): own is Item => typeof own === 'object' && own !== null && 'value' in own)
    .map((own) => ({ value: String(own.value), text: String(own.text ?? own.value), color: typeof own.background === 'string' ? own.background : null }));
}

/** With what is to stand before and after it. */
function affixed(text: string, options: Item): string {
  const [before, after] = [options.prefix, options.suffix].map((own) => (typeof own === 'string' ? own : ''));
  return `${before ?? ''}${text}${after ?? ''}`;
}

/** What a formatted text says, without its marks. */
function words(text: string): string {
  return text
    .replace(/<(style|script)[\s\S]*?<\/\1>/gi, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&nbsp;/g, ' ')
    .replace(/&amp;/g, '&')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/\s+/g, ' ')
    .trim();
}

const SIZES = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];

function bytes(size: number): string {
  const at = Math.min(SIZES.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, size)) / 3)));
  const options = { style: 'unit', unit: SIZES[at], unitDisplay: 'short', maximumFractionDigits: at ? 1 : 0 } as const;
  return new Intl.NumberFormat(language.name, options).format(size / 1000 ** at);
}
