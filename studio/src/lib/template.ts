// Templates of how an item is called: `{{title}} by {{author.name}}`. They name fields; what is shown is what was answered.
import { asText } from './values';
import type { Item } from './model';
import { project } from './project.svelte';

const PLACE = /\{\{\s*([\w$.:()]+)\s*\}\}/g;

/** Names that fields have which say what an item is, the likeliest first. */
const TELLING = ['title', 'name', 'headline', 'label', 'subject', 'email', 'key', 'code', 'slug'];

/** The fields that a template names. Pictures that stand for an item (`$thumbnail`) are no fields. */
export function named(template: string): string[] {
  return [...template.matchAll(PLACE)].map(([, path]) => path ?? '').filter((path) => path && !/(^|\.)\$/.test(path));
}

/** How items of a collection are called: as the project says, else by the field that says most. */
export function templateOf(collection: string): string {
  const chosen = project.collection(collection)?.meta?.display_template;
  if (chosen) return chosen;
  if (collection === 'directus_users') return '{{first_name}} {{last_name}}';
  if (collection === 'directus_files') return '{{title}}';
  const fields = project.fields(collection);
  const has = (name: string) => fields.some((field) => field.field === name);
  const telling = TELLING.find(has);
  return `{{${telling ?? project.key(collection)?.field ?? 'id'}}}`;
}

/** Fills in what was answered; the key where that comes to nothing. */
export function fill(template: string, item: Item | null | undefined, key?: string): string {
  if (!item) return '';
  const text = template.replace(PLACE, (_, path: string) => asText(at(item, path)));
  return text.trim() || (key ? asText(item[key]) : '');
}

/** The value at a path; of a list its length. */
export function at(item: Item, path: string): unknown {
  let found: unknown = item;
  for (const step of path.split('.')) {
    if (Array.isArray(found)) return found.length;
    if (typeof found !== 'object' || found === null) return undefined;
    found = (found as Item)[step];
  }
  return found;
}
