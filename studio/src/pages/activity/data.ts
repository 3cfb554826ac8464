// What has happened, as it is asked for: a page at a time, the latest first, and of each only what the reader may read.
import { api } from '../../lib/api';
import type { Filter, Item } from '../../lib/model';
import { project } from '../../lib/project.svelte';

export interface Person extends Item {
  id: string;
  first_name?: string | null;
  last_name?: string | null;
  email?: string | null;
}

export interface Event {
  id: number;
  action: string;
  user: Person | string | null;
  timestamp: string;
  ip: string | null;
  user_agent: string | null;
  origin: string | null;
  collection: string;
  item: string;
  revisions?: number[];
}

/** What is looked for. Days are where the reader is. */
export interface Search {
  user: string | null;
  action: string | null;
  collection: string | null;
  from: string | null;
  to: string | null;
}

export const ACTIONS = ['create', 'update', 'delete', 'login', 'view', 'version_save', 'run'] as const;

/** As many as come at a time. */
export const PAGE = 50;

/** A search as a filter; an event of a second that is asked for counts. */
export function filterOf(search: Search): Filter {
  const parts: Filter[] = [];
  if (search.user) parts.push({ user: { _eq: search.user } });
  if (search.action) parts.push({ action: { _eq: search.action } });
  if (search.collection) parts.push({ collection: { _eq: search.collection } });
  if (search.from) parts.push({ timestamp: { _gte: new Date(`${search.from}T00:00`).toISOString() } });
  if (search.to) parts.push({ timestamp: { _lt: nextDay(search.to) } });
  return parts.length ? { _and: parts } : {};
}

function nextDay(day: string): string {
  const found = new Date(`${day}T00:00`);
  found.setDate(found.getDate() + 1);
  return found.toISOString();
}

/** The fields of an event that may be read. */
function fields(): string[] {
  const own = ['id', 'action', 'timestamp', 'ip', 'user_agent', 'origin', 'collection', 'item'].filter((name) => project.may('read', 'directus_activity', name));
  if (project.may('read', 'directus_activity', 'user')) {
    const names = ['id', 'first_name', 'last_name', 'email'].filter((name) => project.may('read', 'directus_users', name));
    own.push(...(names.length ? names.map((name) => `user.${name}`) : ['user']));
  }
  if (project.may('read', 'directus_revisions', 'id') && project.may('read', 'directus_activity', 'revisions')) own.push('revisions');
  return own;
}

/** One page, after the events that are there. */
export function ask(search: Search, offset: number, signal?: AbortSignal): Promise<Event[]> {
  return api<Event[]>('/activity', { signal, query: { fields: fields(), filter: filterOf(search), sort: ['-timestamp', '-id'], limit: PAGE, offset } });
}

/** Where what an event is about can be seen; nothing where there is no page of it. */
export function placeOf(event: Event): string | null {
  const { collection, item, action } = event;
  if (!collection || !item || action === 'delete') return null;
  const key = encodeURIComponent(item);
  switch (collection) {
    case 'directus_users':
      return project.admin ? `/access/users/${key}` : null;
    case 'directus_roles':
      return project.admin ? `/access/roles/${key}` : null;
    case 'directus_policies':
      return project.admin ? `/access/policies/${key}` : null;
    case 'directus_settings':
      return project.admin ? '/settings' : null;
    case 'directus_collections':
      return project.admin && project.collection(item) ? `/model/collections/${key}` : null;
    default:
      return project.collection(collection)?.schema && !collection.startsWith('directus_') && project.may('read', collection) ? `/content/${collection}/${key}` : null;
  }
}
