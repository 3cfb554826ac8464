// The languages of one item: each is a row of a table of its own, edited where it stands. Its changes are part of the item's; a row
// that is not there yet is made by the first thing that is typed.
import type { FieldInfo, Item } from '../../../lib/model';
import { project } from '../../../lib/project.svelte';
import { kind } from '../../../lib/values';
import { Edit, type ListChange } from './edit.svelte';

export interface Language {
  code: string;
  name: string;
  direction: 'ltr' | 'rtl' | undefined;
}

const NONE: ListChange = { create: [], update: [], delete: [] };

export class Languages {
  #parts = new Map<string, { of: Item | undefined; edit: Edit }>();

  constructor(
    readonly edit: Edit,
    readonly field: FieldInfo,
  ) {}

  relation = $derived.by(() => project.reverse(this.edit.collection, this.field.field));
  /** The field of a row that says which language it is in. */
  through = $derived.by(() => this.relation?.meta?.junction_field ?? '');
  /** The collection of languages. */
  collection = $derived.by(() => (this.relation ? (project.relation(this.relation.collection, this.through)?.related_collection ?? null) : null));
  /** Fields of a row that are not for typing. */
  decided = $derived.by(() => (this.relation ? [this.relation.field, this.through, this.#rowKey] : []));

  get #rowKey(): string {
    return this.relation ? (project.key(this.relation.collection)?.field ?? 'id') : 'id';
  }

  get #change(): ListChange {
    const held = this.edit.changes[this.field.field];
    return typeof held === 'object' && held !== null && 'create' in held ? (held as ListChange) : NONE;
  }

  told(rows: Item[]): Language[] {
    const options = this.field.meta?.options ?? {};
    const key = this.collection ? (project.key(this.collection)?.field ?? 'code') : 'code';
    const name = typeof options.languageField === 'string' ? options.languageField : 'name';
    const direction = typeof options.languageDirectionField === 'string' ? options.languageDirectionField : 'direction';
    return rows.map((row) => ({
      code: String(row[key]),
      name: String(row[name] ?? row[key]),
      direction: row[direction] === 'rtl' ? 'rtl' : row[direction] === 'ltr' ? 'ltr' : undefined,
    }));
  }

  /** The language that is shown first: the reader's if the project wants that, else the usual one. */
  first(languages: Language[]): string | null {
    const options = this.field.meta?.options ?? {};
    const wanted = [options.userLanguage === true ? project.user.language : null, options.defaultLanguage];
    return wanted.map(String).find((code) => languages.some((own) => own.code === code)) ?? languages[0]?.code ?? null;
  }

  /** The row of a language, to be typed into. The same one for as long as what is stored is the same. */
  part(code: string): Edit | null {
    const { relation } = this;
    if (!relation) return null;
    const held = this.edit.stored[this.field.field];
    const row = (Array.isArray(held) ? (held as unknown[]) : []).find(
      (own): own is Item => typeof own === 'object' && own !== null && this.#code(own as Item) === code,
    );
    const before = this.#parts.get(code);
    if (before && before.of === row) return before.edit;
    const made = this.#begin(relation.collection, code, row);
    this.#parts.set(code, { of: row, edit: made });
    return made;
  }

  progress(part: Edit): { filled: number; all: number } {
    const fields = project
      .fields(part.collection)
      .filter((field) => !this.decided.includes(field.field) && !field.meta?.hidden && kind(field) !== 'none');
    const filled = fields.filter((field) => {
      const value = part.value(field.field);
      return value !== null && value !== undefined && value !== '';
    });
    return { filled: filled.length, all: fields.length };
  }

  /** How much of a language is there, for the list of languages. */
  told100(code: string): string {
    const part = this.part(code);
    const { filled, all } = part ? this.progress(part) : { filled: 0, all: 1 };
    return `${Math.round((filled / Math.max(1, all)) * 100)}%`;
  }

  #code(row: Item): string {
    const held = row[this.through];
    if (typeof held !== 'object' || held === null) return String(held);
    return String((held as Item)[this.collection ? (project.key(this.collection)?.field ?? 'code') : 'code']);
  }

  #begin(collection: string, code: string, row: Item | undefined): Edit {
    const key = this.#rowKey;
    const mine = (own: Item) => (row ? String(own[key]) === String(row[key]) : this.#code(own) === code);
    const lists: 'update' | 'create' = row ? 'update' : 'create';
    const fixed: Item = row ? { [key]: row[key] } : { [this.through]: code };
    const changes = (): Item => {
      const found = this.#change[lists].find(mine);
      return found ? Object.fromEntries(Object.entries(found).filter(([name]) => !(name in fixed))) : {};
    };
    const take = (next: Item) => {
      const rest = this.#change[lists].filter((own) => !mine(own));
      this.#tell({ ...this.#change, [lists]: Object.keys(next).length ? [...rest, { ...fixed, ...next }] : rest });
    };
    const faults = () => inside(this.edit.faults, this.field.field);
    return new Edit(collection, row ? String(row[key]) : null, !row, { stored: row ?? {}, changes, take, faults });
  }

  #tell(next: ListChange): void {
    const nothing = !next.create.length && !next.update.length && !next.delete.length;
    this.edit.set(this.field.field, nothing ? this.edit.stored[this.field.field] : next);
  }
}

/** What was said of the fields below one: which of the rows was meant is not told. */
function inside(faults: Record<string, string>, field: string): Record<string, string> {
  const below = Object.entries(faults).filter(([path]) => path.startsWith(`${field}.`));
  return Object.fromEntries(below.map(([path, said]) => [path.split('.').at(-1) ?? path, said]));
}
