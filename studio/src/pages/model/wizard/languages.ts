// Languages that texts are often translated into: what a collection of languages begins with. Pure; names are those that the reader
// knows them by.

/** A row of a collection of languages. */
export interface Spoken {
  code: string;
  name: string;
  direction: 'ltr' | 'rtl';
}

const CODES = [
  'ar-SA', 'cs-CZ', 'da-DK', 'de-DE', 'el-GR', 'en-GB', 'en-US', 'es-ES', 'fa-IR', 'fi-FI', 'fr-FR', 'he-IL', 'hi-IN', 'hu-HU', 'id-ID', 'it-IT',
  'ja-JP', 'ko-KR', 'nb-NO', 'nl-NL', 'pl-PL', 'pt-BR', 'pt-PT', 'ro-RO', 'ru-RU', 'sv-SE', 'tr-TR', 'uk-UA', 'vi-VN', 'zh-CN', 'zh-TW',
];

const RIGHT_TO_LEFT = ['ar', 'fa', 'he'];

const base = (code: string) => code.toLowerCase().split('-')[0] ?? '';

/** All of them, by name. */
export function spoken(reader: string): Spoken[] {
  const names = new Intl.DisplayNames([reader], { type: 'language', languageDisplay: 'standard' });
  // Where a language is spoken is said only where that tells it from another.
  const alone = (code: string) => CODES.filter((own) => base(own) === base(code)).length === 1;
  return CODES.map((code): Spoken => ({
    code,
    name: names.of(alone(code) ? base(code) : code) ?? code,
    direction: RIGHT_TO_LEFT.includes(base(code)) ? 'rtl' : 'ltr',
  })).sort((a, b) => a.name.localeCompare(b.name, reader));
}

/** Those that are likely wanted, in the order in which they were named; each language once. */
export function likely(wanted: readonly string[], reader: string): Spoken[] {
  const all = spoken(reader);
  const found: Spoken[] = [];
  for (const code of wanted) {
    if (found.some((own) => base(own.code) === base(code))) continue;
    const fits = all.find((own) => own.code.toLowerCase() === code.toLowerCase()) ?? all.find((own) => base(own.code) === base(code));
    if (fits) found.push(fits);
  }
  return found;
}
