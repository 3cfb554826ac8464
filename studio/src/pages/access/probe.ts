// Trying permissions before they are stored, through the server's own eyes: a view of somebody who has drafted policies. Every
// view is ended as soon as it has been looked through; must never work out by itself what somebody may see.
import { api, whole } from '../../lib/api';
import type { Filter, Item } from '../../lib/model';
import type { Subject } from '../../lib/view.svelte';
import type { Policy } from './data';
import type { Permission } from './matrix/cells';

interface Drafted {
  id?: string;
  name: string;
  admin_access?: boolean;
  app_access?: boolean;
  permissions: Omit<Permission, 'id'>[];
}

async function through<T>(body: Item, look: (view: string) => Promise<T>): Promise<T> {
  const { id } = await api<{ id: string }>('/access/views', { method: 'POST', body, bare: true });
  try {
    return await look(id);
  } finally {
    await api(`/access/views/${id}`, { method: 'DELETE', bare: true }).catch(() => undefined);
  }
}

export interface Found {
  count: number;
  all: number;
  rows: Item[];
}

/** How many rows are shown of those that fit. */
const SAMPLE = 5;

/** The items that a rule covers for somebody: nothing else that they have counts meanwhile. */
export async function match(rule: Filter | null, collection: string, who: Subject, known: Policy[], fields: string[], signal?: AbortSignal): Promise<Found> {
  const emptied: Drafted[] = known.map((own) => ({ id: own.id, name: own.name, admin_access: false, app_access: false, permissions: [] }));
  const trial: Drafted = {
    name: 'trial',
    permissions: [{ collection, action: 'read', permissions: rule, validation: null, presets: null, fields: ['*'] }],
  };
  const query = { fields, limit: SAMPLE, meta: 'filter_count' };
  const [seen, all] = await Promise.all([
    through({ ...who, policies: [...emptied, trial] }, (view) => whole<Item[]>(path(collection), { query, view, signal })),
    whole(path(collection), { query: { limit: 0, meta: 'total_count' }, bare: true, signal }),
  ]);
  return { count: seen.meta?.filter_count ?? 0, all: all.meta?.total_count ?? 0, rows: Array.isArray(seen.data) ? seen.data : [] };
}

/** How many items of each collection somebody reads, with a policy as it is drafted or as it is stored. */
export async function readable(collections: string[], who: Subject, draft?: { policy: Policy; permissions: Permission[] }): Promise<number[]> {
  const body: Item = draft
    ? { ...who, policies: [{ ...draft.policy, permissions: draft.permissions.map(({ id: _, ...own }) => own) }] }
    : { ...who };
  return through(body, (view) =>
    Promise.all(
      collections.map((collection) =>
        whole(path(collection), { query: { limit: 0, meta: 'filter_count' }, view }).then(
          (told) => told.meta?.filter_count ?? 0,
          // What they may not read at all is nothing.
          () => 0,
        ),
      ),
    ),
  );
}

function path(collection: string): string {
  return collection.startsWith('directus_') ? `/${collection.slice('directus_'.length)}` : `/items/${collection}`;
}
