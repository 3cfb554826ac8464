// The permissions of a policy as a table: a collection's row, an action's column, and in each cell what is stored there.
// Changes are collected beside what is stored and saved in one batch. Must never hold a change that changes nothing.
import type { Action, Filter, Item } from '../../../lib/model';
import { canonical, isEmpty } from '../rules/rule';

export const ACTIONS: Action[] = ['create', 'read', 'update', 'delete', 'share'];

export interface Permission {
  /** What is not stored yet has none. */
  id?: number;
  collection: string;
  action: Action;
  permissions: Filter | null;
  validation: Filter | null;
  presets: Item | null;
  fields: string[] | null;
}

export interface Cell {
  collection: string;
  action: Action;
}

export type Level = 'none' | 'all' | 'custom';

/** What cells hold, by `collection/action`. */
export type Sheet = ReadonlyMap<string, Permission[]>;

export const at = (cell: Cell): string => `${cell.collection}/${cell.action}`;

/** The stored permissions by their cells. */
export function sheet(permissions: Permission[]): Sheet {
  const found = new Map<string, Permission[]>();
  for (const own of permissions) found.set(at(own), [...(found.get(at(own)) ?? []), own]);
  return found;
}

/** A permission without any limit. */
export function full(cell: Cell, id?: number): Permission {
  return { ...(id === undefined ? {} : { id }), ...cell, permissions: {}, validation: {}, presets: null, fields: ['*'] };
}

export function isFull(own: Permission): boolean {
  const presets = Object.keys(own.presets ?? {}).length;
  return isEmpty(own.permissions) && isEmpty(own.validation) && !presets && (own.fields ?? []).includes('*');
}

export function level(own: Permission[]): Level {
  if (own.length === 0) return 'none';
  return own.every(isFull) ? 'all' : 'custom';
}

/** Whether two permissions allow the same, whatever their ids. */
export function alike(a: Permission, b: Permission): boolean {
  return body(a) === body(b);
}

function body(own: Permission): string {
  return JSON.stringify([
    canonical(own.permissions),
    canonical(own.validation),
    Object.entries(own.presets ?? {}).sort(([a], [b]) => a.localeCompare(b)),
    [...(own.fields ?? [])].sort(),
  ]);
}

function same(a: Permission[], b: Permission[]): boolean {
  return a.length === b.length && a.every((own, index) => alike(own, b[index] as Permission));
}

/** The changes with some cells holding something else; a cell that holds what is stored is no change. */
export function put(stored: Sheet, changes: Sheet, cells: Cell[], hold: (cell: Cell, before: Permission[]) => Permission[]): Sheet {
  const out = new Map(changes);
  for (const cell of cells) {
    const kept = stored.get(at(cell)) ?? [];
    const now = hold(cell, out.get(at(cell)) ?? kept);
    if (same(kept, now)) out.delete(at(cell));
    else out.set(at(cell), now);
  }
  return out;
}

/** The changes with cells set to everything or nothing. Where something is stored, that row is changed, not another made. */
export function set(stored: Sheet, changes: Sheet, cells: Cell[], to: 'none' | 'all'): Sheet {
  return put(stored, changes, cells, (cell) => {
    if (to === 'none') return [];
    const kept = stored.get(at(cell)) ?? [];
    return kept.length && level(kept) === 'all' ? kept : [full(cell, kept[0]?.id)];
  });
}

export interface Batch {
  create: Omit<Permission, 'id'>[];
  update: Permission[];
  delete: number[];
}

/** Everything that has to be written, for one request that is done as a whole or not at all. */
export function batch(stored: Sheet, changes: Sheet): Batch {
  const out: Batch = { create: [], update: [], delete: [] };
  for (const [key, rows] of changes) {
    const kept = stored.get(key) ?? [];
    for (const row of rows) {
      const before = kept.find((own) => own.id === row.id);
      if (row.id === undefined || !before) out.create.push({ ...row });
      else if (!alike(row, before)) out.update.push(row);
    }
    for (const own of kept) if (own.id !== undefined && !rows.some((row) => row.id === own.id)) out.delete.push(own.id);
  }
  return out;
}

export interface Place {
  row: number;
  column: number;
}

/** The cells between two places, whichever comes first. */
export function range(from: Place, to: Place, rows: string[]): Cell[] {
  const [top, bottom] = [Math.min(from.row, to.row), Math.max(from.row, to.row)];
  const [left, right] = [Math.min(from.column, to.column), Math.max(from.column, to.column)];
  return rows
    .slice(top, bottom + 1)
    .flatMap((collection) => ACTIONS.slice(left, right + 1).map((action) => ({ collection, action })));
}

/** Where a key leads in a table; nothing for keys that do not move. */
export function moved(key: string, place: Place, rows: number, far = false): Place | null {
  const most = { row: rows - 1, column: ACTIONS.length - 1 };
  const to: Record<string, Place> = {
    ArrowUp: { ...place, row: far ? 0 : place.row - 1 },
    ArrowDown: { ...place, row: far ? most.row : place.row + 1 },
    ArrowLeft: { ...place, column: far ? 0 : place.column - 1 },
    ArrowRight: { ...place, column: far ? most.column : place.column + 1 },
    PageUp: { ...place, row: place.row - 10 },
    PageDown: { ...place, row: place.row + 10 },
    Home: far ? { row: 0, column: 0 } : { ...place, column: 0 },
    End: far ? most : { ...place, column: most.column },
  };
  const found = to[key];
  if (!found) return null;
  const clamp = (value: number, top: number) => Math.max(0, Math.min(value, top));
  return { row: clamp(found.row, most.row), column: clamp(found.column, most.column) };
}

/** Whether a change gives more, takes away, or does some of both. */
export function direction(before: Permission[], after: Permission[]): 'gives' | 'takes' | 'changes' {
  const order: Level[] = ['none', 'custom', 'all'];
  const step = order.indexOf(level(after)) - order.indexOf(level(before));
  return step > 0 ? 'gives' : step < 0 ? 'takes' : 'changes';
}
