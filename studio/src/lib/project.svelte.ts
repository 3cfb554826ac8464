// The project as its user knows it: who they are, what they may do, and what the data model looks like to them. It is what the
// server told; access is decided there alone, and what is asked here only says what is worth offering.
import { api } from './api';
import type { Action, Boot, CollectionInfo, FieldInfo, Grant, Preset, ProjectInfo, RelationInfo } from './model';
import { language } from './i18n.svelte';
import { look } from './theme.svelte';

const NOTHING: Grant = { access: 'none' };
const EVERYTHING: Grant = { access: 'full', fields: ['*'] };

class Project {
  #boot = $state.raw<Boot | null>(null);
  #public = $state.raw<ProjectInfo | null>(null);

  /** Whether somebody is signed in. */
  get known(): boolean {
    return this.#boot !== null;
  }

  get boot(): Boot {
    if (!this.#boot) throw new Error('nobody is signed in');
    return this.#boot;
  }

  get info(): ProjectInfo | null {
    return this.#boot?.project ?? this.#public;
  }

  get name(): string {
    const name = this.info?.project_name;
    // What projects are called that nobody has named.
    return !name || name === 'Directus' ? 'Aedile' : name;
  }

  get user() {
    return this.boot.user ?? { id: '' };
  }

  get admin(): boolean {
    return this.#boot?.globals.admin_access === true;
  }

  /** Asks for everything, in one question. */
  async load(): Promise<Boot> {
    const told = await api<Boot>('/studio/boot');
    this.take(told);
    return told;
  }

  /** What the page before signing in needs. */
  async loadPublic(): Promise<void> {
    const told = await api<{ project: ProjectInfo }>('/server/info', { bare: true });
    this.#public = told.project;
    this.#dress();
  }

  forget(): void {
    this.#public = this.info;
    this.#boot = null;
  }

  /** From now on the project is what was told. */
  take(told: Boot): void {
    this.#boot = told;
    this.#dress();
    void language.choose(told.user?.language || told.project?.default_language || 'en');
  }

  #dress(): void {
    look.dress(this.info?.project_color, this.info?.custom_css, this.info?.default_appearance);
  }

  #fields = $derived.by(() => {
    const found = new Map<string, FieldInfo[]>();
    for (const field of this.#boot?.fields ?? []) {
      const list = found.get(field.collection);
      if (list) list.push(field);
      else found.set(field.collection, [field]);
    }
    for (const list of found.values()) list.sort((a, b) => (a.meta?.sort ?? 1e6) - (b.meta?.sort ?? 1e6));
    return found;
  });

  #collections = $derived(new Map((this.#boot?.collections ?? []).map((info) => [info.collection, info])));

  get collections(): CollectionInfo[] {
    return this.#boot?.collections ?? [];
  }

  collection(name: string): CollectionInfo | undefined {
    return this.#collections.get(name);
  }

  /** A collection's fields, in their order. */
  fields(collection: string): FieldInfo[] {
    return this.#fields.get(collection) ?? [];
  }

  field(collection: string, name: string): FieldInfo | undefined {
    return this.fields(collection).find((field) => field.field === name);
  }

  /** The field that identifies an item. */
  key(collection: string): FieldInfo | undefined {
    return this.fields(collection).find((field) => field.schema?.is_primary_key);
  }

  get relations(): RelationInfo[] {
    return this.#boot?.relations ?? [];
  }

  /** The relation that a field with a foreign key is. */
  relation(collection: string, field: string): RelationInfo | undefined {
    return this.relations.find((relation) => relation.collection === collection && relation.field === field);
  }

  /** The relation whose other end a list field is. */
  reverse(collection: string, field: string): RelationInfo | undefined {
    return this.relations.find(
      (relation) => relation.related_collection === collection && relation.meta?.one_field === field,
    );
  }

  get presets(): Preset[] {
    return this.#boot?.presets ?? [];
  }

  set presets(presets: Preset[]) {
    if (this.#boot) this.#boot = { ...this.#boot, presets };
  }

  grant(collection: string, action: Action): Grant {
    if (this.admin) return EVERYTHING;
    return this.#boot?.permissions[collection]?.[action] ?? NOTHING;
  }

  /** Whether there is any use in offering an action. */
  may(action: Action, collection: string, field?: string): boolean {
    const grant = this.grant(collection, action);
    if (grant.access === 'none') return false;
    return field === undefined || (grant.fields ?? []).some((own) => own === '*' || own === field);
  }

  /** What people call a collection. */
  title(collection: string): string {
    const translations = this.collection(collection)?.meta?.translations;
    return translated(translations) ?? words(collection.replace(/^directus_/, ''));
  }

  /** What people call a field. */
  label(collection: string, field: string): string {
    return translated(this.field(collection, field)?.meta?.translations) ?? words(field);
  }
}

function translated(translations: { language: string; translation: string }[] | null | undefined): string | undefined {
  const fits = translations?.find((own) => own.language.toLowerCase().startsWith(language.name));
  return fits?.translation || undefined;
}

/** Abbreviations that are not written as words are. */
const CAPITALS = new Set(['id', 'url', 'api', 'seo', 'ip', 'html', 'css', 'json', 'sku', 'uuid']);

/** A name as it would be written: `published_at` becomes "Published at". */
export function words(name: string): string {
  const parts = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[\s_-]+/)
    .filter(Boolean)
    .map((part) => (CAPITALS.has(part.toLowerCase()) ? part.toUpperCase() : part.toLowerCase()));
  const text = parts.join(' ');
  return text ? text.charAt(0).toUpperCase() + text.slice(1) : name;
}

export const project = new Project();
