// Where the boxes of a diagram stand: what others point at further left, what points at much close to it, and no two in one place.
// Pure, and the same for the same model, so that people find things where they were.

export interface Box {
  name: string;
  height: number;
}

export interface Edge {
  from: string;
  to: string;
}

export interface Placed extends Box {
  x: number;
  y: number;
}

/** The measures of a diagram, in its own units. */
export const WIDTH = 208;
const GAP_X = 96;
const GAP_Y = 28;

/** Looks back and forth by which lines are made to cross less. */
const SWEEPS = 6;

/** So many stand beside each other at least, of those that are tied to nothing. */
const NARROWEST = 4;

/** The column of each: one more than what it points at. What is in a ring is not waited for. */
function columns(boxes: Box[], edges: Edge[]): Map<string, number> {
  const found = new Map<string, number>();
  const points = new Map<string, string[]>();
  for (const { from, to } of edges) if (from !== to) points.set(from, [...(points.get(from) ?? []), to]);
  const above = new Set<string>();
  const visit = (name: string): number => {
    const known = found.get(name);
    if (known !== undefined) return known;
    above.add(name);
    const targets = (points.get(name) ?? []).filter((to) => !above.has(to));
    const column = targets.length ? 1 + Math.max(...targets.map(visit)) : 0;
    above.delete(name);
    // What was found within a ring depends on where one came in, so it counts for the first alone.
    found.set(name, column);
    return column;
  };
  for (const { name } of boxes) visit(name);
  return found;
}

/** Boxes that nothing is tied to, apart from the others. */
function loose(boxes: Box[], edges: Edge[]): Box[] {
  const tied = new Set(edges.flatMap((edge) => (edge.from === edge.to ? [] : [edge.from, edge.to])));
  return boxes.filter((box) => !tied.has(box.name));
}

/** Places everything. */
export function layout(boxes: Box[], edges: Edge[]): Placed[] {
  const names = new Set(boxes.map((box) => box.name));
  const known = edges.filter((edge) => names.has(edge.from) && names.has(edge.to));
  const alone = new Set(loose(boxes, known));
  const at = columns(boxes, known);
  const stacks: Box[][] = [];
  for (const box of boxes) {
    if (alone.has(box)) continue;
    const column = at.get(box.name) ?? 0;
    (stacks[column] ??= []).push(box);
  }
  const filled = stacks.filter((stack) => stack?.length);
  untangle(filled, known);
  const placed: Placed[] = [];
  filled.forEach((stack, column) => placed.push(...stacked(stack, column * (WIDTH + GAP_X), filled)));
  return [...placed, ...below([...alone], filled.length, placed)];
}

/** Puts each near the middle of what it is tied to in the columns beside. */
function untangle(stacks: Box[][], edges: Edge[]): void {
  const rank = new Map<string, number>();
  const tied = new Map<string, string[]>();
  for (const { from, to } of edges) {
    tied.set(from, [...(tied.get(from) ?? []), to]);
    tied.set(to, [...(tied.get(to) ?? []), from]);
  }
  const count = (stack: Box[]) => stack.forEach((box, index) => rank.set(box.name, (index + 0.5) / stack.length));
  const middle = (box: Box) => {
    const ranks = (tied.get(box.name) ?? []).map((name) => rank.get(name) ?? 0);
    return ranks.length ? ranks.reduce((sum, own) => sum + own, 0) / ranks.length : (rank.get(box.name) ?? 0);
  };
  stacks.forEach(count);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    for (const stack of sweep % 2 ? [...stacks].reverse() : stacks) {
      const middles = new Map(stack.map((box) => [box, middle(box)]));
      stack.sort((a, b) => (middles.get(a) ?? 0) - (middles.get(b) ?? 0));
      count(stack);
    }
  }
}

const height = (stack: Box[]) => stack.reduce((sum, box) => sum + box.height + GAP_Y, -GAP_Y);

/** A column, its middle beside the middles of the others. */
function stacked(stack: Box[], x: number, all: Box[][]): Placed[] {
  const tallest = Math.max(...all.map(height));
  let y = (tallest - height(stack)) / 2;
  return stack.map((box) => {
    const own = { ...box, x, y };
    y += box.height + GAP_Y;
    return own;
  });
}

/** What is tied to nothing, in rows below the others. */
function below(boxes: Box[], columns: number, placed: Placed[]): Placed[] {
  const wide = Math.max(columns, NARROWEST);
  let y = Math.max(-2 * GAP_Y, ...placed.map((own) => own.y + own.height)) + 2 * GAP_Y;
  const rows: Placed[] = [];
  for (let at = 0; at < boxes.length; at += wide) {
    const row = boxes.slice(at, at + wide);
    for (const [column, box] of row.entries()) rows.push({ ...box, x: column * (WIDTH + GAP_X), y });
    y += Math.max(...row.map((box) => box.height)) + GAP_Y;
  }
  return rows;
}

/** The nearest box in a direction, as arrows go. */
export function nearest(from: Placed, all: Placed[], key: string): Placed | undefined {
  const direction = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
  if (!direction) return undefined;
  const [dx = 0, dy = 0] = direction;
  const far = (own: Placed) => {
    const [x, y] = [own.x - from.x, own.y + own.height / 2 - from.y - from.height / 2];
    const along = x * dx + y * dy;
    const aside = Math.abs(x * dy) + Math.abs(y * dx);
    return along > 1 ? along + aside * 2 : Infinity;
  };
  const found = all.filter((own) => own !== from).sort((a, b) => far(a) - far(b))[0];
  return found && far(found) < Infinity ? found : undefined;
}
