// A collection with a field for every control that the Studio has, and what such fields lead to. It is made through the API on a
// server that is already running, so that other tests see nothing of it.
import type { Server } from './server';

type Json = Record<string, unknown>;

const choices = (...values: string[]) => values.map((value) => ({ text: value.charAt(0).toUpperCase() + value.slice(1), value }));

const field = (name: string, type: string, face: string | null, options: Json | null = null, more: Json = {}, schema: Json = {}) => ({
  field: name,
  type,
  schema: type === 'alias' ? null : schema,
  meta: { interface: face, options, ...more },
});

const group = (name: string, face: string, options: Json | null = null, more: Json = {}) => field(name, 'alias', face, options, { special: ['alias', 'no-data', 'group'], ...more });
const show = (name: string, face: string, options: Json, more: Json = {}) => field(name, 'alias', face, options, { special: ['alias', 'no-data'], ...more });

const KEY = field('id', 'integer', 'input', null, { hidden: true }, { is_primary_key: true, has_auto_increment: true });

const TREE = [
  { text: 'Fruit', value: 'fruit', children: choices('fig', 'pear') },
  { text: 'Roots', value: 'roots', children: choices('beet', 'carrot') },
];

const ROWS = {
  fields: [
    { field: 'step', name: 'Step', type: 'string', meta: { interface: 'input', width: 'half' } },
    { field: 'minutes', name: 'Minutes', type: 'integer', meta: { interface: 'input', width: 'half' } },
    { field: 'how', name: 'How', type: 'text', meta: { interface: 'input-multiline' } },
  ],
  template: '{{step}}, {{minutes}} minutes',
};

const VALIDATED = { validation: { _and: [{ slug: { _regex: '^[a-z-]+$' } }] }, validation_message: 'Small letters and hyphens only.' };

