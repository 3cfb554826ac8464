// Moving an item by dragging it: its fields are changed and saved at once, and it can be taken back at once. What the server
// refuses is told in its own words.
import { api, ApiError } from '../../../lib/api';
import { byField } from '../../../lib/faults';
import { t } from '../../../lib/i18n.svelte';
import type { Item } from '../../../lib/model';
import { project } from '../../../lib/project.svelte';
import { invalidate } from '../../../lib/resource.svelte';
import { toasts } from '../../../lib/toasts.svelte';

interface Move {
  collection: string;
  item: Item;
  changes: Item;
  /** Where it went, as it is told. */
  to: string;
  /** Shows it where it is to be, or where it was. */
  show: (changes: Item) => void;
}

export async function move({ collection, item, changes, to, show }: Move): Promise<void> {
  const key = String(item[project.key(collection)?.field ?? 'id']);
  const path = `/items/${collection}/${encodeURIComponent(key)}`;
  const before = Object.fromEntries(Object.keys(changes).map((field) => [field, item[field]]));
  const send = async (body: Item) => {
    show(body);
    await api(path, { method: 'PATCH', query: { fields: [project.key(collection)?.field ?? 'id'] }, body });
    invalidate(collection);
  };
  try {
    await send(changes);
    const back = () => void send(before).catch((error: unknown) => refused(collection, error, () => show(changes)));
    toasts.done(t('content.moved', { to }), { label: t('common.undo'), run: back });
  } catch (error) {
    refused(collection, error, () => show(before));
  }
}

function refused(collection: string, error: unknown, back: () => void): void {
  back();
  const [field, said] = error instanceof ApiError ? (Object.entries(byField(error, collection))[0] ?? []) : [];
  const told = field ? project.field(collection, field)?.meta?.validation_message || said : undefined;
  toasts.fault(t('content.notMoved'), field && told ? new Error(`${project.label(collection, field)}: ${told}`) : error);
}
