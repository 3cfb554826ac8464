// Texts. English is part of the Studio and says which keys there are; other languages are loaded when they are chosen. A key
// that a language does not have is told in English. `{name}` stands for a value; `{n|one item|{n} items}` chooses by number.
import english, { type Texts } from '../locales/en';

type Area = keyof Texts & string;
/** Every text there is: `area.name`. */
export type Key = { [A in Area]: `${A}.${keyof Texts[A] & string}` }[Area];
export type Values = Record<string, string | number>;

const others = import.meta.glob<{ default: Record<string, Record<string, string>> }>('../locales/*/index.ts');

/** English that came with the pages of a module. */
const late: Record<string, Record<string, string>> = {};

/** More texts of an area, which only the pages say that come with them. */
export function bring(area: Area, texts: Record<string, string>): void {
  late[area] = texts;
}

class Language {
  name = $state('en');
  #texts = $state.raw<Record<string, Record<string, string>>>(english);

  /** Takes a language if the Studio has it; otherwise it stays as it is. */
  async choose(name: string): Promise<void> {
    const short = name.toLowerCase().split('-')[0] ?? 'en';
    const load = others[`../locales/${short}/index.ts`];
    this.#texts = short === 'en' || !load ? english : (await load()).default;
    this.name = short === 'en' || !load ? 'en' : short;
    document.documentElement.lang = this.name;
  }

  text(key: string): string | undefined {
    const at = key.indexOf('.');
    const [area, name] = [key.slice(0, at), key.slice(at + 1)];
    return this.#texts[area]?.[name] ?? (english as Record<string, Record<string, string>>)[area]?.[name] ?? late[area]?.[name];
  }
}

export const language = new Language();

/** A text in the language that was chosen. */
export function t(key: Key, values: Values = {}): string {
  return fill(language.text(key) ?? key, values);
}

/** A text whose key is put together; `otherwise` where there is none. */
export function maybe(key: string, otherwise: string, values: Values = {}): string {
  const found = language.text(key);
  return found === undefined ? otherwise : fill(found, values);
}

/** Puts values into a text. */
export function fill(text: string, values: Values): string {
  const chosen = text.replace(/\{(\w+)\|([^|{}]*(?:\{\w+\}[^|{}]*)*)\|([^|{}]*(?:\{\w+\}[^|{}]*)*)\}/g, (_, name, one, more) =>
    Number(values[name]) === 1 ? one : more,
  );
  return chosen.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? value.toLocaleString(language.name) : value;
  });
}
