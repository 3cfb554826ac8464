// The changes to a policy's permissions that are not saved yet, and the way back through them.
import type { Action } from '../../../lib/model';
import { at, batch, level, put, set, sheet, type Cell, type Permission, type Sheet } from './cells';

/** As far as one can go back. */
const STEPS = 100;

export class Draft {
  stored = $state.raw<Sheet>(new Map());
  changes = $state.raw<Sheet>(new Map());
  #past: Sheet[] = [];

  /** What the server holds; changes that were made meanwhile stay. */
  take(permissions: Permission[]): void {
    this.stored = sheet(permissions);
    // What somebody else has saved meanwhile may be what was going to be changed.
    let rest: Sheet = new Map();
    for (const [key, rows] of this.changes) {
      const [collection = '', action = ''] = key.split('/');
      rest = put(this.stored, rest, [{ collection, action: action as Action }], () => rows);
    }
    this.changes = rest;
  }

  hold(cell: Cell): Permission[] {
    return this.changes.get(at(cell)) ?? this.stored.get(at(cell)) ?? [];
  }

  isChanged(cell: Cell): boolean {
    return this.changes.has(at(cell));
  }

  set(cells: Cell[], to: 'none' | 'all'): void {
    this.#step(set(this.stored, this.changes, cells, to));
  }

  put(cells: Cell[], hold: (cell: Cell, before: Permission[]) => Permission[]): void {
    this.#step(put(this.stored, this.changes, cells, hold));
  }

  /** None, then all, then what is stored if that is neither, then none again: for all cells what comes next for the first. */
  cycle(cells: Cell[]): void {
    const [first] = cells;
    if (!first) return;
    const now = level(this.hold(first));
    const kept = level(this.stored.get(at(first)) ?? []);
    if (now === 'all' && kept === 'custom') this.put(cells, (cell) => this.stored.get(at(cell)) ?? []);
    else this.set(cells, now === 'none' ? 'all' : 'none');
  }

  undo(): void {
    const before = this.#past.pop();
    if (before) this.changes = before;
  }

  clear(): void {
    this.changes = new Map();
    this.#past = [];
  }

  batch() {
    return batch(this.stored, this.changes);
  }

  /** All permissions as they will be. */
  all(): Permission[] {
    const keys = new Set([...this.stored.keys(), ...this.changes.keys()]);
    return [...keys].flatMap((key) => this.changes.get(key) ?? this.stored.get(key) ?? []);
  }

  #step(changes: Sheet): void {
    this.#past = [...this.#past.slice(-STEPS), this.changes];
    this.changes = changes;
  }
}
