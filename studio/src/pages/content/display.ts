// How single values are shown where the project has chosen it.
import type { Item } from '../../lib/model';
import { language } from '../../lib/i18n.svelte';
import type { Choice } from '../../lib/values';

/** Names and colours that belong to how a field is shown, not to what may be chosen. */
export function labels(given: unknown): Choice[] {
  if (!Array.isArray(given)) return [];
  return given
    .filter((own): own is Item => typeof own === 'object' && own !== null && 'value' in own)
    .map((own) => ({ value: String(own.value), text: String(own.text ?? own.value), color: typeof own.background === 'string' ? own.background : null }));
}

/** With what is to stand before and after it. */
export function affixed(text: string, options: Item): string {
  const [before, after] = [options.prefix, options.suffix].map((own) => (typeof own === 'string' ? own : ''));
  return `${before ?? ''}${text}${after ?? ''}`;
}

/** What a formatted text says, without its marks. */
export function words(text: string): string {
  return text
    .replace(/<(style|script)[\s\S]*?<\/\1>/gi, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&nbsp;/g, ' ')
    .replace(/&amp;/g, '&')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/\s+/g, ' ')
    .trim();
}

const SIZES = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];

export function bytes(size: number): string {
  const at = Math.min(SIZES.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, size)) / 3)));
  const options = { style: 'unit', unit: SIZES[at], unitDisplay: 'short', maximumFractionDigits: at ? 1 : 0 } as const;
  return new Intl.NumberFormat(language.name, options).format(size / 1000 ** at);
}
