// Items that are offered to be chosen: what fits a few letters, by what they are called.
import { api, door } from '../../../lib/api';
import type { FieldInfo, Filter, Item } from '../../../lib/model';
import { fill } from '../../../lib/template';
import { project } from '../../../lib/project.svelte';
import type { Choice } from '../../../ui/Combobox.svelte';
import { calledBy, telling } from './edit.svelte';

/** As many as can be looked over. */
const OFFERED = 30;

/** Finds items of a collection, of those that the field lets be chosen; `known` is where they are put, by their keys. */
export function offer(collection: string, known: Map<string, Item>, field?: FieldInfo) {
  const key = project.key(collection)?.field ?? 'id';
  const filter = field?.meta?.options?.filter as Filter | null | undefined;
  return async (text: string, signal: AbortSignal): Promise<Choice[]> => {
    const query = { fields: telling(collection, field), search: text || undefined, filter: filter ?? undefined, limit: OFFERED };
    const items = await api<Item[]>(door(collection), { signal, query });
    for (const item of items) known.set(String(item[key]), item);
    return items.map((item) => ({ value: String(item[key]), label: fill(calledBy(collection, field), item, key) }));
  };
}
