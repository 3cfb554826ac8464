// Which comparisons a field can be part of, and what stands at their right side. Must only name what the server understands.

/** What a comparison needs beside the field. */
export type Operand = 'one' | 'list' | 'two' | 'none';

export interface Operator {
  name: string;
  /** Its text is `access.op_NAME`, without the underscore. */
  operand: Operand;
}

const one = (...names: string[]): Operator[] => names.map((name) => ({ name, operand: 'one' }));

const EQUAL = one('_eq', '_neq');
const LIST: Operator[] = [
  { name: '_in', operand: 'list' },
  { name: '_nin', operand: 'list' },
];
const NULL: Operator[] = [
  { name: '_null', operand: 'none' },
  { name: '_nnull', operand: 'none' },
];
const EMPTY: Operator[] = [
  { name: '_empty', operand: 'none' },
  { name: '_nempty', operand: 'none' },
];
const ORDER: Operator[] = [
  ...one('_lt', '_lte', '_gt', '_gte'),
  { name: '_between', operand: 'two' },
  { name: '_nbetween', operand: 'two' },
];
const TEXT = one('_contains', '_ncontains', '_icontains', '_starts_with', '_nstarts_with', '_ends_with', '_nends_with');

const NUMBERS = new Set(['integer', 'bigInteger', 'float', 'decimal']);
const TIMES = new Set(['date', 'time', 'dateTime', 'timestamp']);
const TEXTS = new Set(['string', 'text', 'csv', 'hash']);

/** The comparisons for a field of this type; with `validating`, those that judge what is sent. */
export function operators(type: string, validating = false): Operator[] {
  const last = validating ? one('_regex') : [];
  if (type === 'boolean') return [...EQUAL, ...NULL];
  if (NUMBERS.has(type)) return [...EQUAL, ...ORDER, ...LIST, ...NULL];
  if (TIMES.has(type)) return [...ORDER, ...EQUAL, ...NULL];
  if (TEXTS.has(type)) return [...EQUAL, ...LIST, ...TEXT, ...EMPTY, ...NULL, ...last];
  if (type === 'alias' || type === 'json' || type === 'geometry') return NULL;
  return [...EQUAL, ...LIST, ...NULL, ...last];
}

export function operandOf(name: string): Operand {
  if (['_null', '_nnull', '_empty', '_nempty', '_submitted'].includes(name)) return 'none';
  if (['_in', '_nin'].includes(name)) return 'list';
  return ['_between', '_nbetween'].includes(name) ? 'two' : 'one';
}

/** A value that fits an operator, made of the one that was there. */
export function fit(operand: Operand, value: unknown): unknown {
  const list = Array.isArray(value) ? value : value === '' || value === undefined || typeof value === 'boolean' ? [] : [value];
  if (operand === 'none') return true;
  if (operand === 'list') return list;
  if (operand === 'two') return [list[0] ?? '', list[1] ?? ''];
  return Array.isArray(value) ? (list[0] ?? '') : (value ?? '');
}

/** What was typed, as a value of the field's type; variables stay as they are. */
export function typed(text: string, type: string): unknown {
  if (text.startsWith('$')) return text;
  if (NUMBERS.has(type) && text.trim() !== '' && Number.isFinite(Number(text))) return Number(text);
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}
