// What one may want of a new field, in the words of people, and what it takes: columns, junctions, relations and what is said of
// them. Pure: it is told what there is, and answers what would be added. Whether that can be is for the server to judge.
import type { CollectionMeta, FieldInfo, FieldMeta } from '../../../lib/model';
import { nothing, type Addition, type NewField } from '../change/change';
import { free, singular } from '../naming';
import type { Spoken } from './languages';

/** What there is, as far as it matters here. */
export interface Known {
  fields: (collection: string) => FieldInfo[];
  meta: (collection: string) => CollectionMeta | null | undefined;
  collections: string[];
}

export interface Choice {
  value: string;
  text: string;
  color?: string | null;
}

/** What was said of the wanted field. */
export interface Wish {
  collection: string;
  name: string;
  /** What people call it, where its name does not say so already. */
  label?: string;
  note?: string;
  required?: boolean;
  unique?: boolean;
  fallback?: unknown;
  choices?: Choice[];
  /** Digits of a decimal number, and how many of them after the point. */
  digits?: number;
  scale?: number;
  /** What it leads to. */
  target?: string;
  targets?: string[];
  /** The field by which the other end leads back; none where it should not. */
  back?: string;
  /** The column of the other collection that holds the key, for a list of what belongs to an item. */
  pointer?: string;
  junction?: string;
  sorted?: boolean;
  /** What becomes of items whose target goes. */
  onDelete?: 'SET NULL' | 'CASCADE' | 'NO ACTION';
  /** Fields of the texts that are translated. */
  translated?: string[];
  languages?: string;
  /** What a collection of languages begins with that comes with the field; the first is shown first. */
  spoken?: Spoken[];
  text?: string;
}

export type Group = 'values' | 'choices' | 'relations' | 'automatic' | 'layout';

export interface Intent {
  id: string;
  group: Group;
  /** What is asked for, beside the name. */
  asks: Ask[];
  /** What the field is called unless something else is typed. */
  name?: string;
  build: (wish: Wish, known: Known) => Addition;
}

export type Ask =
  | 'required' | 'unique' | 'default' | 'choices' | 'digits'
  | 'target' | 'targets' | 'back' | 'pointer' | 'junction' | 'sorted' | 'onDelete' | 'translated' | 'languages' | 'text';

type Shape = { type: string; meta: Partial<FieldMeta>; schema?: NewField['schema'] };

/** A field that is nothing but a column. */
function plain(shape: (wish: Wish) => Shape) {
  return (wish: Wish, known: Known): Addition => ({ ...nothing(), fields: [field(wish, known, shape(wish))] });
}

/** The field itself, with what was said of it. */
function field(wish: Wish, known: Known, { type, meta, schema }: Shape): NewField {
  const own: NewField = { collection: wish.collection, field: wish.name, type, meta: { sort: last(known, wish.collection), width: 'full', ...meta } };
  if (wish.label) own.meta.translations = [{ language: 'en-US', translation: wish.label }];
  if (wish.note) own.meta.note = wish.note;
  if (wish.required) own.meta.required = true;
  if (type === 'alias') return own;
  own.schema = { ...schema };
  if (wish.unique) own.schema.is_unique = true;
  if (wish.fallback !== undefined && wish.fallback !== null && wish.fallback !== '') own.schema.default_value = wish.fallback;
  return own;
}

/** The place after all fields of a collection. */
const last = (known: Known, collection: string) => Math.max(0, ...known.fields(collection).map((own) => own.meta?.sort ?? 0)) + 1;

const names = (known: Known, collection: string) => known.fields(collection).map((own) => own.field);

const LIST: Partial<FieldMeta> = { width: 'full' };
const SET_BY_ITSELF: Partial<FieldMeta> = { readonly: true, hidden: true, width: 'half' };
const SYSTEM = 'directus_';

/** The kind of column that holds keys of a collection. */
function pointing(known: Known, target: string): Pick<NewField, 'type' | 'schema'> {
  const key = known.fields(target).find((own) => own.schema?.is_primary_key);
  const length = key?.schema?.max_length;
  return { type: key?.type ?? 'integer', schema: key?.type === 'string' && length ? { max_length: length } : {} };
}