const FIELDS = [
  KEY,
  field('title', 'string', 'input', null, { required: true, width: 'half' }),
  field('slug', 'string', 'input', { slug: true, font: 'monospace' }, { width: 'half', ...VALIDATED }),
  field('status', 'string', 'select-dropdown', { choices: [{ text: 'Draft', value: 'draft', color: '#8A94A3' }, { text: 'On show', value: 'shown', color: '#2F8F5B' }, { text: 'Archived', value: 'archived' }] }, { width: 'half' }, { default_value: 'draft' }),
  field('opens', 'date', 'datetime', null, { width: 'half' }),
  show('about', 'presentation-divider', { title: 'About it', icon: 'info' }),
  show('hint', 'presentation-notice', { text: 'Everything here is shown to visitors.', color: 'warning' }),
  field('body', 'text', 'input-rich-text-html', { toolbar: ['bold', 'italic', 'underline', 'bullist', 'numlist', 'blockquote', 'customLink', 'code'] }),
  field('notes', 'text', 'input-rich-text-md'),
  field('recipe', 'json', 'list', ROWS, { special: ['cast-json'] }),
  field('settings', 'json', 'input-code', { language: 'json' }, { special: ['cast-json'] }),
  field('snippet', 'text', 'input-code', { language: 'javascript' }),
  group('choosing', 'group-detail', { start: 'open' }),
  field('shape', 'string', 'select-radio', { choices: choices('round', 'square', 'long') }, { group: 'choosing' }),
  field('marks', 'json', 'select-multiple-checkbox', { choices: choices('new', 'rare', 'fragile'), allowOther: true }, { group: 'choosing', special: ['cast-json'], width: 'half' }),
  field('rooms', 'json', 'select-multiple-dropdown', { choices: choices('attic', 'cellar', 'garden', 'hall') }, { group: 'choosing', special: ['cast-json'], width: 'half' }),
  field('kinds', 'json', 'select-multiple-checkbox-tree', { choices: TREE, valueCombining: 'branch' }, { group: 'choosing', special: ['cast-json'], width: 'half' }),
  field('words', 'csv', 'tags', { presets: ['shade', 'sun'], capitalization: 'lowercase' }, { group: 'choosing', special: ['cast-csv'], width: 'half' }),
  field('color', 'string', 'select-color', { presets: [{ name: 'Fern', color: '#2F6F4F' }, { name: 'Plum', color: '#6B5B95' }] }, { group: 'choosing', width: 'half' }),
  field('symbol', 'string', 'select-icon', null, { group: 'choosing', width: 'half' }),
  field('height', 'integer', 'slider', { minValue: 0, maxValue: 200, stepInterval: 5 }, { group: 'choosing', width: 'half' }),
  field('weight', 'decimal', 'input', null, { group: 'choosing', width: 'half' }, { numeric_precision: 8, numeric_scale: 2 }),
  field('open_air', 'boolean', 'boolean', { label: 'In the open' }, { group: 'choosing', width: 'half', special: ['cast-boolean'] }, { default_value: false }),
  field('roof', 'string', 'input', null, {
    group: 'choosing',
    width: 'half',
    conditions: [{ name: 'under the sky', rule: { _and: [{ open_air: { _eq: true } }] }, hidden: true }],
  }),
  group('times', 'group-accordion', { start: 'first' }),
  group('days', 'group-raw', null, { group: 'times' }),
  group('hours', 'group-raw', null, { group: 'times' }),
  field('closes', 'date', 'datetime', null, { group: 'days', width: 'half' }),
  field('begins', 'dateTime', 'datetime', null, { group: 'days', width: 'half' }),
  field('tour', 'time', 'datetime', null, { group: 'hours', width: 'half' }),
  field('seen', 'timestamp', 'datetime', { includeSeconds: true }, { group: 'hours', width: 'half' }),
  field('uid', 'uuid', 'input', null, { special: ['uuid'], readonly: true, width: 'half' }),
  field('secret', 'hash', 'input-hash', { masked: true }, { special: ['hash', 'conceal'], width: 'half' }),
  field('keeper', 'uuid', 'select-dropdown-m2o', { template: '{{first_name}} {{last_name}}' }, { special: ['m2o'], display: 'user', width: 'half' }),
  field('plan', 'uuid', 'file', null, { special: ['file'], width: 'half' }),
  show('more', 'presentation-header', { title: 'More of it', subtitle: 'What stands beside it, and in other languages.' }),
  show('elsewhere', 'presentation-links', {
    links: [
      { label: 'On the website', url: 'https://example.com/{{slug}}', type: 'primary' },
      { label: 'How to write', url: 'https://example.com/style' },
    ],
  }),
  field('teaser', 'text', 'input-multiline', { softLength: 80 }, { note: 'Shown in lists.' }),
  field('blocks', 'alias', 'list-m2a', null, { special: ['m2a'] }),
  field('translations', 'alias', 'translations', { languageField: 'name', languageDirectionField: 'direction', defaultLanguage: 'en-US' }, { special: ['translations'] }),
];

