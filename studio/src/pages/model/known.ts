// What there is, as wizards and names ask for it.
import { project } from '../../lib/project.svelte';
import type { CollectionInfo } from '../../lib/model';
import type { Known } from './wizard/intents';

export const isSystem = (name: string) => name.startsWith('directus_');

/** The project as it is now. */
export const known: Known = {
  fields: (collection) => project.fields(collection),
  meta: (collection) => project.collection(collection)?.meta,
  get collections() {
    return project.collections.map((info) => info.collection);
  },
};

/** The project's own collections and folders, in their order. */
export function own(): CollectionInfo[] {
  const place = (info: CollectionInfo) => info.meta?.sort ?? 1e6;
  return project.collections
    .filter((info) => !isSystem(info.collection))
    .sort((a, b) => place(a) - place(b) || a.collection.localeCompare(b.collection));
}

/** Tables that something can be related to: the project's own first, then those of users and files. */
export function targets(): { value: string; label: string; detail: string }[] {
  const system = ['directus_users', 'directus_files'].flatMap((name) => project.collection(name) ?? []);
  return [...own().filter((info) => info.schema && info.meta), ...system].map((info) => ({
    value: info.collection,
    label: project.title(info.collection),
    detail: info.collection,
  }));
}
