// Fields without which the Studio cannot show a collection to somebody who may read the rest of it.
import { project } from '../../../lib/project.svelte';
import type { Permission } from '../matrix/cells';

/** The key, archive and sort fields that no permission to read grants; nothing where nothing is read. */
export function missing(collection: string, read: Permission[]): string[] {
  if (!read.length) return [];
  const meta = project.collection(collection)?.meta;
  const granted = new Set(read.flatMap((own) => own.fields ?? []));
  if (granted.has('*')) return [];
  const needed = [project.key(collection)?.field, meta?.archive_field, meta?.sort_field];
  return needed.filter((name): name is string => !!name && !granted.has(name));
}
