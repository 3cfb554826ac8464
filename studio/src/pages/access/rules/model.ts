// The data model as rules walk through it: where a field leads, what a path is called.
import type { FieldInfo } from '../../../lib/model';
import { project } from '../../../lib/project.svelte';
import type { Model } from './words';

/** Where a field leads, and whether to many items. */
export function target(collection: string, field: string): { collection: string; many: boolean } | null {
  const to = project.relation(collection, field);
  if (to?.related_collection) return { collection: to.related_collection, many: false };
  const back = project.relations.find((own) => own.related_collection === collection && own.meta?.one_field === field);
  return back ? { collection: back.collection, many: true } : null;
}

/** The field that a path ends at, with the collection it is in. */
export function end(collection: string, path: string[]): { collection: string; field: FieldInfo | undefined } {
  let at = collection;
  const names = path.filter((name) => !name.startsWith('_'));
  for (const name of names.slice(0, -1)) at = target(at, bare(name))?.collection ?? '';
  return { collection: at, field: project.field(at, bare(names.at(-1) ?? '')) };
}

/** `year(published_at)` is about `published_at`. */
function bare(name: string): string {
  return /^\w+\((.+)\)$/.exec(name)?.[1] ?? name;
}

/** In the middle of a sentence words begin small, abbreviations do not. */
function small(text: string): string {
  return /^.\p{Lu}/u.test(text) ? text : text.charAt(0).toLowerCase() + text.slice(1);
}

/** The choices that a field offers. */
export function choices(field: FieldInfo | undefined): { value: string; text: string }[] {
  const listed = field?.meta?.options?.choices;
  if (!Array.isArray(listed)) return [];
  return listed
    .filter((own): own is { value: unknown; text?: unknown } => typeof own === 'object' && own !== null && 'value' in own)
    .map((own) => ({ value: String(own.value), text: String(own.text ?? own.value) }));
}

/** Words for the rules of a collection. */
export function modelOf(collection: string): Model {
  return {
    label(path) {
      const parts: string[] = [];
      let at = collection;
      for (const name of path.filter((own) => own !== '_some')) {
        if (name === '_none') parts.push('∄');
        else {
          const to = target(at, bare(name))?.collection;
          // A relation is called by what it leads to, not by the column that holds its key.
          parts.push(to ? project.label(at, name).replace(/ ID$/, '') : project.label(at, name));
          at = to ?? at;
        }
      }
      return parts.map(small).join(' › ').replaceAll('› ∄ ›', '› no');
    },
    isOwner(path) {
      const [name] = path;
      if (path.length !== 1 || !name) return false;
      return name === 'user_created' || project.field(collection, name)?.meta?.special?.includes('user-created') === true;
    },
    value(path, value) {
      const { field } = end(collection, path);
      const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
      return choices(field).find((own) => own.value === text)?.text.toLowerCase() ?? text;
    },
  };
}
