// A tree of choices and what is ticked in it. A branch is ticked when everything below it is; which of the ticked ones are stored:
// `all` of them, only `leaf`s, the topmost `branch`es, `indeterminate` the half-ticked above them as well; `exclusive` knows of no
// such dependence.

export interface Branch {
  value: string;
  text: string;
  children: Branch[];
}

export type Combining = 'all' | 'branch' | 'leaf' | 'indeterminate' | 'exclusive';

export function treeOf(given: unknown): Branch[] {
  if (!Array.isArray(given)) return [];
  return given
    .filter((own): own is Record<string, unknown> => typeof own === 'object' && own !== null && 'value' in own)
    .map((own) => ({ value: String(own.value), text: String(own.text ?? own.value), children: treeOf(own.children) }));
}

/** The values of the leaves below a branch; of a leaf, its own. */
export function leaves(branch: Branch): string[] {
  return branch.children.length ? branch.children.flatMap(leaves) : [branch.value];
}

/** What is ticked if these are stored. */
export function ticked(tree: Branch[], stored: string[], combining: Combining): Set<string> {
  const held = new Set(stored);
  if (combining === 'exclusive') return held;
  const on = new Set<string>();
  const walk = (branch: Branch, above: boolean): boolean => {
    // Half-ticked branches are stored among the others: there, leaves alone decide.
    const own = above || (held.has(branch.value) && (combining !== 'indeterminate' || !branch.children.length));
    const yes = branch.children.length ? branch.children.map((child) => walk(child, own)).every(Boolean) : own;
    if (yes) on.add(branch.value);
    return yes;
  };
  for (const branch of tree) walk(branch, false);
  return on;
}

/** What is stored after one was ticked, or no longer is. */
export function toggled(tree: Branch[], on: Set<string>, value: string, yes: boolean, combining: Combining): string[] {
  if (combining === 'exclusive') return every(tree).filter((own) => (own === value ? yes : on.has(own)));
  const changed = find(tree, value);
  const below = new Set(changed ? leaves(changed) : []);
  const now = new Set(tree.flatMap(leaves).filter((leaf) => (below.has(leaf) ? yes : on.has(leaf))));
  return tree.flatMap((branch) => stored(branch, now, combining));
}

function stored(branch: Branch, on: Set<string>, combining: Combining): string[] {
  if (!branch.children.length) return on.has(branch.value) ? [branch.value] : [];
  const below = branch.children.flatMap((child) => stored(child, on, combining));
  const whole = leaves(branch).every((leaf) => on.has(leaf));
  if (combining === 'branch' && whole) return [branch.value];
  const own = (combining === 'all' && whole) || (combining === 'indeterminate' && below.length > 0);
  return own ? [branch.value, ...below] : below;
}

function every(tree: Branch[]): string[] {
  return tree.flatMap((branch) => [branch.value, ...every(branch.children)]);
}

function find(tree: Branch[], value: string): Branch | undefined {
  for (const branch of tree) {
    const found = branch.value === value ? branch : find(branch.children, value);
    if (found) return found;
  }
  return undefined;
}
