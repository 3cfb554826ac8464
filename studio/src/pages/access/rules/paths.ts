// The paths that a condition can be about: a collection's fields, those one relation further, and those along the path that is
// chosen already, so that one can go on from there.
import { project } from '../../../lib/project.svelte';
import type { Choice } from '../../../ui/Combobox.svelte';
import { target } from './model';

/** Written between the names of a path where it is one text. */
const DOT = '.';

export const joined = (path: string[]) => path.join(DOT);
export const parted = (text: string) => text.split(DOT).filter(Boolean);

/** What can be chosen, with `chosen` opened up. */
export function paths(collection: string, chosen: string[], flat = false): Choice[] {
  const found = new Map<string, Choice>();
  const add = (at: string, before: string[], labels: string[], depth: number) => {
    for (const field of project.fields(at)) {
      const to = target(at, field.field);
      if (field.type === 'alias' && !to) continue;
      const path = [...before, field.field];
      const label = [...labels, project.label(at, field.field)];
      const value = joined(path);
      found.set(value, { value, label: label.join(' › '), detail: field.type === 'alias' ? '' : field.type });
      if (!to || flat) continue;
      const along = to.many ? [...path, '_some'] : path;
      const open = depth < 1 || along.every((name, index) => chosen[index] === name);
      if (open && depth < 5) add(to.collection, along, label, depth + 1);
    }
  };
  add(collection, [], [], 0);
  // Near things first: a field of its own is meant more often than one behind a relation.
  return [...found.values()].sort((a, b) => parted(a.value).length - parted(b.value).length);
}
