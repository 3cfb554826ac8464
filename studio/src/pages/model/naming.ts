// Names for tables and columns, made from what people type: small letters, digits and underscores, as databases like them best.

/** What names may not be longer than: what every database takes. */
const LONGEST = 60;

/** A name for a column or table that is called so. */
export function nameOf(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/ß/g, 'ss')
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, LONGEST);
}

/** What one of many is called, as far as English goes: `categories` holds a `category`. */
export function singular(name: string): string {
  if (/(ss|us|is|news|series)$/.test(name)) return name;
  if (/ies$/.test(name)) return name.replace(/ies$/, 'y');
  if (/(x|ch|sh|ss)es$/.test(name)) return name.replace(/es$/, '');
  return name.replace(/s$/, '');
}

/** A name that none of those has. */
export function free(wanted: string, taken: Iterable<string>): string {
  const all = new Set([...taken].map((own) => own.toLowerCase()));
  for (let at = 1; ; at += 1) {
    const name = at === 1 ? wanted : `${wanted}_${at}`;
    if (!all.has(name.toLowerCase())) return name;
  }
}
