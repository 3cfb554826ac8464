// Changes of the data model, as the server is asked for them: it shows each before it makes it, with the same request. What has
// several parts goes in one request and one transaction. Must never tell by itself what a change would do.
import { api } from '../../../lib/api';
import { t } from '../../../lib/i18n.svelte';
import type { CollectionMeta, FieldInfo, FieldMeta, Item, RelationInfo } from '../../../lib/model';
import { project } from '../../../lib/project.svelte';
import { invalidate } from '../../../lib/resource.svelte';
import { toasts } from '../../../lib/toasts.svelte';

/** One request. */
export interface Step {
  method: 'POST' | 'PATCH' | 'DELETE';
  path: string;
  query?: Record<string, unknown>;
  body?: unknown;
}

export interface TableChange {
  action: string;
  table: string;
  rows?: number;
  values?: number;
}

/** What a step would do: sentences in the order of tables, what is swept, and rows of metadata. */
export interface Plan {
  changes: string[];
  tables: TableChange[];
  rows: { action: string; table: string; before: Record<string, unknown> | null; after: Record<string, unknown> | null }[];
  swept: { action: string; table: string; rows: number }[];
}

export interface NewCollection {
  collection: string;
  meta: Partial<CollectionMeta>;
}
export interface NewField {
  collection: string;
  field: string;
  type: string;
  meta: Partial<FieldMeta>;
  schema?: Partial<NonNullable<FieldInfo['schema']>>;
}
export interface NewRelation {
  collection: string;
  field: string;
  related_collection: string | null;
  meta: Partial<NonNullable<RelationInfo['meta']>>;
  schema?: { on_delete: string };
}
/** A member of metadata that becomes another. */
export interface Edit {
  collection: string;
  /** A field of it, or the relation that a field is; without one it is about the collection itself. */
  field?: string;
  of: 'collections' | 'fields' | 'relations';
  member: string;
  before: unknown;
  after: unknown;
}

/** What comes, and what changes with it. */
export interface Addition {
  collections: NewCollection[];
  fields: NewField[];
  relations: NewRelation[];
  edits: Edit[];
  /** What new collections begin with. */
  items: { collection: string; items: Item[] }[];
}

export const nothing = (): Addition => ({ collections: [], fields: [], relations: [], edits: [], items: [] });

/** An addition as the difference that it makes, which is applied as a whole or not at all. */
export function adding(addition: Addition): Step {
  const comes = <T extends object>(names: object, rhs: T) => ({ ...names, diff: [{ kind: 'N', rhs }] });
  const edits = (of: Edit['of']) => {
    const found = new Map<string, { collection: string; field?: string; diff: object[] }>();
    for (const { collection, field, member, before, after, ...own } of addition.edits) {
      if (own.of !== of) continue;
      const key = `${collection}/${field ?? ''}`;
      const entry = found.get(key) ?? { collection, ...(field === undefined ? {} : { field }), diff: [] };
      entry.diff.push({ kind: 'E', path: ['meta', member], lhs: before, rhs: after });
      found.set(key, entry);
    }
    return [...found.values()];
  };
  const named = ({ collection, field }: { collection: string; field: string }) => ({ collection, field });
  const diff = {
    collections: [
      ...addition.collections.map((own) => comes({ collection: own.collection }, { ...own, schema: { name: own.collection } })),
      ...edits('collections'),
    ],
    fields: [...addition.fields.map((own) => comes(named(own), own)), ...edits('fields')],
    systemFields: [],
    relations: [...addition.relations.map((own) => comes(named(own), own)), ...edits('relations')],
  };
  // It is made for whatever the model is: what does not fit any more is refused by itself.
  return { method: 'POST', path: '/schema/apply', query: { force: true }, body: { hash: 'any', diff } };
}

/** What steps would do, one after the other. */
export async function shown(steps: Step[], signal?: AbortSignal): Promise<Plan> {
  const plans = await Promise.all(
    steps.map(({ path, method, query, body }) => api<Plan>(path, { method, body, query: { ...query, dry_run: true }, signal })),
  );
  return {
    changes: plans.flatMap((plan) => plan.tables.map((_, at) => plan.changes[at] ?? '')).concat(
      plans.flatMap((plan) => plan.changes.slice(plan.tables.length, plan.tables.length + plan.swept.length)),
      plans.flatMap((plan) => plan.changes.slice(plan.tables.length + plan.swept.length)),
    ),
    tables: plans.flatMap((plan) => plan.tables),
    swept: plans.flatMap((plan) => plan.swept),
    rows: plans.flatMap((plan) => plan.rows),
  };
}

/** Makes the changes, and puts in what new collections begin with. Everything that is shown of the model is told anew then, also
    where one of them failed. */
export async function make(steps: Step[], items: Addition['items'] = []): Promise<void> {
  try {
    for (const { path, method, query, body } of steps) await api(path, { method, query, body });
    // The change is made by now, whatever becomes of them.
    for (const own of items)
      await api(`/items/${own.collection}`, { method: 'POST', body: own.items }).catch((refused: unknown) => toasts.fault(t('model.notFilled'), refused));
  } finally {
    await project.load();
    invalidate(...project.collections.map((info) => info.collection));
  }
}

/** Whether nothing happens but that something is described otherwise. */
export function isHarmless(plan: Plan): boolean {
  const described = ['directus_collections', 'directus_fields', 'directus_relations'];
  return !plan.tables.length && !plan.swept.length && plan.rows.every((row) => row.action !== 'delete' && described.includes(row.table));
}

/** Whether something stored goes. */
export function loses(plan: Plan): boolean {
  return plan.tables.some((own) => own.action.startsWith('drop_') && !own.action.endsWith('index') && !own.action.endsWith('key'));
}
