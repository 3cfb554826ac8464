// Filters as rows that people can read: a field, what it is compared by, and with what. What cannot be told so stays as it is, and
// is shown as the text it is.
import type { FieldInfo, Filter } from '../../../lib/model';
import { kind, type Kind } from '../../../lib/values';

export interface Rule {
  field: string;
  operator: string;
  value: unknown;
}

/** Rows that all have to hold, or of which one has to. */
export interface Rules {
  all: boolean;
  rules: Rule[];
}

const EMPTY = ['_null', '_nnull'];
const ORDER = ['_eq', '_neq', '_lt', '_lte', '_gt', '_gte', '_between', ...EMPTY];
const OPERATORS: Partial<Record<Kind, string[]>> = {
  text: ['_icontains', '_eq', '_neq', '_istarts_with', '_iends_with', '_in', '_nin', '_empty', '_nempty'],
  long: ['_icontains', '_nicontains', '_empty', '_nempty'],
  number: ORDER,
  date: ORDER,
  time: ORDER,
  dateTime: ORDER,
  timestamp: ORDER,
  boolean: ['_eq', ...EMPTY],
  choice: ['_eq', '_neq', '_in', '_nin', ...EMPTY],
  m2o: ['_eq', '_neq', ...EMPTY],
  list: EMPTY,
  hidden: EMPTY,
};

export function operators(field: FieldInfo): string[] {
  return OPERATORS[kind(field)] ?? ['_eq', '_neq', ...EMPTY];
}

/** Operators that say everything by themselves. */
export const isAlone = (operator: string) => ['_null', '_nnull', '_empty', '_nempty'].includes(operator);
export const isList = (operator: string) => ['_in', '_nin', '_between'].includes(operator);

/** The filter that rows stand for; rows without a value say nothing. */
export function toFilter({ all, rules }: Rules): Filter | null {
  const parts = rules
    .filter((rule) => isAlone(rule.operator) || (rule.value !== '' && rule.value !== null && rule.value !== undefined))
    .map((rule) => ({ [rule.field]: { [rule.operator]: isAlone(rule.operator) ? true : rule.value } }));
  if (!parts.length) return null;
  return { [all ? '_and' : '_or']: parts };
}

/** The rows that a filter can be told as; none where it says more. */
export function toRules(filter: Filter | null): Rules | null {
  if (!filter || !Object.keys(filter).length) return { all: true, rules: [] };
  const all = !('_or' in filter);
  const parts = filter._and ?? filter._or ?? [filter];
  if (!Array.isArray(parts) || Object.keys(filter).length > 1) return null;
  const rules: Rule[] = [];
  for (const part of parts as Filter[]) {
    const [entry, ...more] = Object.entries(part ?? {});
    if (!entry || more.length || entry[0].startsWith('_')) return null;
    const compared = Object.entries((entry[1] ?? {}) as Filter);
    const [operator, value] = compared[0] ?? [];
    if (compared.length !== 1 || !operator?.startsWith('_') || ['_some', '_none', '_and', '_or'].includes(operator)) return null;
    rules.push({ field: entry[0], operator, value });
  }
  return { all, rules };
}

/** How many conditions a filter has. */
export function count(filter: Filter | null): number {
  return toRules(filter)?.rules.length ?? (filter ? 1 : 0);
}
