// The project's collections as people see them: in folders, in the order that was chosen, without what is hidden.
import type { CollectionInfo } from '../../lib/model';
import { project } from '../../lib/project.svelte';

/** A folder, or a collection, with what is below it. */
export interface Branch {
  name: string;
  info: CollectionInfo | undefined;
  /** Whether there are items to be opened; folders have none. */
  opens: boolean;
  children: Branch[];
}

const isSystem = (name: string) => name.startsWith('directus_');

/** Collections of the project that the user may read, hidden ones left out. */
export function readable(hidden = false): CollectionInfo[] {
  return project.collections
    .filter((info) => info.schema && !isSystem(info.collection))
    .filter((info) => info.meta && (hidden || !info.meta.hidden) && project.may('read', info.collection))
    .sort(byOrder);
}

/** All of it as a tree. Folders of which a user is told nothing but the name are there as well. */
export function tree(hidden = false): Branch[] {
  const branches = new Map<string, Branch>();
  const branch = (name: string): Branch => {
    let found = branches.get(name);
    if (!found) {
      found = { name, info: project.collection(name), opens: false, children: [] };
      branches.set(name, found);
    }
    return found;
  };
  for (const info of readable(hidden)) branch(info.collection).opens = true;
  for (const own of [...branches.values()]) {
    // A chain of folders ends where it was before, so a ring ends as well.
    for (let at = own, seen = new Set([own.name]); at.info?.meta?.group && !seen.has(at.info.meta.group); ) {
      const above = branch(at.info.meta.group);
      if (!above.children.includes(at)) above.children.push(at);
      seen.add(above.name);
      at = above;
    }
  }
  const inside = new Set([...branches.values()].flatMap((own) => own.children));
  const sorted = (list: Branch[]) =>
    list.sort((a, b) => (a.info && b.info ? byOrder(a.info, b.info) : a.name.localeCompare(b.name)));
  for (const own of branches.values()) sorted(own.children);
  return sorted([...branches.values()].filter((own) => !inside.has(own)));
}

function byOrder(a: CollectionInfo, b: CollectionInfo): number {
  const order = (info: CollectionInfo) => info.meta?.sort ?? 1e6;
  return order(a) - order(b) || a.collection.localeCompare(b.collection);
}
