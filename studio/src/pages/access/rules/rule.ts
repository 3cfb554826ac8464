// A rule as sentences: groups of conditions, as the builder shows them, and back to the filter that the server stores. What
// cannot be shown as a sentence is kept as it is; must never change what a rule means.
import type { Filter } from '../../../lib/model';

export interface Condition {
  kind: 'condition';
  id: number;
  /** Names of fields, the last one compared; `_some` and `_none` stand between where a relation has many items. */
  path: string[];
  operator: string;
  value: unknown;
}

export interface Group {
  kind: 'group';
  id: number;
  join: 'and' | 'or';
  nodes: Node[];
}

/** A part that is written as JSON alone. */
export interface Raw {
  kind: 'raw';
  id: number;
  filter: Filter;
}

export type Node = Condition | Group | Raw;

const QUANTIFIERS = new Set(['_some', '_none']);

let last = 0;
const next = () => (last += 1);

export function condition(path: string[] = [], operator = '_eq', value: unknown = ''): Condition {
  return { kind: 'condition', id: next(), path, operator, value };
}

export function group(join: Group['join'] = 'and', nodes: Node[] = []): Group {
  return { kind: 'group', id: next(), join, nodes };
}

function raw(filter: Filter): Raw {
  return { kind: 'raw', id: next(), filter };
}

/** A stored rule as a group: nothing, and an empty object, are a group without conditions. */
export function parse(filter: Filter | null | undefined): Group {
  const node = read(filter ?? {});
  return node.kind === 'group' ? node : group('and', [node]);
}

function read(filter: Filter): Node {
  const nodes = Object.entries(filter).flatMap(([name, value]) => member(name, value));
  const [only] = nodes;
  return nodes.length === 1 && only ? only : group('and', nodes);
}

function member(name: string, value: unknown): Node[] {
  if (name !== '_and' && name !== '_or') return comparisons([name], value);
  const parts = Array.isArray(value) ? value : [value];
  const nodes = parts.filter(isObject).filter((part) => Object.keys(part).length > 0).map(read);
  return [group(name === '_and' ? 'and' : 'or', nodes)];
}

/** What is said of one field. A relation may hold one comparison only: two of them may have to be true of the same item. */
function comparisons(path: string[], value: unknown): Node[] {
  if (!isObject(value)) return [condition(path, '_eq', value)];
  const entries = Object.entries(value);
  const plain = entries.every(([key]) => key.startsWith('_') && !QUANTIFIERS.has(key) && key !== '_and' && key !== '_or');
  if (plain && entries.length > 0 && (entries.length === 1 || path.length === 1))
    return entries.map(([operator, operand]) => compared(path, operator, operand));
  const [only] = entries;
  if (entries.length === 1 && only && only[0] !== '_and' && only[0] !== '_or') {
    const inner = comparisons([...path, only[0]], only[1]);
    if (inner.length === 1 && inner[0]?.kind === 'condition' && !QUANTIFIERS.has(inner[0].path.at(-1) ?? '')) return inner;
  }
  return [raw(nest(path, value))];
}

/** Operators that are told by yes or no, with what "no" says. */
const OPPOSITES: Record<string, string> = { _null: '_nnull', _nnull: '_null', _empty: '_nempty', _nempty: '_empty' };

function compared(path: string[], operator: string, value: unknown): Condition {
  const opposite = value === false ? OPPOSITES[operator] : undefined;
  return opposite ? condition(path, opposite, true) : condition(path, operator, value);
}

function isObject(value: unknown): value is Filter {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function nest(path: string[], value: unknown): Filter {
  return path.reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as Filter;
}

/** The filter of a group; a condition that names no field yet is left out. */
export function serialize(from: Group): Filter {
  const parts = from.nodes.map(write).filter((part) => part !== null);
  if (parts.length === 0) return {};
  return { [`_${from.join}`]: parts };
}

function write(node: Node): Filter | null {
  if (node.kind === 'raw') return node.filter;
  if (node.kind === 'condition') return node.path.length ? nest(node.path, { [node.operator]: node.value }) : null;
  const inner = serialize(node);
  return Object.keys(inner).length ? inner : null;
}

/** Whether a rule covers every item. */
export function isEmpty(filter: Filter | null | undefined): boolean {
  return Object.keys(serialize(parse(filter))).length === 0;
}

/** A form in which rules that say the same in the same order are equal. */
export function canonical(filter: Filter | null | undefined): string {
  return JSON.stringify(flat(parse(filter)));
}

function flat(from: Group): unknown {
  const nodes: unknown[] = [];
  for (const node of from.nodes) {
    if (node.kind !== 'group') nodes.push(write(node));
    else if (node.nodes.length && (node.join === from.join || node.nodes.length === 1 || from.nodes.length === 1)) {
      if (from.nodes.length === 1) return flat(node);
      nodes.push(...((flat(node) as { nodes: unknown[] }).nodes ?? []));
    } else if (node.nodes.length) nodes.push(flat(node));
  }
  return { join: nodes.length > 1 ? from.join : 'and', nodes };
}

/** The group with a node changed; without it where `change` answers nothing. */
export function edit(from: Group, id: number, change: (node: Node) => Node | null): Group {
  const nodes = from.nodes.flatMap((node): Node[] => {
    const inner = node.kind === 'group' ? edit(node, id, change) : node;
    if (node.id !== id) return [inner];
    const changed = change(inner);
    return changed ? [changed] : [];
  });
  return { ...from, nodes };
}
