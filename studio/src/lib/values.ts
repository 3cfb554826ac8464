// What kind of value a field holds, as far as showing, typing and pasting are concerned: from its type, its special flags and
// the interface that was chosen for it. Must never turn text into a value that the text does not clearly say.
import type { FieldInfo } from './model';

export type Kind =
  | 'text'
  | 'long'
  | 'number'
  | 'boolean'
  | 'date'
  | 'time'
  | 'dateTime'
  | 'timestamp'
  | 'choice'
  | 'choices'
  | 'tags'
  | 'json'
  | 'color'
  | 'm2o'
  | 'file'
  | 'list'
  | 'hidden'
  | 'none';

export interface Choice {
  value: string;
  text: string;
  color: string | null;
}

const LONG = new Set(['input-multiline', 'input-rich-text-md', 'input-rich-text-html', 'input-code', 'input-block-editor']);
const LISTS = ['o2m', 'm2m', 'm2a', 'files', 'translations'];
const ONE_OF = new Set(['select-dropdown', 'select-radio']);
const SOME_OF = new Set(['select-multiple-dropdown', 'select-multiple-checkbox', 'select-multiple-checkbox-tree']);

export function kind(field: FieldInfo): Kind {
  const special = field.meta?.special ?? [];
  const shown = field.meta?.interface ?? '';
  if (special.some((own) => LISTS.includes(own))) return 'list';
  if (field.type === 'alias') return 'none';
  if (special.includes('hash') || special.includes('conceal') || field.type === 'hash') return 'hidden';
  if (special.includes('file')) return 'file';
  if (special.includes('m2o') || field.schema?.foreign_key_table) return 'm2o';
  if (ONE_OF.has(shown) && choices(field).length) return 'choice';
  if (SOME_OF.has(shown) && choices(field).length) return 'choices';
  if (shown === 'select-color') return 'color';
  if (shown === 'tags' || field.type === 'csv') return 'tags';
  switch (field.type) {
    case 'boolean':
    case 'date':
    case 'time':
    case 'dateTime':
    case 'timestamp':
    case 'json':
      return field.type;
    case 'integer':
    case 'bigInteger':
    case 'float':
    case 'decimal':
      return 'number';
    case 'text':
      return 'long';
    default:
      return LONG.has(shown) ? 'long' : 'text';
  }
}

/** What may be chosen for a field. */
export function choices(field: FieldInfo): Choice[] {
  const given = field.meta?.options?.choices;
  if (!Array.isArray(given)) return [];
  return given
    .filter((own): own is Record<string, unknown> => typeof own === 'object' && own !== null && 'value' in own)
    .map((own) => ({
      value: String(own.value),
      text: String(own.text ?? own.value),
      color: typeof own.color === 'string' ? own.color : null,
    }));
}

/** The choice as it is stored: numbers where the field holds numbers. */
export function asChosen(value: string, field: FieldInfo): unknown {
  return field.type === 'integer' && value !== '' && !Number.isNaN(Number(value)) ? Number(value) : value;
}

/** Letters that carry a mark, without it. */
const MARKS = /\p{M}/gu;

/** A text as the last part of an address. While it is typed a hyphen at the end stays; `whole` when it is done. */
export function asSlug(text: string, whole = false): string {
  const plain = text.normalize('NFKD').replace(MARKS, '').replaceAll('ß', 'ss').toLowerCase();
  const told = plain.replace(/[^a-z0-9]+/g, '-').replace(/^-+/, '');
  return whole ? told.replace(/-+$/, '') : told;
}

/** Whether the system fills a field in by itself. */
export function isAutomatic(field: FieldInfo): boolean {
  const special = field.meta?.special ?? [];
  return (
    field.schema?.is_generated === true ||
    field.schema?.has_auto_increment === true ||
    special.some((own) => /^(date|user|role)-(created|updated)$/.test(own))
  );
}

/** A value as plain text: for the clipboard, and for what is typed over. */
export function asText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'object') return JSON.stringify(value);
  return String(value);
}

/** Why a text is no value of a field: a key of a message. */
export class Unreadable extends Error {}

