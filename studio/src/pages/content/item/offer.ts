// Items that are offered to be chosen: what fits a few letters, by what they are called.
import { api } from '../../../lib/api';
import type { Item } from '../../../lib/model';
import { fill, templateOf } from '../../../lib/template';
import { project } from '../../../lib/project.svelte';
import type { Choice } from '../../../ui/Combobox.svelte';
import { telling } from './edit.svelte';

/** As many as can be looked over. */
const OFFERED = 30;

/** Where the items of a collection are asked for. */
export function door(collection: string): string {
  return collection.startsWith('directus_') ? `/${collection.slice('directus_'.length)}` : `/items/${collection}`;
}

/** Finds items of a collection; `known` is where they are put, by their keys. */
export function offer(collection: string, known: Map<string, Item>) {
  const key = project.key(collection)?.field ?? 'id';
  return async (text: string, signal: AbortSignal): Promise<Choice[]> => {
    const query = { fields: telling(collection), search: text || undefined, limit: OFFERED };
    const items = await api<Item[]>(door(collection), { signal, query });
    for (const item of items) known.set(String(item[key]), item);
    return items.map((item) => ({ value: String(item[key]), label: fill(templateOf(collection), item, key) }));
  };
}
