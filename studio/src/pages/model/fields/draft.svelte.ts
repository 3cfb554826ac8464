// A field as it is edited: what is said of it, its column and the relation that it is or lists. It knows what has changed, and which
// requests would make it so; must never send what was left as it is.
import { BARE, type FieldInfo, type FieldMeta, type RelationInfo } from '../../../lib/model';
import { project } from '../../../lib/project.svelte';
import type { Step } from '../change/change';
import { flagged } from './interfaces';

/** What of a column can be chosen. */
export type Column = Pick<
  NonNullable<FieldInfo['schema']>,
  'default_value' | 'is_nullable' | 'is_unique' | 'is_indexed' | 'max_length' | 'numeric_precision' | 'numeric_scale'
>;

type RelationMeta = NonNullable<RelationInfo['meta']>;

/** A column without a word about it. */
const UNSAID: FieldMeta = { ...BARE, searchable: true };

const COLUMN: (keyof Column)[] = ['default_value', 'is_nullable', 'is_unique', 'is_indexed', 'max_length', 'numeric_precision', 'numeric_scale'];
const RELATION: (keyof RelationMeta)[] = ['sort_field', 'one_deselect_action', 'one_allowed_collections'];

const same = (a: unknown, b: unknown) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

/** The members that have become something else. */
function altered<T extends object>(before: T | null | undefined, after: T, names: (keyof T)[]): Partial<T> {
  return Object.fromEntries(names.filter((name) => !same(before?.[name], after[name])).map((name) => [name, after[name]])) as Partial<T>;
}

const picked = <T extends object, K extends keyof T>(from: T, names: K[]): Pick<T, K> =>
  Object.fromEntries(names.map((name) => [name, from[name]])) as Pick<T, K>;

export class FieldDraft {
  readonly info: FieldInfo;
  /** The relation that the field is, or whose other end it lists. */
  readonly relation: RelationInfo | undefined;
  readonly lists: boolean;
  meta = $state<FieldMeta>(UNSAID);
  column = $state<Column | null>(null);
  type = $state('');
  tie = $state<Pick<RelationMeta, 'sort_field' | 'one_deselect_action' | 'one_allowed_collections'> | null>(null);
  onDelete = $state('');

  constructor(info: FieldInfo) {
    this.info = info;
    this.relation = project.relation(info.collection, info.field) ?? project.reverse(info.collection, info.field);
    this.lists = !project.relation(info.collection, info.field);
    this.meta = { ...UNSAID, ...info.meta };
    this.column = info.schema ? picked(info.schema, COLUMN) : null;
    this.type = info.type;
    this.tie = this.relation?.meta ? picked(this.relation.meta, ['sort_field', 'one_deselect_action', 'one_allowed_collections']) : null;
    this.onDelete = this.relation?.schema?.on_delete ?? '';
  }

  /** The collection at the other end of the relation. */
  get other(): string | null {
    return (this.lists ? this.relation?.collection : this.relation?.related_collection) ?? null;
  }

  get steps(): Step[] {
    const { collection, field } = this.info;
    const body: { meta?: Partial<FieldMeta>; schema?: Partial<Column>; type?: string } = {};
    const retyped = this.type !== this.info.type;
    const meta = altered(this.info.meta, { ...this.meta, special: retyped ? flagged(this.meta.special, this.type) : this.meta.special }, Object.keys(UNSAID) as (keyof FieldMeta)[]);
    const bare = !this.info.meta && same(meta, altered(null, UNSAID, Object.keys(UNSAID) as (keyof FieldMeta)[]));
    if (Object.keys(meta).length && !bare) body.meta = meta;
    const column = this.column ? altered(this.info.schema as Column | null, this.column, COLUMN) : {};
    if (Object.keys(column).length || retyped) body.schema = column;
    if (retyped) body.type = this.type;
    const steps: Step[] = [];
    if (Object.keys(body).length) steps.push({ method: 'PATCH', path: `/fields/${collection}/${field}`, body });
    return [...steps, ...this.#relationSteps()];
  }

  #relationSteps(): Step[] {
    const { relation } = this;
    if (!relation) return [];
    const meta = this.tie ? altered(relation.meta, this.tie as RelationMeta, RELATION) : {};
    const body: { meta?: object; schema?: object } = {};
    if (Object.keys(meta).length) body.meta = meta;
    if (relation.schema && this.onDelete !== relation.schema.on_delete) body.schema = { on_delete: this.onDelete };
    return Object.keys(body).length ? [{ method: 'PATCH', path: `/relations/${relation.collection}/${relation.field}`, body }] : [];
  }
}