/** A column that points at items of another collection, with the relation. */
function pointer(wish: Wish, known: Known, target: string, meta: Partial<FieldMeta>): Addition {
  const { type, schema } = pointing(known, target);
  const addition = nothing();
  addition.fields.push(field(wish, known, { type, schema, meta }));
  addition.relations.push({
    collection: wish.collection,
    field: wish.name,
    related_collection: target,
    meta: { one_field: wish.back || null },
    schema: { on_delete: wish.onDelete ?? 'SET NULL' },
  });
  if (wish.back) {
    const own = { collection: target, name: wish.back };
    addition.fields.push(field(own, known, { type: 'alias', meta: { ...LIST, special: ['o2m'], interface: 'list-o2m' } }));
  }
  return addition;
}

/** A list of what points here. */
function many(wish: Wish, known: Known): Addition {
  const target = wish.target ?? '';
  const name = wish.pointer || free(singular(wish.collection), names(known, target));
  const addition = pointer(
    { collection: target, name, back: wish.name, onDelete: wish.onDelete },
    known,
    wish.collection,
    { special: ['m2o'], interface: 'select-dropdown-m2o' },
  );
  const list = addition.fields.find((own) => own.collection === wish.collection && own.field === wish.name);
  if (list) Object.assign(list, field(wish, known, { type: 'alias', meta: { ...LIST, special: ['o2m'], interface: 'list-o2m' } }));
  if (wish.sorted) sortedBy(addition, target, free('sort', names(known, target)), name);
  return addition;
}

/** Adds a column that keeps the order of a list, and says so of the relation. */
function sortedBy(addition: Addition, collection: string, name: string, of: string): void {
  addition.fields.push({ collection, field: name, type: 'integer', meta: { hidden: true, interface: 'input' }, schema: {} });
  const relation = addition.relations.find((own) => own.collection === collection && own.field === of);
  if (relation) relation.meta.sort_field = name;
}

/** A table between two, with its key and the columns that point. Its rows go with either side. */
function junction(wish: Wish, known: Known, otherwise: string): { addition: Addition; name: string; own: string } {
  const name = wish.junction || free(otherwise, known.collections);
  const addition = nothing();
  const own = `${singular(wish.collection)}_id`;
  addition.collections.push({ collection: name, meta: { hidden: true, icon: 'import_export' } });
  addition.fields.push(
    { collection: name, field: 'id', type: 'integer', meta: { hidden: true, readonly: true, interface: 'input' }, schema: { is_primary_key: true, has_auto_increment: true } },
    { collection: name, field: own, ...pointing(known, wish.collection), meta: { hidden: true, special: ['m2o'] } },
  );
  return { addition, name, own };
}

function manyToMany(wish: Wish, known: Known, flags: string[], interface_: string): Addition {
  const target = wish.target ?? '';
  const { addition, name, own } = junction(wish, known, `${wish.collection}_${target.replace(SYSTEM, '')}`);
  const other = free(`${singular(target.replace(SYSTEM, ''))}_id`, [own]);
  addition.fields.push({ collection: name, field: other, ...pointing(known, target), meta: { hidden: true, special: ['m2o'] } });
  addition.fields.push(field(wish, known, { type: 'alias', meta: { ...LIST, special: flags, interface: interface_ } }));
  addition.relations.push(
    {
      collection: name,
      field: own,
      related_collection: wish.collection,
      meta: { one_field: wish.name, junction_field: other, one_deselect_action: 'delete' },
      schema: { on_delete: 'CASCADE' },
    },
    {
      collection: name,
      field: other,
      related_collection: target,
      meta: { one_field: wish.back || null, junction_field: own, one_deselect_action: 'delete' },
      schema: { on_delete: 'CASCADE' },
    },
  );
  if (wish.back) {
    const back = { collection: target, name: wish.back };
    addition.fields.push(field(back, known, { type: 'alias', meta: { ...LIST, special: ['m2m'], interface: 'list-m2m' } }));
  }
  if (wish.sorted) sortedBy(addition, name, 'sort', own);
  return addition;
}

