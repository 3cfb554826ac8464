// Which interfaces and displays suit a field, and what can be said of each. Options that are not listed here stay as they are
// stored; must never drop one.
import type { FieldInfo } from '../../../lib/model';

/** How an option is typed in. */
export type OptionKind = 'text' | 'long' | 'number' | 'flag' | 'choices' | 'words' | 'template' | 'json' | { of: string[] };

export type Options = Record<string, OptionKind>;

interface Look {
  /** Types of fields, or flags of relations. */
  fits: string[];
  options: Options;
}

const TEXT = ['string', 'text', 'uuid', 'hash'];
const NUMBER = ['integer', 'bigInteger', 'float', 'decimal'];
const MOMENT = ['date', 'time', 'dateTime', 'timestamp'];
const LONG = ['text', 'string'];
const LIST = ['json', 'csv'];

export const INTERFACES: Record<string, Look> = {
  input: { fits: [...TEXT, ...NUMBER], options: { placeholder: 'text', font: { of: ['sans-serif', 'serif', 'monospace'] }, trim: 'flag', slug: 'flag', masked: 'flag', softLength: 'number', min: 'number', max: 'number', step: 'number' } },
  'input-multiline': { fits: LONG, options: { placeholder: 'text', font: { of: ['sans-serif', 'serif', 'monospace'] }, trim: 'flag', softLength: 'number' } },
  'input-rich-text-html': { fits: LONG, options: { placeholder: 'text', softLength: 'number' } },
  'input-rich-text-md': { fits: LONG, options: { placeholder: 'text', softLength: 'number' } },
  'input-code': { fits: [...LONG, 'json'], options: { language: 'text', placeholder: 'text' } },
  'input-hash': { fits: ['hash'], options: { placeholder: 'text', masked: 'flag' } },
  'select-dropdown': { fits: ['string', 'text', 'integer', 'bigInteger', 'float', 'decimal'], options: { choices: 'choices', allowOther: 'flag', allowNone: 'flag', placeholder: 'text' } },
  'select-radio': { fits: ['string', 'text', 'integer', 'bigInteger', 'float', 'decimal'], options: { choices: 'choices', allowOther: 'flag' } },
  'select-color': { fits: ['string', 'text'], options: { opacity: 'flag', presets: 'json' } },
  'select-icon': { fits: ['string', 'text'], options: {} },
  slider: { fits: NUMBER, options: { minValue: 'number', maxValue: 'number', stepInterval: 'number', alwaysShowValue: 'flag' } },
  boolean: { fits: ['boolean'], options: { label: 'text' } },
  datetime: { fits: MOMENT, options: { includeSeconds: 'flag', use24: 'flag' } },
  tags: { fits: LIST, options: { presets: 'words', allowCustom: 'flag', alphabetize: 'flag', whitespace: 'text', capitalization: { of: ['uppercase', 'lowercase', 'auto-format'] }, placeholder: 'text' } },
  'select-multiple-dropdown': { fits: LIST, options: { choices: 'choices', allowOther: 'flag', placeholder: 'text' } },
  'select-multiple-checkbox': { fits: LIST, options: { choices: 'choices', allowOther: 'flag', itemsShown: 'number' } },
  'select-multiple-checkbox-tree': { fits: LIST, options: { choices: 'json', valueCombining: { of: ['all', 'branch', 'leaf', 'indeterminate', 'exclusive'] } } },
  list: { fits: ['json'], options: { template: 'text', addLabel: 'text', limit: 'number', fields: 'json' } },
  map: { fits: ['json', 'geometry'], options: {} },
  'select-dropdown-m2o': { fits: ['m2o'], options: { template: 'template', enableCreate: 'flag', enableSelect: 'flag', filter: 'json' } },
  file: { fits: ['file'], options: { folder: 'text' } },
  'file-image': { fits: ['file'], options: { folder: 'text', crop: 'flag' } },
  files: { fits: ['files'], options: { template: 'template', enableCreate: 'flag', enableSelect: 'flag' } },
  'list-o2m': { fits: ['o2m'], options: { layout: { of: ['list', 'table'] }, template: 'template', enableCreate: 'flag', enableSelect: 'flag', limit: 'number', sort: 'text', filter: 'json' } },
  'list-m2m': { fits: ['m2m'], options: { layout: { of: ['list', 'table'] }, template: 'template', enableCreate: 'flag', enableSelect: 'flag', limit: 'number', filter: 'json' } },
  'list-m2a': { fits: ['m2a'], options: { enableCreate: 'flag', enableSelect: 'flag', limit: 'number' } },
  translations: { fits: ['translations'], options: { languageField: 'text', languageDirectionField: 'text', defaultLanguage: 'text', userLanguage: 'flag' } },
  'group-detail': { fits: ['group'], options: { start: { of: ['open', 'closed'] }, headerIcon: 'text', headerColor: 'text' } },
  'group-accordion': { fits: ['group'], options: { start: { of: ['opened', 'closed', 'first'] }, accordionMode: 'flag' } },
  'group-raw': { fits: ['group'], options: {} },
  'presentation-divider': { fits: ['none'], options: { title: 'text', icon: 'text', color: 'text', inlineTitle: 'flag' } },
  'presentation-notice': { fits: ['none'], options: { text: 'long', color: { of: ['normal', 'info', 'success', 'warning', 'danger'] }, icon: 'text' } },
  'presentation-links': { fits: ['none'], options: { links: 'json' } },
};

