// What a list field leads to: items of their own, items behind a table between, or items of several collections behind it. It says
// what the list looks like with its changes, and makes the changes in the very form in which they are sent.
import type { FieldInfo, Item, RelationInfo } from '../../../lib/model';
import { project } from '../../../lib/project.svelte';
import { fill, templateOf } from '../../../lib/template';
import { calledBy, Edit, type ListChange } from './edit.svelte';

export interface Entry {
  id: string;
  text: string;
  /** The collection of the item that is shown. */
  collection: string;
  state: 'stored' | 'new' | 'changed' | 'gone';
  /** As it was answered; none for what is new. */
  row: Item | null;
  /** Its part of the changes. */
  made: Item | null;
}

const NONE: ListChange = { create: [], update: [], delete: [] };

/** An item that is edited within another, and where its changes go. */
export interface Within {
  edit: Edit;
  take: (changes: Item) => void;
}

export class Listed {
  /** Items that were offered and may have been chosen, by collection and key. */
  readonly known = new Map<string, Map<string, Item>>();

  constructor(
    readonly edit: Edit,
    readonly field: FieldInfo,
  ) {}

  relation: RelationInfo | undefined = $derived.by(() => project.reverse(this.edit.collection, this.field.field));
  /** The field of the table between that leads on; none where there is no such table. */
  through = $derived.by(() => this.relation?.meta?.junction_field ?? null);
  #behind = $derived.by(() => (this.through && this.relation ? project.relation(this.relation.collection, this.through) : undefined));
  /** Where rows say which collection their item is of, if it may be of several. */
  kinds = $derived.by(() => this.#behind?.meta?.one_collection_field ?? null);
  /** The collections whose items can be listed. */
  targets: string[] = $derived.by(() => {
    if (this.kinds) return (this.#behind?.meta?.one_allowed_collections ?? []).filter((name) => project.may('read', name));
    const target = this.through ? this.#behind?.related_collection : this.relation?.collection;
    return target ? [target] : [];
  });
  sort = $derived.by(() => this.relation?.meta?.sort_field ?? null);
  rowKey = $derived.by(() => (this.relation ? (project.key(this.relation.collection)?.field ?? 'id') : 'id'));
  /** Fields of a listed item that this list decides. */
  decided = $derived.by(() => (this.relation && !this.through ? [this.relation.field, ...(this.sort ? [this.sort] : [])] : []));

  change: ListChange = $derived.by(() => {
    const held = this.edit.changes[this.field.field];
    return typeof held === 'object' && held !== null && 'create' in held ? (held as ListChange) : NONE;
  });

  entries: Entry[] = $derived.by(() => {
    const held = this.edit.stored[this.field.field];
    const stored = (Array.isArray(held) ? held : []).map((own) => this.#stored(own));
    const ids = new Set(stored.map((own) => own.id));
    const taken = this.change.update.filter((one) => !ids.has(String(one[this.rowKey]))).map((one) => this.#added(`+${String(one[this.rowKey])}`, one));
    const made = this.change.create.map((one, at) => this.#added(`new ${at}`, one));
    const all = [...stored, ...taken, ...made];
    const { sort } = this;
    if (!sort) return all;
    const place = (own: Entry) => Number(own.made?.[sort] ?? own.row?.[sort] ?? Infinity);
    return all.sort((a, b) => place(a) - place(b) || 0);
  });

  get size(): number {
    return this.entries.filter((own) => own.state !== 'gone').length;
  }

  of(collection: string): Map<string, Item> {
    const found = this.known.get(collection) ?? new Map<string, Item>();
    this.known.set(collection, found);
    return found;
  }

  /** Puts in an item that is there already. */
  add(collection: string, value: string): void {
    const { change } = this;
    const targetKey = keyOf(collection);
    const key = this.of(collection).get(value)?.[targetKey] ?? value;
    const place = this.#last();
    if (this.through) this.#tell({ ...change, create: [...change.create, { ...this.#kind(collection), [this.through]: key, ...place }] });
    else this.#tell({ ...change, update: [...change.update, { [targetKey]: key, ...this.#back(), ...place }] });
  }

  /** Lets an item go, or takes that back. */
  remove(entry: Entry): void {
    const { change } = this;
    const update = change.update.filter((own) => own !== entry.made);
    if (entry.state === 'gone') this.#tell({ ...change, delete: change.delete.filter((key) => String(key) !== entry.id) });
    else if (entry.state === 'new') this.#tell({ ...change, create: change.create.filter((own) => own !== entry.made), update });
    else this.#tell({ ...change, update, delete: [...change.delete, entry.row?.[this.rowKey]] });
  }

  /** Moves an item by one place. */
  move(entry: Entry, by: number): void {
    const { sort } = this;
    if (!sort) return;
    const order = this.entries.filter((own) => own.state !== 'gone');
    const at = order.indexOf(entry);
    order.splice(at, 1);
    order.splice(at + by, 0, entry);
    let { create, update } = this.change;
    order.forEach((own, place) => {
      const wanted = place + 1;
      if (Number(own.made?.[sort] ?? own.row?.[sort]) === wanted) return;
      const next = { ...(own.made ?? { [this.rowKey]: own.row?.[this.rowKey] }), [sort]: wanted };
      if (own.made && create.includes(own.made)) create = create.map((one) => (one === own.made ? next : one));
      else update = [...update.filter((one) => one !== own.made), next];
    });
    this.#tell({ ...this.change, create, update });
  }

  make(collection: string): Within {
    const take = (changes: Item) => {
      const row = this.through ? { ...this.#kind(collection), [this.through]: changes } : changes;
      this.#tell({ ...this.change, create: [...this.change.create, { ...row, ...this.#last() }] });
    };
    return { edit: new Edit(collection, null, true), take };
  }

  /** Opens a listed item to be changed where it stands. */
  open(entry: Entry): Within | null {
    const { through, rowKey } = this;
    const targetKey = keyOf(entry.collection);
    const item = through ? entry.row?.[through] : entry.row;
    const key = typeof item === 'object' && item ? (item as Item)[targetKey] : item;
    if (entry.state === 'new' || key === undefined || key === null) return null;
    const edit = new Edit(entry.collection, String(key), false);
    const before = through ? (entry.made?.[through] as Item | undefined) : entry.made;
    if (before) edit.changes = Object.fromEntries(Object.entries(before).filter(([name]) => name !== targetKey));
    const take = (changes: Item) => {
      const inner = { [targetKey]: key, ...changes };
      const place = this.sort && entry.made?.[this.sort] !== undefined ? { [this.sort]: entry.made[this.sort] } : {};
      const row = through ? { [rowKey]: entry.row?.[rowKey], ...this.#kind(entry.collection), [through]: inner, ...place } : inner;
      this.#tell({ ...this.change, update: [...this.change.update.filter((one) => one !== entry.made), row] });
    };
    return { edit, take };
  }

  #stored(own: unknown): Entry {
    const row = typeof own === 'object' && own !== null ? (own as Item) : { [this.rowKey]: own };
    const id = String(row[this.rowKey]);
    const made = this.change.update.find((one) => String(one[this.rowKey]) === id) ?? null;
    const gone = this.change.delete.some((key) => String(key) === id);
    return { id, ...this.#called(row), state: gone ? 'gone' : made ? 'changed' : 'stored', row, made };
  }

  #added(id: string, made: Item): Entry {
    return { id, ...this.#called(made), state: 'new', row: null, made };
  }

  #called(row: Item): { text: string; collection: string } {
    const collection = this.kinds ? String(row[this.kinds] ?? '') : (this.targets[0] ?? '');
    const target = keyOf(collection);
    const item = this.through ? row[this.through] : row;
    const template = this.through ? templateOf(collection) : calledBy(collection, this.field);
    const held = typeof item === 'object' && item !== null ? (item as Item) : { [target]: item };
    // Of what was chosen here only the key is sent; the rest was seen when it was offered.
    const met = this.known.get(collection)?.get(String(held[target]));
    const text = collection ? fill(template, { ...met, ...held }, target) : '';
    return { text: text || String(row[this.rowKey] ?? ''), collection };
  }

  #kind(collection: string): Item {
    return this.kinds ? { [this.kinds]: collection } : {};
  }

  #back(): Item {
    return this.relation && this.edit.id !== null ? { [this.relation.field]: this.edit.id } : {};
  }

  #last(): Item {
    return this.sort ? { [this.sort]: this.size + 1 } : {};
  }

  #tell(next: ListChange): void {
    const nothing = !next.create.length && !next.update.length && !next.delete.length;
    this.edit.set(this.field.field, nothing ? this.edit.stored[this.field.field] : next);
  }
}

function keyOf(collection: string): string {
  return project.key(collection)?.field ?? 'id';
}
