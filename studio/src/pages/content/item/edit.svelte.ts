// One item while it is edited, and everything below it: what was answered, and one tree of changes in the very form in which it
// is sent. Nested items are edits of their own whose changes are part of the tree above them, so that all of it is saved
// together or not at all.
import { api, ApiError, door } from '../../../lib/api';
import { byField } from '../../../lib/faults';
import type { FieldInfo, Item } from '../../../lib/model';
import { project } from '../../../lib/project.svelte';
import { named, templateOf } from '../../../lib/template';
import { kind } from '../../../lib/values';

/** Changes of a list of items, as they are sent. */
export interface ListChange {
  create: Item[];
  update: Item[];
  delete: unknown[];
}

/** Where the changes of an item within another are kept: in the tree above it, so that they are saved and taken back with it. */
export interface Above {
  stored: Item;
  changes: () => Item;
  take: (changes: Item) => void;
  faults: () => Record<string, string>;
}

/** Steps that can be taken back. */
const MOST_STEPS = 200;

/** Typing in the same field within this time is one step, in milliseconds. */
const ONE_STEP = 800;

export class Edit {
  /** What was answered; empty for a new item. */
  stored = $state.raw<Item>({});
  #changes = $state.raw<Item>({});
  #faults = $state.raw<Record<string, string>>({});
  saving = $state(false);
  loaded = $state(false);
  error = $state.raw<Error | null>(null);
  /** What may be done with this very item. */
  rights = $state.raw({ update: true, delete: true });

  #past: Item[] = [];
  #future: Item[] = [];
  #last = { field: '', at: 0 };

  constructor(
    readonly collection: string,
    /** None for a new item, and for the only item of a collection. */
    readonly id: string | null,
    readonly fresh: boolean,
    readonly above?: Above,
  ) {
    if (!above) return;
    this.stored = above.stored;
    this.loaded = true;
  }

  get changes(): Item {
    return this.above ? this.above.changes() : this.#changes;
  }

  set changes(next: Item) {
    if (this.above) this.above.take(next);
    else this.#changes = next;
  }

  /** What the server said of fields, by their paths. */
  get faults(): Record<string, string> {
    return this.above ? this.above.faults() : this.#faults;
  }

  set faults(next: Record<string, string>) {
    if (!this.above) this.#faults = next;
  }

  get key(): string {
    return project.key(this.collection)?.field ?? 'id';
  }

  get path(): string {
    const root = door(this.collection);
    return this.id === null ? root : `${root}/${encodeURIComponent(this.id)}`;
  }

  get dirty(): boolean {
    return Object.keys(this.changes).length > 0;
  }

  get size(): number {
    return Object.keys(this.changes).length;
  }

  /** Everything as it would be: for conditions. */
  values = $derived({ ...this.defaults(), ...this.stored, ...this.changes });

  value(field: string): unknown {
    return this.values[field];
  }

  has(field: string): boolean {
    return field in this.changes;
  }

