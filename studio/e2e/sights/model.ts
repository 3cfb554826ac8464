// The data model: its lists, its diagram, its wizard, and what a change would do.
import type { Page } from 'playwright-core';

import { amended, type Sight } from './sight';

/** What a new field would change is told. */
const planned = (page: Page) => page.locator('dialog button[type=submit]:enabled').waitFor();

export const MODEL: Sight[] = [
  { name: 'model', path: 'model', who: 'admin', prepare: (page) => page.getByRole('list', { name: 'Collections' }).waitFor() },
  {
    name: 'model-new-collection',
    path: 'model?new=1',
    who: 'admin',
    prepare: async (page) => {
      await page.getByRole('dialog').getByLabel('Name').fill('Recipes');
      await page.getByRole('checkbox', { name: 'Status' }).check();
      await page.getByText('Table recipes is made').waitFor();
    },
  },
  { name: 'model-fields', path: 'model/collections/posts', who: 'admin', prepare: (page) => page.getByRole('list', { name: 'Fields' }).waitFor() },
  { name: 'model-settings', path: 'model/collections/posts?tab=settings', who: 'admin', prepare: (page) => page.getByLabel('Items are called').waitFor() },
  ...['general', 'look', 'column', 'rules'].map(
    (tab): Sight => ({
      name: `model-field-${tab}`,
      path: 'model/collections/posts?field=status',
      who: 'admin',
      prepare: async (page) => {
        const names: Record<string, string> = { general: 'General', look: 'Appearance', column: 'Column', rules: 'Rules' };
        await page.getByRole('dialog').getByRole('tab', { name: names[tab] }).click();
      },
    }),
  ),
  {
    name: 'model-field-relation',
    path: 'model/collections/posts?field=author',
    who: 'admin',
    prepare: (page) => page.getByRole('dialog').getByRole('tab', { name: 'Relation' }).click(),
  },
  { name: 'model-new-field', path: 'model/collections/posts?add=field', who: 'admin', prepare: (page) => page.getByRole('dialog').waitFor() },
  {
    name: 'model-new-relation',
    path: 'model/collections/posts?add=m2m&to=categories',
    who: 'admin',
    prepare: async (page) => {
      await page.getByRole('dialog').getByLabel('Name', { exact: true }).fill('Topics');
      await page.getByText(/^Table posts_categories/).waitFor();
    },
  },
  {
    name: 'model-delete',
    path: 'model/collections/comments',
    who: 'admin',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'More' }).click();
      await page.getByRole('menuitem', { name: 'Delete' }).click();
      await page.getByText(/Table comments goes/).waitFor();
    },
  },
  { name: 'model-diagram', path: 'model/diagram', who: 'admin', prepare: (page) => page.getByRole('group', { name: 'Collections and their relations' }).waitFor() },
  { name: 'model-snapshot', path: 'model/snapshot', who: 'admin', prepare: (page) => page.getByRole('button', { name: 'YAML' }).waitFor() },
  {
    name: 'model-nothing',
    path: 'model',
    who: 'admin',
    before: (page) =>
      amended<{ collections: { collection: string }[] }>(page, '/studio/boot', (told) => {
        told.collections = told.collections.filter((own) => own.collection.startsWith('directus_'));
      }),
  },
  {
    name: 'model-folder',
    path: 'model',
    who: 'admin',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'New folder' }).click();
      await page.getByRole('dialog').getByRole('textbox').first().fill('Archive');
    },
  },
  {
    name: 'model-wizard-text',
    path: 'model/collections/posts?add=text',
    who: 'admin',
    prepare: async (page) => {
      await page.getByRole('dialog').getByLabel('Name', { exact: true }).fill('Subtitle');
      await planned(page);
    },
  },
  {
    name: 'model-wizard-status',
    path: 'model/collections/tags?add=field',
    who: 'admin',
    prepare: async (page) => {
      await page.getByRole('button', { name: /^Status/ }).click();
      await planned(page);
    },
  },
  {
    name: 'model-wizard-begun',
    path: 'model/collections/tags?add=status',
    who: 'admin',
    prepare: planned,
  },
  {
    name: 'model-wizard-translations',
    path: 'model/collections/posts?add=field',
    who: 'admin',
    prepare: async (page) => {
      await page.getByRole('button', { name: /^Translations/ }).click();
      await page.getByText(/^Table posts_translations/).first().waitFor();
    },
  },
  {
    name: 'model-wizard-blocks',
    path: 'model/collections/posts?add=m2a',
    who: 'admin',
    prepare: (page) => page.getByRole('group', { name: 'Which collections' }).waitFor(),
  },
  {
    name: 'model-field-change',
    path: 'model/collections/posts?field=title',
    who: 'admin',
    prepare: async (page) => {
      await page.getByRole('dialog').getByRole('tab', { name: 'Column' }).click();
      await page.getByRole('checkbox', { name: /^Unique|Unique/ }).or(page.getByRole('switch', { name: 'Unique' })).first().check();
      await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
      await page.getByRole('button', { name: 'Change it' }).waitFor();
    },
  },
  {
    name: 'model-settings-end',
    path: 'model/collections/posts?tab=settings',
    who: 'admin',
    prepare: (page) => page.getByLabel('Preview').scrollIntoViewIfNeeded(),
  },
  { name: 'model-folder-settings', path: 'model/collections/website?tab=settings', who: 'admin' },
  {
    name: 'model-snapshot-difference',
    path: 'model/snapshot',
    who: 'admin',
    prepare: async (page) => {
      const told = (await (await page.request.get('../schema/snapshot')).json()) as { data: { collections: unknown[]; fields: { collection: string; field: string }[] } };
      told.data.fields = told.data.fields.filter((own) => !(own.collection === 'tags' && own.field === 'color'));
      const buffer = Buffer.from(JSON.stringify(told.data));
      await page.locator('input[type=file]').setInputFiles({ name: 'model.json', mimeType: 'application/json', buffer });
      await page.getByRole('region', { name: 'What this changes' }).waitFor();
    },
  },
  { name: 'model-gone', path: 'model/collections/nowhere', who: 'admin' },
];
