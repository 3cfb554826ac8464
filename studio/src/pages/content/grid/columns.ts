// The columns of a grid: which there are, how wide, and what has to be asked for to show them.
import type { FieldInfo } from '../../../lib/model';
import { project } from '../../../lib/project.svelte';
import { named, templateOf } from '../../../lib/template';
import { telling } from '../item/edit.svelte';
import { isAutomatic, kind, type Kind } from '../../../lib/values';
import { teller, type Teller } from '../told';

export interface Column {
  field: string;
  info: FieldInfo;
  kind: Kind;
  /** How its values are told. */
  teller: Teller;
  width: number;
  /** Whether its values are never wider: they need not be cut. */
  roomy: boolean;
  /** Whether it can be sorted by. */
  sorts: boolean;
  /** Whether it can be typed into. */
  edits: boolean;
}

/** Widths that columns begin with, in pixels. */
const WIDTHS: Partial<Record<Kind, number>> = {
  boolean: 92,
  number: 104,
  date: 128,
  time: 96,
  dateTime: 176,
  timestamp: 176,
  color: 104,
  choice: 132,
  list: 104,
  long: 280,
  text: 220,
};
const WIDTH = 160;

/** Kinds whose values are all about as long: what their columns begin with is enough. */
const EVEN = new Set<Kind>(['boolean', 'date', 'time', 'dateTime', 'timestamp']);

export const NARROWEST = 56;

/** How many columns a collection begins with. */
const FIRST = 8;

/** Kinds that are typed into where they stand. */
const TYPED = new Set<Kind>(['text', 'long', 'number', 'boolean', 'date', 'time', 'dateTime', 'timestamp', 'choice', 'tags', 'color', 'm2o', 'json']);

/** Fields that can be columns. */
export function possible(collection: string): FieldInfo[] {
  return project.fields(collection).filter((field) => kind(field) !== 'none' && project.may('read', collection, field.field));
}

/** The columns that a collection has until somebody chooses. */
export function usual(collection: string): string[] {
  const shown = possible(collection).filter((field) => !field.meta?.hidden && kind(field) !== 'hidden');
  // By what items are called one knows which row is which.
  const first = named(templateOf(collection))[0];
  const rank = (field: FieldInfo) => (field.field === first ? 0 : (({ long: 3, json: 3, list: 2 })[kind(field) as string] ?? 1));
  const wanted = [...shown].sort((a, b) => rank(a) - rank(b)).slice(0, FIRST);
  const names = shown.filter((field) => wanted.includes(field)).map((field) => field.field);
  if (first && names.includes(first)) return [first, ...names.filter((name) => name !== first)];
  return names.length ? names : possible(collection).slice(0, FIRST).map((field) => field.field);
}

export function column(collection: string, name: string, width: number | undefined): Column | null {
  const info = project.field(collection, name);
  if (!info) return null;
  const own = kind(info);
  const enough = WIDTHS[own] ?? WIDTH;
  const fixed = isAutomatic(info) || info.meta?.readonly || info.schema?.is_primary_key || own === 'none';
  return {
    field: name,
    info,
    kind: own,
    teller: teller(info),
    width: width ?? enough,
    roomy: EVEN.has(own) && (width ?? enough) >= enough,
    sorts: !['list', 'json', 'tags', 'choices', 'hidden'].includes(own),
    edits: !fixed && TYPED.has(own) && project.may('update', collection, name),
  };
}

/** What has to be asked for to show a column. */
export function asked(own: Column): string[] {
  if (own.kind === 'list') return [`count(${own.field})`];
  if (own.kind !== 'm2o' && own.kind !== 'file') return [own.field];
  const related = project.relation(own.info.collection, own.field)?.related_collection;
  const key = related ? project.key(related)?.field : undefined;
  if (!related || !key || !project.may('read', related)) return [own.field];
  return telling(related, own.info).map((path) => `${own.field}.${path}`);
}