function anyOfSeveral(wish: Wish, known: Known): Addition {
  const { addition, name, own } = junction(wish, known, `${wish.collection}_${wish.name}`);
  addition.fields.push(
    { collection: name, field: 'collection', type: 'string', meta: { hidden: true }, schema: { max_length: 64 } },
    { collection: name, field: 'item', type: 'string', meta: { hidden: true }, schema: {} },
    field(wish, known, { type: 'alias', meta: { ...LIST, special: ['m2a'], interface: 'list-m2a' } }),
  );
  addition.relations.push(
    {
      collection: name,
      field: own,
      related_collection: wish.collection,
      meta: { one_field: wish.name, junction_field: 'item', one_deselect_action: 'delete' },
      schema: { on_delete: 'CASCADE' },
    },
    {
      collection: name,
      field: 'item',
      related_collection: null,
      meta: { one_collection_field: 'collection', one_allowed_collections: wish.targets ?? [], junction_field: own },
    },
  );
  if (wish.sorted !== false) sortedBy(addition, name, 'sort', own);
  return addition;
}

function translations(wish: Wish, known: Known): Addition {
  const languages = wish.languages || 'languages';
  const { addition, name, own } = junction({ ...wish, sorted: false }, known, `${wish.collection}_translations`);
  const fresh = !known.collections.includes(languages);
  const [first] = wish.spoken ?? [];
  if (fresh) {
    if (first) addition.items.push({ collection: languages, items: (wish.spoken ?? []).map((own) => ({ ...own })) });
    const text = (field: string, schema: NewField['schema'], meta: Partial<FieldMeta> = {}): NewField => ({ collection: languages, field, type: 'string', meta: { interface: 'input', width: 'half', ...meta }, schema });
    addition.collections.push({ collection: languages, meta: { icon: 'translate' } });
    addition.fields.push(
      text('code', { is_primary_key: true, max_length: 64 }, { sort: 1 }),
      text('name', {}, { sort: 2 }),
      text('direction', { default_value: 'ltr' }, { sort: 3, interface: 'select-dropdown', options: { choices: [{ text: 'Left to right', value: 'ltr' }, { text: 'Right to left', value: 'rtl' }] } }),
    );
  }
  const code = fresh ? { type: 'string', schema: { max_length: 64 } } : pointing(known, languages);
  addition.fields.push({ collection: name, field: 'languages_code', ...code, meta: { hidden: true, special: ['m2o'] } });
  (wish.translated ?? []).forEach((text, at) => {
    // As it is where it is not translated yet; a line of text where there is nothing like it.
    const like = known.fields(wish.collection).find((one) => one.field === text);
    const meta = { interface: like?.meta?.interface ?? 'input', options: like?.meta?.options ?? null, sort: at + 1, width: 'full' as const };
    addition.fields.push({ collection: name, field: text, type: like?.type ?? 'string', meta, schema: {} });
  });
  addition.fields.push(field(wish, known, { type: 'alias', meta: { ...LIST, special: ['translations'], interface: 'translations', options: { languageField: 'name', ...(fresh && first ? { defaultLanguage: first.code } : {}) } } }));
  addition.relations.push(
    {
      collection: name,
      field: own,
      related_collection: wish.collection,
      meta: { one_field: wish.name, junction_field: 'languages_code', one_deselect_action: 'delete' },
      schema: { on_delete: 'CASCADE' },
    },
    { collection: name, field: 'languages_code', related_collection: languages, meta: { one_field: null, junction_field: own }, schema: { on_delete: 'SET NULL' } },
  );
  return addition;
}

const chosen = (wish: Wish) => ({ choices: (wish.choices ?? []).map(({ value, text, color }) => ({ value, text, ...(color ? { color } : {}) })) });
const labels = (wish: Wish): Partial<FieldMeta> => ({ display: 'labels', display_options: { showAsDot: true, choices: (wish.choices ?? []).map(({ value, text, color }) => ({ value, text, background: color ?? null })) } });
const user = (wish: Wish, known: Known, flag: string): Addition =>
  pointer({ ...wish, back: '' }, known, 'directus_users', { ...SET_BY_ITSELF, special: [flag], interface: 'select-dropdown-m2o', display: 'user' });
const moment = (flag: string) =>
  plain(() => ({ type: 'timestamp', meta: { ...SET_BY_ITSELF, special: [flag], interface: 'datetime', display: 'datetime', display_options: { relative: true } } }));
