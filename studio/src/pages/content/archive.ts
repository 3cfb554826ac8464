// Putting items away, and taking them out again: a field of the project's choice says which are. Each can be taken back at once.
import { api } from '../../lib/api';
import { t } from '../../lib/i18n.svelte';
import type { Item } from '../../lib/model';
import { project } from '../../lib/project.svelte';
import { invalidate } from '../../lib/resource.svelte';
import { toasts } from '../../lib/toasts.svelte';

/** The field that says whether an item is archived, if there is one that the user may set. */
export function archives(collection: string): string | null {
  const field = project.collection(collection)?.meta?.archive_field;
  return field && project.may('update', collection, field) ? field : null;
}

/** What the field holds for items that are archived, and for others. */
function value(collection: string, on: boolean): unknown {
  const meta = project.collection(collection)?.meta;
  const told = on ? meta?.archive_value : meta?.unarchive_value;
  const field = meta?.archive_field ? project.field(collection, meta.archive_field) : undefined;
  return field?.type === 'boolean' ? told === 'true' : (told ?? null);
}

export function isArchived(collection: string, item: Item): boolean {
  const field = project.collection(collection)?.meta?.archive_field;
  return !!field && String(item[field]) === String(value(collection, true));
}

/** Archives items or takes them out; `changed` is called whenever they are others than before. */
export async function archive(collection: string, items: Item[], on: boolean, changed: () => void): Promise<boolean> {
  const field = archives(collection);
  const key = project.key(collection)?.field ?? 'id';
  if (!field) return false;
  const before = items.map((item) => ({ [key]: item[key], [field]: item[field] }));
  const store = async (rows: Item[]) => {
    await api(`/items/${collection}`, { method: 'PATCH', query: { fields: [key], limit: -1 }, body: rows });
    invalidate(collection);
    changed();
  };
  const back = () => void store(before).catch((error: unknown) => toasts.fault(t('content.notSaved'), error));
  try {
    await store(items.map((item) => ({ [key]: item[key], [field]: value(collection, on) })));
    toasts.done(t(on ? 'content.archived' : 'content.unarchived', { n: items.length }), { label: t('common.undo'), run: back });
    return true;
  } catch (error) {
    toasts.fault(t('content.notSaved'), error);
    return false;
  }
}
