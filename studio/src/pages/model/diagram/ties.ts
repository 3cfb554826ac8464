// What leads from one collection to another, and the lines by which a diagram shows it.
import { project } from '../../../lib/project.svelte';
import { isSystem } from '../known';
import { WIDTH, type Placed } from './layout';

/** A field that points at items of a collection. */
export interface Tie {
  from: string;
  field: string;
  to: string;
  /** Of several collections that it may point at, one. */
  any: boolean;
}

/** Heights of a box's title and of each of its lines. */
export const HEAD = 36;
export const LINE = 24;

/** Every relation of the project's own collections. */
export function ties(): Tie[] {
  return project.relations
    .filter((relation) => !isSystem(relation.collection))
    .flatMap((relation): Tie[] => {
      const tie = { from: relation.collection, field: relation.field };
      if (relation.related_collection) return [{ ...tie, to: relation.related_collection, any: false }];
      return (relation.meta?.one_allowed_collections ?? []).map((to) => ({ ...tie, to, any: true }));
    });
}

/** The line from a field's row to the title of what it points at. */
export function drawing(from: Placed, to: Placed, row: number): string {
  const [y, end] = [from.y + HEAD + LINE * (row + 0.5), to.y + HEAD / 2];
  if (from === to) return `M${from.x} ${y} c-40 0 -40 ${end - y} -2 ${end - y}`;
  const left = to.x + WIDTH <= from.x;
  // Boxes above each other are tied at their left sides.
  const [x, goal] = left ? [from.x, to.x + WIDTH + 2] : to.x > from.x ? [from.x + WIDTH, to.x - 2] : [from.x, to.x - 2];
  const bend = to.x === from.x ? 48 : Math.max(32, Math.abs(goal - x) / 2);
  const [out, back] = left ? [x - bend, goal + bend] : to.x > from.x ? [x + bend, goal - bend] : [x - bend, goal - bend];
  return `M${x} ${y} C${out} ${y} ${back} ${end} ${goal} ${end}`;
}
