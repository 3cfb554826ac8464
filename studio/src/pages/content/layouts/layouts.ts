// The ways in which a collection's items are laid out, and what each of them shows. Names of layouts and of what is chosen for
// them are those that projects hold in their stored views.
import type { FieldInfo, Item } from '../../../lib/model';
import { project } from '../../../lib/project.svelte';
import { named, templateOf } from '../../../lib/template';
import { choices, kind, type Kind } from '../../../lib/values';
import { asked, column } from '../grid/columns';
import type { View } from '../grid/view.svelte';

export type Layout = 'tabular' | 'cards' | 'calendar' | 'kanban';
export type Options = Record<string, string | null>;

/** What a layout is given that asks for its items by itself. */
export interface LayoutProps {
  view: View;
  question: string;
  /** Another one whenever everything has to be asked for again. */
  epoch: number;
  ontotal: (total: number) => void;
  onopen: (row: Item, how: 'peek' | 'page') => void;
}

/** Something that can be chosen for a layout: a field of some kinds. */
export interface Option {
  name: string;
  kinds: Kind[];
  /** Without it the layout makes no sense. */
  needed?: boolean;
}

const DATES: Kind[] = ['date', 'dateTime', 'timestamp'];
const ANY: Kind[] = ['text', 'long', 'number', 'date', 'dateTime', 'timestamp', 'choice', 'm2o', 'color', 'boolean'];

export const OPTIONS: Record<Exclude<Layout, 'tabular'>, Option[]> = {
  cards: [
    { name: 'title', kinds: ANY },
    { name: 'subtitle', kinds: ANY },
    { name: 'text', kinds: ['text', 'long'] },
  ],
  calendar: [
    { name: 'startDateField', kinds: DATES, needed: true },
    { name: 'endDateField', kinds: DATES },
    { name: 'template', kinds: ANY },
  ],
  kanban: [
    { name: 'groupField', kinds: ['choice'], needed: true },
    { name: 'titleField', kinds: ANY },
    { name: 'textField', kinds: ['text', 'long'] },
    { name: 'dateField', kinds: DATES },
    { name: 'tagsField', kinds: ['tags', 'choices'] },
    { name: 'userField', kinds: ['m2o'] },
  ],
};

/** Options that hold a template rather than a field's name. */
const TEMPLATES = new Set(['title', 'subtitle', 'template']);

/** Names of fields by which projects say what state an item is in. */
const STATES = ['status', 'state', 'stage', 'phase'];

export const isLayout = (name: unknown): name is Layout => name === 'tabular' || name === 'cards' || name === 'calendar' || name === 'kanban';

function fitting(collection: string, kinds: Kind[]): FieldInfo[] {
  return project.fields(collection).filter((field) => kinds.includes(kind(field)) && project.may('read', collection, field.field));
}

/** The fields that can be chosen for an option. */
export function fieldsFor(collection: string, option: Option): FieldInfo[] {
  const fits = fitting(collection, option.kinds);
  return option.name === 'groupField' ? fits.filter((field) => choices(field).length > 0) : fits;
}

/** The layouts that a collection has the fields for. */
export function layoutsOf(collection: string): Layout[] {
  const able = (Object.keys(OPTIONS) as (keyof typeof OPTIONS)[]).filter((layout) =>
    OPTIONS[layout].every((option) => !option.needed || fieldsFor(collection, option).length > 0),
  );
  return ['tabular', ...able];
}

/** What a layout shows until somebody chooses. */
export function beginning(collection: string, layout: Layout): Options {
  const template = templateOf(collection);
  const first = (name: string, kinds: Kind[]) => fieldsFor(collection, { name, kinds }).filter((field) => !field.meta?.hidden)[0]?.field ?? fieldsFor(collection, { name, kinds })[0]?.field ?? null;
  const long = first('textField', ['long']);
  switch (layout) {
    case 'cards': {
      const state = fieldsFor(collection, { name: 'groupField', kinds: ['choice'] })[0]?.field;
      return { title: template, subtitle: state ? `{{${state}}}` : null, text: long };
    }
    case 'calendar': {
      // What is planned says more than when something was typed.
      const dates = fitting(collection, DATES);
      const planned = dates.find((field) => !field.meta?.special?.some((own) => own.startsWith('date-'))) ?? dates[0];
      return { startDateField: planned?.field ?? null, endDateField: null, template };
    }
    case 'kanban': {
      const groups = fieldsFor(collection, { name: 'groupField', kinds: ['choice'] });
      const group = groups.find((field) => STATES.includes(field.field)) ?? groups[0];
      return { groupField: group?.field ?? null, titleField: null, textField: long, dateField: null, tagsField: null, userField: null };
    }
    default:
      return {};
  }
}

/** What has to be asked for. */
export function asksOf(collection: string, layout: Layout, options: Options): string[] {
  if (layout === 'tabular') return [];
  const templates = [templateOf(collection), ...[...TEMPLATES].map((name) => options[name] ?? '')];
  const fields = Object.entries(options).filter(([name, value]) => value && !TEMPLATES.has(name)).map(([, value]) => String(value));
  const paths = templates.flatMap(named).filter((path) => project.may('read', collection, path.split('.')[0]));
  const plain = [...fields, ...paths.filter((path) => !path.includes('.'))].flatMap((name) => {
    const own = column(collection, name, undefined);
    return own && project.may('read', collection, name) ? asked(own) : [];
  });
  return [...new Set([...plain, ...paths.filter((path) => path.includes('.'))])];
}

/** The field that a template consists of, if it is no more than that. */
export function onlyField(template: string | null | undefined): string | null {
  const names = named(template ?? '');
  return names.length === 1 && template?.trim() === `{{${names[0] ?? ''}}}` ? (names[0] ?? null) : null;
}

export const isTemplate = (option: string) => TEMPLATES.has(option);
