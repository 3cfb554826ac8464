// Whether values meet a rule, as far as it can be known here: for fields that appear or are demanded under a condition. What cannot
// be judged here does not hold, so that nothing appears that nobody asked for.
import type { Condition, FieldInfo, Filter, Item } from '../../../lib/model';
import { at } from '../../../lib/template';

type Compare = (value: unknown, wanted: unknown) => boolean;

const text = (value: unknown) => String(value ?? '');
const lower = (value: unknown) => text(value).toLowerCase();
const same = (a: unknown, b: unknown) => a === b || (a !== null && a !== undefined && b !== null && b !== undefined && text(a) === text(b));
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : text(value).split(',').map((own) => own.trim()));
const nothing = (value: unknown) => value === null || value === undefined;
const order = (a: unknown, b: unknown): number => {
  if (nothing(a) || nothing(b)) return NaN;
  const [left, right] = [Number(a), Number(b)];
  if (!Number.isNaN(left) && !Number.isNaN(right)) return left - right;
  return text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0;
};
const empty = (value: unknown) => nothing(value) || value === '' || (Array.isArray(value) && value.length === 0);

const COMPARE: Record<string, Compare> = {
  _eq: same,
  _neq: (a, b) => !same(a, b),
  _in: (a, b) => list(b).some((own) => same(a, own)),
  _nin: (a, b) => !list(b).some((own) => same(a, own)),
  _lt: (a, b) => order(a, b) < 0,
  _lte: (a, b) => order(a, b) <= 0,
  _gt: (a, b) => order(a, b) > 0,
  _gte: (a, b) => order(a, b) >= 0,
  _between: (a, b) => order(a, list(b)[0]) >= 0 && order(a, list(b)[1]) <= 0,
  _null: (a, b) => nothing(a) === (b !== false),
  _nnull: (a, b) => nothing(a) !== (b !== false),
  _empty: (a, b) => empty(a) === (b !== false),
  _nempty: (a, b) => empty(a) !== (b !== false),
  _contains: (a, b) => text(a).includes(text(b)),
  _ncontains: (a, b) => !text(a).includes(text(b)),
  _nbetween: (a, b) => !(order(a, list(b)[0]) >= 0 && order(a, list(b)[1]) <= 0),
  _icontains: (a, b) => lower(a).includes(lower(b)),
  _starts_with: (a, b) => text(a).startsWith(text(b)),
  _ends_with: (a, b) => text(a).endsWith(text(b)),
  _nstarts_with: (a, b) => !text(a).startsWith(text(b)),
  _nends_with: (a, b) => !text(a).endsWith(text(b)),
  _istarts_with: (a, b) => lower(a).startsWith(lower(b)),
  _iends_with: (a, b) => lower(a).endsWith(lower(b)),
  _nicontains: (a, b) => !lower(a).includes(lower(b)),
  _regex: (a, b) => pattern(b)?.test(text(a)) ?? false,
};

/** A pattern, if it is one. */
function pattern(told: unknown): RegExp | null {
  try {
    return new RegExp(text(told));
  } catch {
    return null;
  }
}

export function holds(rule: Filter, values: Item): boolean {
  return Object.entries(rule).every(([name, inside]) => {
    if (name === '_and') return Array.isArray(inside) && inside.every((own: Filter) => holds(own, values));
    if (name === '_or') return Array.isArray(inside) && inside.some((own: Filter) => holds(own, values));
    return compares(at(values, name), inside);
  });
}

function compares(value: unknown, inside: unknown): boolean {
  if (typeof inside !== 'object' || inside === null) return same(value, inside);
  return Object.entries(inside).every(([operator, wanted]) => {
    const compare = COMPARE[operator];
    if (compare) return compare(value, wanted);
    if (operator.startsWith('_')) return false;
    return typeof value === 'object' && value !== null && holds({ [operator]: wanted }, value as Item);
  });
}

export interface State {
  hidden: boolean;
  readonly: boolean;
  required: boolean;
  options: Item;
}

/** What a field is at the moment: of its conditions, the last that holds has the last word. */
export function stateOf(field: FieldInfo, values: Item): State {
  const meta = field.meta;
  const told: State = {
    hidden: meta?.hidden ?? false,
    readonly: meta?.readonly ?? false,
    required: (meta?.required ?? false) || (field.schema?.is_nullable === false && field.schema.default_value === null),
    options: meta?.options ?? {},
  };
  for (const own of (meta?.conditions ?? []) as Condition[]) {
    if (!own?.rule || !holds(own.rule, values)) continue;
    if (own.hidden !== undefined) told.hidden = own.hidden;
    if (own.readonly !== undefined) told.readonly = own.readonly;
    if (own.required !== undefined) told.required = own.required;
    if (own.options) told.options = { ...told.options, ...own.options };
  }
  return told;
}
