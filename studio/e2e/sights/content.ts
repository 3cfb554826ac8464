// Collections in their layouts, and what is done with many items.
import type { Page } from 'playwright-core';

import { fromMenu, instead, rows, type Sight } from './sight';

/** Looks at a collection in another layout. */
const laidOut = (layout: string, shown: string) => async (page: Page) => {
  await page.getByRole('button', { name: 'Layout' }).click();
  const chosen = page.getByRole('radio', { name: layout });
  await chosen.check();
  await page.keyboard.press('Escape');
  await page.locator(shown).first().waitFor();
};

/** Types another title into the first post. */
const retitle = async (page: Page) => {
  await rows(page);
  await page.getByRole('grid').focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.type('Moss');
  await page.keyboard.press('Enter');
  await page.getByText('1 change').waitFor();
};

/** Marks the first rows. */
const mark = async (page: Page) => {
  await rows(page);
  for (const at of [2, 3, 4]) await page.locator(`[role=row][aria-rowindex="${at}"] input[type=checkbox]`).check();
};

export const CONTENT: Sight[] = [
  { name: 'grid', path: 'content/posts', who: 'admin', prepare: rows },
  { name: 'grid-author', path: 'content/posts', who: 'author', prepare: rows },
  {
    name: 'grid-changes',
    path: 'content/posts',
    who: 'admin',
    prepare: retitle,
  },
  {
    name: 'grid-filter',
    path: 'content/posts',
    who: 'admin',
    prepare: async (page) => {
      await rows(page);
      await page.getByRole('button', { name: 'Filter' }).click();
      await page.getByRole('button', { name: 'Add a condition' }).click();
    },
  },
  { name: 'grid-empty', path: 'content/posts?search=nothing-is-called-so', who: 'admin' },
  {
    name: 'grid-nothing',
    path: 'content/tags',
    who: 'admin',
    before: (page) => instead(page, '/items/tags', { data: [], meta: { filter_count: 0 } }),
    prepare: (page) => page.getByText('Nothing here yet').waitFor(),
  },
  { name: 'board', path: 'content/posts', who: 'manager', prepare: laidOut('Board', '[data-card]') },
  { name: 'cards', path: 'content/posts', who: 'manager', prepare: laidOut('Cards', '[data-card]') },
  { name: 'calendar', path: 'content/exhibits', who: 'admin', prepare: laidOut('Calendar', '[data-item]') },
  {
    name: 'layout',
    path: 'content/posts',
    who: 'manager',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Layout' }).click();
      await page.getByRole('radio', { name: 'Board' }).check();
    },
  },
  {
    name: 'import',
    path: 'content/tags',
    who: 'admin',
    prepare: async (page) => {
      await rows(page);
      await fromMenu(page, 'More', 'Import…');
      const buffer = Buffer.from('name,slug,color,nowhere\nRoofs,roofs,#2F6F4F,x\nBad one,Not a slug,,y\n');
      await page.getByRole('dialog').locator('input[type=file]').setInputFiles({ name: 'tags.csv', mimeType: 'text/csv', buffer });
      await page.getByRole('button', { name: 'Import', exact: true }).click();
      await page.getByText('Nothing was imported').waitFor();
    },
  },
  {
    name: 'export',
    path: 'content/posts?search=moss',
    who: 'admin',
    prepare: async (page) => {
      await rows(page);
      await fromMenu(page, 'More', 'Export…');
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'grid-review',
    path: 'content/posts',
    who: 'admin',
    prepare: async (page) => {
      await retitle(page);
      await page.getByRole('button', { name: 'Review' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'grid-selected', path: 'content/posts', who: 'admin', prepare: mark },
  {
    name: 'grid-bulk',
    path: 'content/posts',
    who: 'admin',
    prepare: async (page) => {
      await mark(page);
      await page.getByRole('button', { name: 'Edit', exact: true }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'grid-columns',
    path: 'content/posts',
    who: 'admin',
    prepare: async (page) => {
      await rows(page);
      await page.getByRole('button', { name: 'Layout' }).click();
      await page.getByRole('checkbox', { name: 'Slug' }).scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'grid-views',
    path: 'content/tags',
    who: 'manager',
    prepare: async (page) => {
      await rows(page);
      await page.getByRole('button', { name: 'Views' }).click();
      await page.getByRole('menu').waitFor();
    },
  },
  {
    name: 'grid-view-store',
    path: 'content/posts',
    who: 'admin',
    prepare: async (page) => {
      await rows(page);
      await fromMenu(page, 'Views', 'Store this view…');
      await page.getByRole('dialog').getByLabel('Name').fill('Waiting for review');
    },
  },
  {
    name: 'grid-delete',
    path: 'content/posts',
    who: 'admin',
    prepare: async (page) => {
      await mark(page);
      await page.getByRole('button', { name: 'Delete', exact: true }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'grid-none', path: 'content/exhibits?search=nothing-is-called-so', who: 'admin' },
];