export const DISPLAYS: Record<string, Look> = {
  raw: { fits: [...TEXT, ...NUMBER, ...MOMENT, ...LIST, 'boolean', 'm2o', 'file'], options: {} },
  'formatted-value': { fits: [...TEXT, ...NUMBER], options: { format: 'flag', bold: 'flag', italic: 'flag', prefix: 'text', suffix: 'text', color: 'text', background: 'text' } },
  labels: { fits: ['string', 'text', 'integer', ...LIST], options: { choices: 'choices', showAsDot: 'flag', format: 'flag' } },
  boolean: { fits: ['boolean'], options: { labelOn: 'text', labelOff: 'text', colorOn: 'text', colorOff: 'text' } },
  color: { fits: ['string', 'text'], options: {} },
  icon: { fits: ['string', 'text'], options: { color: 'text' } },
  datetime: { fits: MOMENT, options: { relative: 'flag', format: { of: ['long', 'short'] } } },
  rating: { fits: NUMBER, options: { simple: 'flag' } },
  filesize: { fits: NUMBER, options: {} },
  'formatted-json-value': { fits: ['json'], options: { format: 'text' } },
  user: { fits: ['m2o'], options: { display: { of: ['name', 'avatar', 'both'] } } },
  'related-values': { fits: ['m2o', 'o2m', 'm2m', 'm2a', 'files'], options: { template: 'template' } },
  image: { fits: ['file'], options: { circle: 'flag' } },
  file: { fits: ['file'], options: {} },
  translations: { fits: ['translations'], options: { template: 'template', languageField: 'text', userLanguage: 'flag' } },
};

const RELATIONS = ['m2o', 'file', 'o2m', 'm2m', 'm2a', 'files', 'translations', 'group'];

/** What a field is to interfaces: what it relates to, else its type. */
export function sort(field: FieldInfo): string {
  const special = field.meta?.special ?? [];
  const relation = RELATIONS.find((own) => special.includes(own));
  if (relation) return relation;
  if (field.schema?.foreign_key_table) return 'm2o';
  return field.type === 'alias' ? 'none' : field.type;
}

/** The names that suit a field, the one that it has among them. */
export function suiting(all: Record<string, Look>, field: FieldInfo, now: string | null | undefined): string[] {
  const own = sort(field);
  const found = Object.keys(all).filter((name) => all[name]?.fits.includes(own));
  return now && !found.includes(now) ? [now, ...found] : found;
}

/** Types that a stored column can be turned into, as far as its values allow it. */
export const TYPES = ['string', 'text', ...NUMBER, 'boolean', ...MOMENT, ...LIST, 'uuid', 'hash'];

/** Flags without which a type is not read as what it is. */
export const FLAGS: Record<string, string> = { boolean: 'cast-boolean', json: 'cast-json', csv: 'cast-csv', hash: 'hash' };

/** What a field of another type is marked by, beside what it is for. */
export function flagged(special: string[] | null | undefined, type: string): string[] | null {
  const kept = (special ?? []).filter((own) => !Object.values(FLAGS).includes(own));
  const flag = FLAGS[type];
  const all = flag ? [...kept, flag] : kept;
  return all.length ? all : null;
}
