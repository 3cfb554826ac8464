// What fits a few letters, the best first: what begins with them, then words that do, then letters in their order.

/** The ones that fit, in order of how well; of two that fit alike the one that came first. */
export function rank<T>(all: T[], text: string, of: (own: T) => string): T[] {
  const wanted = text.trim().toLowerCase();
  const scored = all.map((own, at) => ({ own, at, score: score(of(own).toLowerCase(), wanted) }));
  // Letters in their order fit much: they count where nothing better does.
  const least = scored.some((entry) => entry.score > 1) ? 2 : 1;
  return scored
    .filter((entry) => entry.score >= least || !wanted)
    .sort((a, b) => b.score - a.score || a.at - b.at)
    .map((entry) => entry.own);
}

function score(text: string, wanted: string): number {
  if (!wanted) return 1;
  if (text.startsWith(wanted)) return 5;
  if (text.includes(` ${wanted}`)) return 4;
  const words = wanted.split(/\s+/);
  if (words.length > 1 && words.every((word) => text.includes(word))) return 3;
  if (text.includes(wanted)) return 2;
  let from = 0;
  for (const letter of wanted) {
    from = text.indexOf(letter, from) + 1;
    if (from === 0) return 0;
  }
  return 1;
}