/** The value that a text stands for. Nothing is null where the field may be empty. */
export function parse(text: string, field: FieldInfo): unknown {
  const own = kind(field);
  const trimmed = text.trim();
  if (trimmed === '' && (own !== 'text' && own !== 'long' ? true : field.schema?.is_nullable !== false)) return null;
  switch (own) {
    case 'number':
      return number(trimmed, field.type);
    case 'boolean':
      return boolean(trimmed);
    case 'date':
      if (!/^\d{4}-\d{2}-\d{2}$/.test(trimmed)) throw new Unreadable('date');
      return trimmed;
    case 'time':
      if (!/^\d{2}:\d{2}(:\d{2})?$/.test(trimmed)) throw new Unreadable('time');
      return trimmed.length === 5 ? `${trimmed}:00` : trimmed;
    case 'dateTime':
    case 'timestamp':
      return moment(trimmed, own);
    case 'choice':
      return choice(trimmed, field);
    case 'choices':
    case 'tags':
      return tags(trimmed);
    case 'json':
      try {
        return JSON.parse(trimmed) as unknown;
      } catch {
        throw new Unreadable('json');
      }
    default:
      return text;
  }
}

function number(text: string, type: string): unknown {
  const plain = text.replace(/[\s\u00a0_]/g, '');
  if (!/^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(plain)) throw new Unreadable('number');
  if (type === 'integer' && !/^[+-]?\d+$/.test(plain)) throw new Unreadable('integer');
  // More digits than a number holds are kept as they were written.
  return type === 'bigInteger' || type === 'decimal' ? plain : Number(plain);
}

function boolean(text: string): boolean {
  if (['true', '1', 'yes', 'x'].includes(text.toLowerCase())) return true;
  if (['false', '0', 'no'].includes(text.toLowerCase())) return false;
  throw new Unreadable('boolean');
}

function moment(text: string, own: 'dateTime' | 'timestamp'): string {
  const local = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?(Z|[+-]\d{2}:?\d{2})?$/;
  if (!local.test(text)) throw new Unreadable('moment');
  const found = new Date(text.length === 10 ? `${text}T00:00` : text.replace(' ', 'T'));
  if (Number.isNaN(found.getTime())) throw new Unreadable('moment');
  return own === 'timestamp' ? found.toISOString() : localText(found, true);
}

/** As `<input type="datetime-local">` writes it. */
export function localText(moment: Date, seconds = false): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const day = `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
  return `${day}T${two(moment.getHours())}:${two(moment.getMinutes())}${seconds ? `:${two(moment.getSeconds())}` : ''}`;
}

function choice(text: string, field: FieldInfo): unknown {
  const lower = text.toLowerCase();
  const found = choices(field).find((own) => own.value.toLowerCase() === lower || own.text.toLowerCase() === lower);
  if (found) return asChosen(found.value, field);
  if (field.meta?.options?.allowOther) return text;
  throw new Unreadable('choice');
}

function tags(text: string): string[] {
  if (text.startsWith('[')) {
    try {
      const told = JSON.parse(text) as unknown;
      if (Array.isArray(told)) return told.map(String);
    } catch {
      // Then it is a tag that begins with a bracket.
    }
  }
  return text
    .split(',')
    .map((own) => own.trim())
    .filter(Boolean);
}

/** Rows and cells of what was copied from a table. A cell in quotes may hold tabs and lines. */
export function fromTsv(text: string): string[][] {
  const rows: string[][] = [[]];
  const cell = /("(?:[^"]|"")*"(?=[\t\r\n]|$)|[^\t\r\n]*)(\t|\r\n|\n|\r|$)/y;
  for (let found = cell.exec(text); found; found = cell.exec(text)) {
    const [, inside = '', end = ''] = found;
    const quoted = inside.startsWith('"') && inside.endsWith('"') && inside.length > 1;
    rows.at(-1)?.push(quoted ? inside.slice(1, -1).replaceAll('""', '"') : inside);
    if (end === '') break;
    if (end !== '\t') rows.push([]);
  }
  const last = rows.at(-1);
  if (rows.length > 1 && last?.length === 1 && last[0] === '') rows.pop();
  return rows;
}

/** The other way round. */
export function toTsv(rows: string[][]): string {
  const cell = (text: string) => (/[\t\r\n"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return rows.map((row) => row.map(cell).join('\t')).join('\n');
}