/** Makes the collections and a few items; the server is answered. */
export async function exhibit(server: Server): Promise<Server> {
  const post = (path: string, body: unknown) => server.ask<Json>('admin', 'POST', path, body);
  const collection = (name: string, fields: unknown[], meta: Json = {}) => post('/collections', { collection: name, schema: {}, meta, fields });
  const relation = (name: string, own: string, related: string | null, meta: Json = {}, schema: Json | null = { on_delete: 'CASCADE' }) =>
    post('/relations', { collection: name, field: own, related_collection: related, schema: related ? schema : null, meta });

  await collection('languages', [field('code', 'string', 'input', null, {}, { is_primary_key: true }), field('name', 'string', 'input'), field('direction', 'string', 'input')], { hidden: true });
  await collection('texts', [KEY, field('headline', 'string', 'input')], { hidden: true });
  await collection('quotes', [KEY, field('headline', 'string', 'input'), field('by', 'string', 'input')], { hidden: true });
  await collection('exhibits', FIELDS, {
    icon: 'category',
    archive_field: 'status',
    archive_value: 'archived',
    unarchive_value: 'draft',
    archive_app_filter: true,
    display_template: '{{title}}',
    versioning: false,
  });
  await collection('exhibits_blocks', [KEY, field('exhibits_id', 'integer', null, null, { hidden: true }), field('item', 'string', null, null, { hidden: true }), field('collection', 'string', null, null, { hidden: true }), field('sort', 'integer', null, null, { hidden: true })], { hidden: true });
  await collection('exhibits_translations', [KEY, field('exhibits_id', 'integer', null, null, { hidden: true }), field('languages_code', 'string', null, null, { hidden: true }), field('name', 'string', 'input'), field('summary', 'text', 'input-multiline')], { hidden: true });
  await relation('exhibits', 'keeper', 'directus_users', {}, { on_delete: 'SET NULL' });
  await relation('exhibits', 'plan', 'directus_files', {}, { on_delete: 'SET NULL' });
  await relation('exhibits_blocks', 'exhibits_id', 'exhibits', { one_field: 'blocks', junction_field: 'item', sort_field: 'sort', one_deselect_action: 'delete' });
  await relation('exhibits_blocks', 'item', null, { one_allowed_collections: ['texts', 'quotes'], one_collection_field: 'collection', junction_field: 'exhibits_id' });
  await relation('exhibits_translations', 'exhibits_id', 'exhibits', { one_field: 'translations', junction_field: 'languages_code', one_deselect_action: 'delete' });
  await relation('exhibits_translations', 'languages_code', 'languages', { junction_field: 'exhibits_id' });

  await post('/items/languages', [
    { code: 'en-US', name: 'English', direction: 'ltr' },
    { code: 'de-DE', name: 'German', direction: 'ltr' },
    { code: 'ar-SA', name: 'Arabic', direction: 'rtl' },
  ]);
  await post('/items/texts', [{ headline: 'A word of welcome' }, { headline: 'How it was found' }]);
  await post('/items/exhibits', ITEMS);
  return server;
}

/** This month, so that calendars have something to show. */
const day = (date: string) => `${new Date().toISOString().slice(0, 7)}-${date}`;

const ITEMS = [
  {
    title: 'The fig in the wall',
    slug: 'fig-in-the-wall',
    status: 'shown',
    opens: day('10'),
    body: '<h2>Grown from a crack</h2><p>Nobody <strong>planted</strong> it. It came with <a href="https://example.com/birds">the birds</a>.</p><ul><li>Leaves in May</li><li>Fruit in September</li></ul>',
    notes: '# Care\n\nWater *seldom*.\n\n- prune in March\n- feed in June\n\n<img src="https://elsewhere.example/x.png" alt="a picture" onerror="alert(1)">',
    recipe: [
      { step: 'Prune', minutes: 30, how: 'Above the second bud.' },
      { step: 'Feed', minutes: 10, how: null },
    ],
    settings: { light: 'south', frost: false, liters: 2 },
    snippet: 'export const ripe = (month) => month > 8;',
    shape: 'round',
    marks: ['rare'],
    rooms: ['garden', 'hall'],
    kinds: ['fruit'],
    words: ['sun', 'wall'],
    color: '#2F6F4F',
    symbol: 'star',
    teaser: 'A tree that nobody planted, in a wall that nobody repaired, bears more fruit than all the others.',
    height: 120,
    weight: '12.50',
    open_air: true,
    closes: day('20'),
    begins: `${day('10')}T09:00:00`,
    tour: '14:30:00',
    seen: `${day('11')}T08:15:30Z`,
    blocks: [
      { collection: 'texts', item: '1', sort: 1 },
      { collection: 'quotes', item: { headline: 'It was always there', by: 'A neighbour' }, sort: 2 },
    ],
    translations: [{ languages_code: 'en-US', name: 'The fig in the wall', summary: 'A tree nobody planted.' }],
  },
  { title: 'Kept as it was', slug: 'kept', status: 'draft', opens: day('12'), body: '<table><tbody><tr><td>More than the editor knows</td></tr></tbody></table>' },
  { title: 'Moss', slug: 'moss', status: 'draft', opens: day('10') },
  { title: 'Put away', slug: 'put-away', status: 'archived', opens: day('15') },
];
