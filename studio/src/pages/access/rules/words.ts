// A rule in words: "own and status is draft or review". It tells what is stored; must never leave a condition out.
import { language, maybe, t } from '../../../lib/i18n.svelte';
import type { Filter } from '../../../lib/model';
import { parse, type Condition, type Group, type Node } from './rule';

/** What the words need to know of the data model. */
export interface Model {
  /** What people call a path of fields, from this collection on. */
  label: (path: string[]) => string;
  /** Whether a field holds who made the item. */
  isOwner: (path: string[]) => boolean;
  /** What people call a value of a field; its own text where nothing else is known. */
  value: (path: string[], value: unknown) => string;
}

/** The rule in words; nothing for one that covers everything. */
export function told(filter: Filter | null | undefined, model: Model): string {
  return group(parse(filter), model, true);
}

function group(from: Group, model: Model, outermost: boolean): string {
  const parts = from.nodes.map((node) => part(node, model, from.nodes.length === 1 && outermost)).filter(Boolean);
  const text = parts.join(` ${t(from.join === 'and' ? 'access.and' : 'access.or')} `);
  return parts.length > 1 && !outermost ? `(${text})` : text;
}

function part(node: Node, model: Model, outermost: boolean): string {
  if (node.kind === 'group') return group(node, model, outermost);
  if (node.kind === 'raw') return t('access.moreRule', { json: JSON.stringify(node.filter) });
  return sentence(node, model);
}

/** One condition. Somebody's own items are what most rules are about, so they have a word of their own. */
export function sentence(of: Condition, model: Model): string {
  const own = of.operator === '_eq' && of.value === '$CURRENT_USER' && model.isOwner(of.path);
  if (own) return t('access.own');
  const field = model.label(of.path);
  const value = operand(of, model);
  if (of.operator === '_in' && !Array.isArray(of.value)) return t('access.among', { field, value });
  return maybe(`access.say${of.operator}`, `${field} ${of.operator} ${value}`, { field, value });
}

function operand(of: Condition, model: Model): string {
  const text = (value: unknown) =>
    typeof value === 'boolean' ? t(value ? 'common.yes' : 'common.no').toLowerCase() : (variable(value) ?? model.value(of.path, value));
  if (!Array.isArray(of.value)) return text(of.value);
  const between = of.operator.endsWith('between');
  const list = new Intl.ListFormat(language.name, { type: between ? 'conjunction' : 'disjunction' });
  return of.value.length ? list.format(of.value.map(text)) : t('access.nothing');
}

/** A variable in words, where it is one. */
export function variable(value: unknown): string | undefined {
  if (typeof value !== 'string' || !value.startsWith('$')) return undefined;
  const moved = /^\$NOW\(\s*([+-]?)\s*(\d+\s*\w+)\s*\)$/.exec(value);
  if (moved) return t(moved[1] === '-' ? 'access.var_NOW_before' : 'access.var_NOW_after', { span: moved[2] ?? '' });
  const of = /^\$CURRENT_USER\.(.+)$/.exec(value);
  if (of) return t('access.var_USER_field', { field: (of[1] ?? '').replaceAll('.', ' › ').replaceAll('_', ' ') });
  return maybe(`access.var_${value.slice(1)}`, value);
}