const layout = (interface_: string, meta: Partial<FieldMeta> = {}) =>
  plain((wish) => ({ type: 'alias', meta: { ...LIST, special: ['alias', 'no-data'], interface: interface_, ...meta, ...(wish.text ? { options: { text: wish.text, title: wish.label } } : {}) } }));
const text = (type: string, interface_: string, meta: Partial<FieldMeta> = {}) => plain(() => ({ type, meta: { interface: interface_, ...meta } }));

/** Says of the collection what the field is for, unless another is that already. */
function purpose(build: Intent['build'], members: { [member in keyof CollectionMeta]?: (wish: Wish) => unknown }): Intent['build'] {
  return (wish, known) => {
    const addition = build(wish, known);
    const meta = known.meta(wish.collection);
    const all = Object.entries(members) as [keyof CollectionMeta, (wish: Wish) => unknown][];
    if (all.some(([member]) => meta?.[member])) return addition;
    for (const [member, value] of all) {
      const after = value(wish);
      if (after !== null) addition.edits.push({ of: 'collections', collection: wish.collection, member, before: null, after });
    }
    return addition;
  };
}

const VALUE: Ask[] = ['required', 'unique', 'default'];

export const INTENTS: Intent[] = [
  { id: 'text', group: 'values', asks: VALUE, build: text('string', 'input') },
  { id: 'long', group: 'values', asks: ['required'], build: text('text', 'input-multiline') },
  { id: 'rich', group: 'values', asks: ['required'], build: text('text', 'input-rich-text-html') },
  { id: 'markdown', group: 'values', asks: ['required'], build: text('text', 'input-rich-text-md') },
  { id: 'slug', group: 'values', asks: ['required'], name: 'slug', build: plain(() => ({ type: 'string', meta: { interface: 'input', options: { slug: true, trim: true } }, schema: { is_unique: true } })) },
  { id: 'integer', group: 'values', asks: VALUE, build: text('integer', 'input', { width: 'half' }) },
  { id: 'decimal', group: 'values', asks: [...VALUE, 'digits'], build: plain((wish) => ({ type: 'decimal', meta: { interface: 'input', width: 'half' }, schema: { numeric_precision: wish.digits ?? 10, numeric_scale: wish.scale ?? 2 } })) },
  { id: 'boolean', group: 'values', asks: ['default'], build: plain((wish) => ({ type: 'boolean', meta: { interface: 'boolean', special: ['cast-boolean'], width: 'half' }, schema: { default_value: wish.fallback === true, is_nullable: false } })) },
  { id: 'date', group: 'values', asks: ['required'], build: text('date', 'datetime', { width: 'half' }) },
  { id: 'dateTime', group: 'values', asks: ['required'], build: text('dateTime', 'datetime', { width: 'half' }) },
  { id: 'timestamp', group: 'values', asks: ['required'], build: text('timestamp', 'datetime', { width: 'half' }) },
  { id: 'time', group: 'values', asks: ['required'], build: text('time', 'datetime', { width: 'half' }) },
  { id: 'color', group: 'values', asks: ['required'], build: text('string', 'select-color', { display: 'color', width: 'half' }) },
  { id: 'icon', group: 'values', asks: ['required'], build: text('string', 'select-icon', { display: 'icon', width: 'half' }) },
  { id: 'code', group: 'values', asks: ['required'], build: text('text', 'input-code') },
  { id: 'json', group: 'values', asks: ['required'], build: text('json', 'input-code', { special: ['cast-json'], options: { language: 'json' } }) },
  { id: 'uuid', group: 'values', asks: ['required', 'unique'], build: text('uuid', 'input', { special: ['uuid'] }) },

  { id: 'status', group: 'choices', name: 'status', asks: ['choices', 'default', 'required'], build: purpose(plain((wish) => ({ type: 'string', meta: { interface: 'select-dropdown', width: 'half', options: chosen(wish), ...labels(wish) }, schema: { is_nullable: false, default_value: wish.choices?.[0]?.value ?? 'draft' } })), {
    archive_field: (wish) => wish.name,
    archive_value: (wish) => wish.choices?.find((own) => /archiv/i.test(own.value))?.value ?? null,
    unarchive_value: (wish) => wish.choices?.[0]?.value ?? null,
  }) },
  { id: 'choice', group: 'choices', asks: ['choices', 'default', 'required'], build: plain((wish) => ({ type: 'string', meta: { interface: 'select-dropdown', options: chosen(wish), ...labels(wish), width: 'half' } })) },
  { id: 'choices', group: 'choices', asks: ['choices', 'required'], build: plain((wish) => ({ type: 'json', meta: { interface: 'select-multiple-checkbox', special: ['cast-json'], options: chosen(wish), ...labels(wish) } })) },
  { id: 'tags', group: 'choices', asks: ['required'], build: text('json', 'tags', { special: ['cast-json'], display: 'labels' }) },

  { id: 'm2o', group: 'relations', asks: ['target', 'back', 'required', 'onDelete'], build: (wish, known) => pointer(wish, known, wish.target ?? '', { special: ['m2o'], interface: 'select-dropdown-m2o', display: 'related-values', width: 'half' }) },
  { id: 'o2m', group: 'relations', asks: ['target', 'pointer', 'onDelete', 'sorted'], build: many },
  { id: 'm2m', group: 'relations', asks: ['target', 'back', 'junction', 'sorted'], build: (wish, known) => manyToMany(wish, known, ['m2m'], 'list-m2m') },
  { id: 'm2a', group: 'relations', asks: ['targets', 'junction'], build: anyOfSeveral },
  { id: 'translations', group: 'relations', name: 'translations', asks: ['translated', 'languages'], build: translations },
  { id: 'user', group: 'relations', name: 'user', asks: ['required'], build: (wish, known) => pointer({ ...wish, back: '' }, known, 'directus_users', { special: ['m2o'], interface: 'select-dropdown-m2o', display: 'user', width: 'half' }) },
  { id: 'image', group: 'relations', name: 'image', asks: ['required'], build: (wish, known) => pointer({ ...wish, back: '' }, known, 'directus_files', { special: ['file'], interface: 'file-image', display: 'image' }) },
  { id: 'file', group: 'relations', name: 'file', asks: ['required'], build: (wish, known) => pointer({ ...wish, back: '' }, known, 'directus_files', { special: ['file'], interface: 'file', display: 'file' }) },
  { id: 'files', group: 'relations', name: 'files', asks: ['junction', 'sorted'], build: (wish, known) => manyToMany({ ...wish, target: 'directus_files', back: '' }, known, ['files'], 'files') },

  { id: 'createdAt', group: 'automatic', name: 'date_created', asks: [], build: moment('date-created') },
  { id: 'createdBy', group: 'automatic', name: 'user_created', asks: [], build: (wish, known) => user(wish, known, 'user-created') },
  { id: 'updatedAt', group: 'automatic', name: 'date_updated', asks: [], build: moment('date-updated') },
  { id: 'updatedBy', group: 'automatic', name: 'user_updated', asks: [], build: (wish, known) => user(wish, known, 'user-updated') },
  { id: 'sort', group: 'automatic', name: 'sort', asks: [], build: purpose(text('integer', 'input', { hidden: true }), { sort_field: (wish) => wish.name }) },

  { id: 'group', group: 'layout', asks: [], build: layout('group-detail', { special: ['alias', 'no-data', 'group'] }) },
  { id: 'divider', group: 'layout', asks: [], build: layout('presentation-divider') },
  { id: 'notice', group: 'layout', asks: ['text'], build: layout('presentation-notice') },
];

export const intent = (id: string): Intent | undefined => INTENTS.find((own) => own.id === id);

/** Several additions as one. What is said of a collection that comes with them is said as it comes. */
export function together(all: Addition[]): Addition {
  const collections = all.flatMap((own) => own.collections.map((one) => ({ ...one, meta: { ...one.meta } })));
  const edits = all.flatMap((own) => own.edits).filter((edit) => {
    const fresh = edit.of === 'collections' && collections.find((one) => one.collection === edit.collection);
    if (fresh) Object.assign(fresh.meta, { [edit.member]: edit.after });
    return !fresh;
  });
  const [fields, relations, items] = [all.flatMap((own) => own.fields), all.flatMap((own) => own.relations), all.flatMap((own) => own.items)];
  return { collections, edits, fields, relations, items };
}
