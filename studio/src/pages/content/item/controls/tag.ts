// A word as the project wants its words written.
import type { Item } from '../../../../lib/model';

export function asTag(text: string, options: Item): string {
  let told = text.trim();
  const space = options.whitespace;
  if (typeof space === 'string') told = told.replace(/\s+/g, space);
  switch (options.capitalization) {
    case 'uppercase':
      return told.toUpperCase();
    case 'lowercase':
      return told.toLowerCase();
    case 'auto-format':
      return told.charAt(0).toUpperCase() + told.slice(1);
    default:
      return told;
  }
}
