// What people say of an item: asked for as far as the user may read it, and what of it is theirs to change.
import { api } from '../../../lib/api';
import type { User } from '../../../lib/model';
import { project } from '../../../lib/project.svelte';
import { resource, type Resource } from '../../../lib/resource.svelte';

const COMMENTS = 'directus_comments';
const USERS = 'directus_users';

/** As many as are looked at. */
const MOST = 100;

export interface Comment {
  id: string;
  comment: string;
  date_created: string | null;
  date_updated: string | null;
  user_created: User | string | null;
}

/** Somebody who is named in a comment: an `@` and the key of their account. */
const NAMED = /@([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/i;

/** Whether there is any use in showing comments to this user. */
export const reads = (): boolean => project.may('read', COMMENTS);

export const writes = (): boolean => project.may('create', COMMENTS);

/** Comments on an item, the newest first. */
export function comments(collection: string, item: string): Resource<Comment[]> {
  const who = project.may('read', USERS) ? ['id', 'first_name', 'last_name', 'email'].filter((field) => project.may('read', USERS, field)) : [];
  const fields = ['id', 'comment', 'date_created', 'date_updated', ...(who.length ? who.map((field) => `user_created.${field}`) : ['user_created'])];
  const filter = { _and: [{ collection: { _eq: collection } }, { item: { _eq: item } }] };
  return resource(`comments/${collection}/${item}`, [COMMENTS], (signal) =>
    api<Comment[]>('/comments', { signal, query: { fields, filter, sort: ['-date_created'], limit: MOST } }),
  );
}

/** Whether a comment is worth offering to be changed or deleted: one's own, or any where nothing limits it. */
export function mayChange(comment: Comment, action: 'update' | 'delete'): boolean {
  const by = comment.user_created;
  const own = (by && typeof by === 'object' ? by.id : by) === project.user.id;
  const { access } = project.grant(COMMENTS, action);
  return access === 'full' || (access === 'partial' && own);
}

/** Being made is told as a change as well. */
const AT_ONCE = 1000;

export function isChanged({ date_created, date_updated }: Comment): boolean {
  return !!date_created && !!date_updated && Date.parse(date_updated) - Date.parse(date_created) > AT_ONCE;
}

/** The accounts that texts name. */
export function accounts(texts: string[]): string[] {
  const all = new RegExp(NAMED, 'gi');
  return [...new Set(texts.flatMap((text) => [...text.matchAll(all)].map((found) => (found[1] ?? '').toLowerCase())))];
}

/** A text in parts: what is written, and whom it names. */
export function parts(text: string): { text: string; account?: string }[] {
  const cut = text.split(NAMED);
  return cut.map((part, at) => (at % 2 ? { text: part, account: part.toLowerCase() } : { text: part })).filter((part) => part.text);
}