  set(field: string, value: unknown): void {
    const before = this.fresh ? undefined : this.stored[field];
    const now = performance.now();
    if (field !== this.#last.field || now - this.#last.at > ONE_STEP) this.#past = [...this.#past.slice(-MOST_STEPS), this.changes];
    this.#last = { field, at: now };
    this.#future = [];
    const next = { ...this.changes, [field]: value };
    if (!this.fresh && same(before ?? null, value ?? null)) delete next[field];
    // What is emptied again makes no item within another.
    if (this.fresh && this.above && (value === null || value === '')) delete next[field];
    this.changes = next;
    if (field in this.faults) this.faults = Object.fromEntries(Object.entries(this.faults).filter(([name]) => name !== field));
  }

  undo(): boolean {
    const before = this.#past.pop();
    if (!before) return false;
    this.#future.push(this.changes);
    this.changes = before;
    this.#last.field = '';
    return true;
  }

  redo(): boolean {
    const next = this.#future.pop();
    if (!next) return false;
    this.#past.push(this.changes);
    this.changes = next;
    return true;
  }

  reset(): void {
    this.changes = {};
    this.#past = [];
    this.#future = [];
    this.faults = {};
  }

  async load(): Promise<void> {
    try {
      if (this.fresh) {
        const presets = project.grant(this.collection, 'create').presets;
        this.stored = presets ?? {};
      } else {
        const [stored, rights] = await Promise.all([api<Item>(this.path, { query: { fields: asks(this.collection) } }), this.#mayDo()]);
        this.stored = stored;
        this.rights = rights;
      }
      this.error = null;
      this.loaded = true;
    } catch (error) {
      this.error = error as Error;
    }
  }

  /** Saves everything; answers the item's key. */
  async save(): Promise<string | null> {
    this.saving = true;
    try {
      const query = { fields: asks(this.collection) };
      const method = this.fresh ? 'POST' : 'PATCH';
      const saved = await api<Item | undefined>(this.path, { method, query, body: this.changes });
      if (saved) this.stored = saved;
      this.reset();
      return saved ? String(saved[this.key]) : null;
    } catch (error) {
      if (error instanceof ApiError) this.faults = byField(error, this.collection);
      throw error;
    } finally {
      this.saving = false;
    }
  }

  async #mayDo(): Promise<{ update: boolean; delete: boolean }> {
    const [update, remove] = [project.grant(this.collection, 'update').access, project.grant(this.collection, 'delete').access];
    if (update !== 'partial' && remove !== 'partial') return { update: update === 'full', delete: remove === 'full' };
    const path = `/permissions/me/${this.collection}${this.id === null ? '' : `/${encodeURIComponent(this.id)}`}`;
    const told = await api<{ update: { access: boolean }; delete: { access: boolean } }>(path);
    return { update: told.update.access, delete: told.delete.access };
  }

  /** What the columns fill in by themselves. */
  defaults(): Item {
    if (!this.fresh) return {};
    const found: Item = {};
    for (const field of project.fields(this.collection)) {
      const value = field.schema?.default_value;
      if (value !== null && value !== undefined) found[field.field] = value;
    }
    return found;
  }
}

/** What has to be asked for to show an item whole: related items by what they are called. */
export function asks(collection: string): string[] {
  return [...new Set(['*', ...project.fields(collection).flatMap((field) => asksOf(collection, field))])];
}

function asksOf(collection: string, field: FieldInfo): string[] {
  const own = kind(field);
  const inside = (path: string) => `${field.field}.${path}`;
  if (own === 'm2o' || own === 'file') {
    const related = project.relation(collection, field.field)?.related_collection;
    return related && project.may('read', related) ? telling(related, field).map(inside) : [];
  }
  const relation = own === 'list' ? project.reverse(collection, field.field) : undefined;
  if (!relation || !project.may('read', relation.collection)) return [];
  // Of translations every field is typed into where they stand.
  if (field.meta?.special?.includes('translations')) return [inside('*')];
  const sort = relation.meta?.sort_field;
  const through = relation.meta?.junction_field;
  const rows = [...(through ? [project.key(relation.collection)?.field ?? 'id'] : telling(relation.collection, field)), ...(sort ? [sort] : [])];
  if (!through) return rows.map(inside);
  const behind = project.relation(relation.collection, through);
  const kinds = behind?.meta?.one_collection_field;
  if (kinds) {
    const allowed = (behind?.meta?.one_allowed_collections ?? []).filter((name) => project.may('read', name));
    const items = allowed.flatMap((name) => telling(name).map((path) => `${through}:${name}.${path}`));
    return [...rows, kinds, ...items].map(inside);
  }
  const target = behind?.related_collection;
  const items = target && project.may('read', target) ? telling(target).map((path) => `${through}.${path}`) : [through];
  return [...rows, ...items].map(inside);
}

/** What items that a field leads to are called there: as the field says, else as their collection does. */
export function calledBy(collection: string, field?: FieldInfo): string {
  const chosen = field?.meta?.options?.template;
  // Templates of fields that lead through a table between name its fields, and are no good for what is behind it.
  const direct = field && (kind(field) !== 'list' || !project.reverse(field.collection, field.field)?.meta?.junction_field);
  return direct && typeof chosen === 'string' && named(chosen).length ? chosen : templateOf(collection);
}

/** The key of a collection's items, and the fields that say what they are called. */
export function telling(collection: string, field?: FieldInfo): string[] {
  const key = project.key(collection)?.field ?? 'id';
  const paths = named(calledBy(collection, field)).filter((path) => project.may('read', collection, path.split('.')[0]));
  return [...new Set([key, ...paths])];
}

function same(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
