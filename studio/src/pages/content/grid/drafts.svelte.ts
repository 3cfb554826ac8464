// What was typed into a grid and not saved yet: by row and field, with what stood there before. Everything goes through it,
// one cell, a pasted range or a change of many rows; it is looked over and saved as a whole, and each step can be taken back.
import { api, ApiError } from '../../../lib/api';
import { byField } from '../../../lib/faults';
import type { Item } from '../../../lib/model';
import { project } from '../../../lib/project.svelte';

export interface Change {
  key: string;
  row: Item;
  field: string;
  before: unknown;
  after: unknown;
}

type Book = Map<string, { row: Item; fields: Map<string, unknown> }>;

/** Steps that can be taken back. */
const MOST_STEPS = 100;

export class Drafts {
  #book = $state.raw<Book>(new Map());
  #past: Book[] = [];
  saving = $state(false);
  /** What the server said of a field in the last attempt. */
  faults = $state.raw<Record<string, string>>({});

  constructor(
    readonly collection: string,
    readonly keyField: string,
  ) {}

  get changes(): Change[] {
    return [...this.#book].flatMap(([key, { row, fields }]) =>
      [...fields].map(([field, after]) => ({ key, row, field, before: row[field], after })),
    );
  }

  get size(): number {
    let size = 0;
    for (const { fields } of this.#book.values()) size += fields.size;
    return size;
  }

  get rows(): number {
    return this.#book.size;
  }

  has(row: Item, field: string): boolean {
    return this.#book.get(String(row[this.keyField]))?.fields.has(field) === true;
  }

  /** What a cell holds: as it was typed, else as it was answered. */
  value(row: Item, field: string): unknown {
    const draft = this.#book.get(String(row[this.keyField]))?.fields;
    return draft?.has(field) ? draft.get(field) : row[field];
  }

  /** Takes several cells in one step. */
  set(cells: { row: Item; field: string; value: unknown }[]): void {
    this.#past = [...this.#past.slice(-MOST_STEPS), this.#book];
    const book: Book = new Map([...this.#book].map(([key, own]) => [key, { row: own.row, fields: new Map(own.fields) }]));
    for (const { row, field, value } of cells) {
      const key = String(row[this.keyField]);
      const own = book.get(key) ?? { row, fields: new Map<string, unknown>() };
      if (same(own.row[field], value)) own.fields.delete(field);
      else own.fields.set(field, value);
      if (own.fields.size) book.set(key, own);
      else book.delete(key);
    }
    this.#book = book;
    this.faults = {};
  }

  undo(): boolean {
    const before = this.#past.pop();
    if (before) this.#book = before;
    return before !== undefined;
  }

  discard(): void {
    this.#book = new Map();
    this.#past = [];
    this.faults = {};
  }

  /** Saves everything in one transaction: all of it or nothing. Answers the rows as they are now. */
  async save(fields: string[]): Promise<Item[]> {
    this.saving = true;
    try {
      const body = [...this.#book.values()].map(({ row, fields: own }) => ({
        [this.keyField]: row[this.keyField],
        ...Object.fromEntries([...own].map(([field, value]) => [field, bare(this.collection, field, value)])),
      }));
      const saved = await api<Item[] | undefined>(`/items/${this.collection}`, { method: 'PATCH', query: { fields, limit: -1 }, body });
      this.discard();
      return saved ?? [];
    } catch (error) {
      if (error instanceof ApiError) this.faults = byField(error, this.collection);
      throw error;
    } finally {
      this.saving = false;
    }
  }
}

/** A related item is sent as its key. */
function bare(collection: string, field: string, value: unknown): unknown {
  const related = project.relation(collection, field)?.related_collection;
  if (!related || typeof value !== 'object' || value === null) return value;
  return (value as Item)[project.key(related)?.field ?? 'id'];
}

function same(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
}
