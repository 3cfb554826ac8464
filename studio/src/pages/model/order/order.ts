// Things in an order, inside one another: collections in folders, fields in groups. Moving one says which others have to be told
// a new place; must never put something inside itself.

export interface Entry {
  name: string;
  parent: string | null;
}

/** An entry as a line of a list. */
export interface Line extends Entry {
  depth: number;
}

/** A place as it is stored. */
export interface Place extends Entry {
  sort: number;
}

/** Where something is put: inside what, and before which of those there; at their end where it is none. */
export interface Target {
  parent: string | null;
  before: string | null;
}

/** Entries as lines, each below what it is in. What is in nothing that is there stands at the top, and so does a ring. */
export function lines(entries: Entry[]): Line[] {
  const known = new Set(entries.map((own) => own.name));
  const found: Line[] = [];
  const seen = new Set<string>();
  const walk = (parent: string | null, depth: number) => {
    for (const own of entries) {
      const above = own.parent !== null && known.has(own.parent) ? own.parent : null;
      if (above !== parent || seen.has(own.name)) continue;
      seen.add(own.name);
      found.push({ ...own, depth });
      walk(own.name, depth + 1);
    }
  };
  walk(null, 0);
  for (const own of entries) if (!seen.has(own.name)) found.push({ ...own, depth: 0 });
  return found;
}

/** The lines without one and what is inside it. */
export function without(all: Line[], name: string): Line[] {
  const at = all.findIndex((own) => own.name === name);
  const depth = all[at]?.depth;
  if (depth === undefined) return all;
  let end = at + 1;
  while (end < all.length && (all[end]?.depth ?? 0) > depth) end += 1;
  return [...all.slice(0, at), ...all.slice(end)];
}

/** What a gap between lines means (the one before line `gap`), for something that is wanted at a depth. */
export function targetOf(rest: Line[], gap: number, depth: number, holds: (name: string) => boolean): Target & { depth: number } {
  const [above, below] = [rest[gap - 1], rest[gap]];
  const deepest = above ? above.depth + (holds(above.name) ? 1 : 0) : 0;
  const own = Math.max(below?.depth ?? 0, Math.min(deepest, depth), 0);
  const parent = rest.slice(0, gap).findLast((line) => line.depth === own - 1);
  return { parent: own > 0 ? (parent?.name ?? null) : null, before: below?.depth === own ? below.name : null, depth: own };
}

/** What an arrow does: up and down among its own, into the one above, out of what it is in. Nothing where it cannot. */
export function stepped(all: Line[], name: string, key: string, holds: (name: string) => boolean): Target | null {
  const own = all.find((line) => line.name === name);
  if (!own) return null;
  const beside = all.filter((line) => line.depth === own.depth && parentOf(line) === parentOf(own));
  const at = beside.indexOf(own);
  const before = beside[at - 1];
  const parent = parentOf(own);
  if (key === 'ArrowUp' && before) return { parent, before: before.name };
  if (key === 'ArrowDown' && beside[at + 1]) return { parent, before: beside[at + 2]?.name ?? null };
  if (key === 'ArrowRight' && before && holds(before.name)) return { parent: before.name, before: null };
  if (key === 'ArrowLeft' && parent !== null) {
    const above = all.find((line) => line.name === parent);
    if (!above) return null;
    const around = all.filter((line) => line.depth === above.depth && parentOf(line) === parentOf(above));
    return { parent: parentOf(above), before: around[around.indexOf(above) + 1]?.name ?? null };
  }
  return null;
}

/** What a line is in, as it is shown. */
function parentOf(line: Line): string | null {
  return line.depth === 0 ? null : line.parent;
}

/** The places that change when something is put elsewhere: everything beside it is counted anew. */
export function moved(all: Line[], name: string, target: Target, stored: (name: string) => number | null): Place[] {
  const inside = new Set(all.map((own) => own.name).filter((own) => !without(all, name).some((line) => line.name === own)));
  if (target.parent !== null && inside.has(target.parent)) return [];
  const own = all.find((line) => line.name === name);
  if (!own) return [];
  const beside = all.filter((line) => parentOf(line) === target.parent && line.name !== name).map((line) => line.name);
  const at = target.before === null ? beside.length : beside.indexOf(target.before);
  beside.splice(at < 0 ? beside.length : at, 0, name);
  return beside
    .map((one, index): Place => ({ name: one, parent: target.parent, sort: index + 1 }))
    .filter((place) => place.sort !== stored(place.name) || (place.name === name && own.parent !== target.parent));
}

/** The entries as they stand once places have changed: shown before the server has stored it. */
export function placed(entries: Entry[], places: Place[], stored: (name: string) => number | null): Entry[] {
  const changed = new Map(places.map((place) => [place.name, place]));
  const rank = (name: string, at: number) => changed.get(name)?.sort ?? stored(name) ?? entries.length + at;
  return entries
    .map((own, at) => ({ own: { name: own.name, parent: changed.get(own.name)?.parent ?? (changed.has(own.name) ? null : own.parent) }, rank: rank(own.name, at) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ own }) => own);
}
