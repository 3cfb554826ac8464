// One item: every control, what is nested, what happened to it and what is said of it.
import type { Page } from 'playwright-core';

import { rows, type Sight } from './sight';

/** The exhibit's languages, once its controls are there. */
const sideBySide = async (page: Page) => {
  await page.getByRole('textbox', { name: 'Snippet' }).waitFor();
  const both = page.getByRole('button', { name: 'Side by side' });
  if (await both.isVisible()) await both.click();
};

/** A field at the top of what is seen. */
const upTo = (page: Page, name: string) => page.getByRole('group', { name }).evaluate((group) => group.scrollIntoView());

export const ITEM: Sight[] = [
  { name: 'peek', path: 'content/tags?peek=1', who: 'admin', prepare: rows },
  { name: 'item', path: 'content/posts/1', who: 'admin' },
  { name: 'item-author', path: 'content/posts/1', who: 'author' },
  {
    name: 'item-history',
    path: 'content/tags/1',
    who: 'admin',
    prepare: async (page) => {
      const name = page.getByRole('textbox', { name: /^Name/ });
      await name.fill(`Tag ${Date.now() % 1000}`);
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByText('Saved', { exact: true }).waitFor();
      await page.getByRole('button', { name: 'History' }).click();
      await page.getByRole('complementary', { name: 'History' }).locator('li').first().waitFor();
    },
  },
  {
    name: 'item-menu',
    path: 'content/posts/1',
    who: 'admin',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'More' }).click();
      await page.getByRole('menu').waitFor();
    },
  },
  {
    name: 'item-new',
    path: 'content/posts/+',
    who: 'admin',
    prepare: (page) => page.getByRole('textbox', { name: 'Title' }).waitFor(),
  },
  {
    name: 'item-controls',
    path: 'content/exhibits/1',
    who: 'admin',
    prepare: async (page) => {
      await page.getByRole('textbox', { name: 'Body' }).waitFor();
      await page.getByRole('textbox', { name: 'Snippet' }).waitFor();
    },
  },
  {
    name: 'item-controls-end',
    path: 'content/exhibits/1',
    who: 'admin',
    prepare: async (page) => {
      await sideBySide(page);
      await page.getByRole('group', { name: 'Translations' }).getByLabel('Language').last().scrollIntoViewIfNeeded();
      await page.getByRole('group', { name: 'Recipe' }).getByRole('button', { name: /^Prune/ }).click();
      await page.getByRole('group', { name: 'Recipe' }).evaluate((group) => group.scrollIntoView());
    },
  },
  {
    name: 'item-languages',
    path: 'content/exhibits/1',
    who: 'admin',
    prepare: async (page) => {
      await sideBySide(page);
      await page.getByRole('group', { name: 'Blocks' }).evaluate((group) => group.scrollIntoView());
    },
  },
  { name: 'item-html', path: 'content/exhibits/2', who: 'admin', prepare: (page) => page.getByText('<table>').waitFor() },
  {
    name: 'item-limits',
    path: 'content/tags/1',
    who: 'author',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'What you may not do here' }).click();
      await page.getByRole('button', { name: 'Why?' }).first().click();
    },
  },
  { name: 'singleton', path: 'content/site_settings', who: 'admin' },
  {
    name: 'item-choices',
    path: 'content/exhibits/1',
    who: 'admin',
    prepare: async (page) => {
      await page.getByRole('textbox', { name: 'Snippet' }).waitFor();
      await page.getByText('Shape', { exact: true }).evaluate((label) => label.scrollIntoView());
    },
  },
  {
    name: 'item-moments',
    path: 'content/exhibits/1',
    who: 'admin',
    prepare: async (page) => {
      await page.getByRole('textbox', { name: 'Snippet' }).waitFor();
      await page.getByText('Closes', { exact: true }).evaluate((label) => label.scrollIntoView());
    },
  },
  {
    name: 'item-related',
    path: 'content/posts/1',
    who: 'admin',
    prepare: async (page) => {
      await page.getByRole('group', { name: 'Tags' }).getByRole('button', { name: 'Add existing' }).click();
      await page.getByRole('group', { name: 'Tags' }).getByRole('combobox').waitFor();
      await upTo(page, 'Tags');
    },
  },
  {
    name: 'item-within',
    path: 'content/posts/1',
    who: 'admin',
    prepare: async (page) => {
      await page.getByRole('button', { name: /^Change / }).first().click();
      await page.getByRole('dialog').getByRole('textbox').first().waitFor();
    },
  },
  {
    name: 'item-end',
    path: 'content/posts/1',
    who: 'admin',
    prepare: async (page) => {
      await page.getByRole('group', { name: 'Tags' }).waitFor();
      await page.locator('.scroll').last().evaluate((own) => own.scrollTo(0, own.scrollHeight));
    },
  },
  {
    name: 'item-faults',
    path: 'content/exhibits/+',
    who: 'admin',
    prepare: async (page) => {
      await page.getByRole('textbox', { name: 'Slug' }).fill('9');
      await page.getByRole('button', { name: 'Create', exact: true }).click();
      await page.getByRole('alert').first().waitFor();
    },
  },
  {
    name: 'item-comments',
    path: 'content/posts/3',
    who: 'admin',
    prepare: async (page) => {
      await page.getByRole('button', { name: /comments?$/i }).click();
      const beside = page.getByRole('complementary', { name: 'Comments' });
      await beside.getByRole('textbox', { name: 'Comment' }).fill('The second paragraph says the same as the first.\nShall we leave it out?');
      await beside.getByRole('button', { name: 'Comment', exact: true }).click();
      await beside.locator('li').first().waitFor();
    },
  },
  {
    name: 'item-comments-none',
    path: 'content/posts/5',
    who: 'author',
    prepare: async (page) => {
      await page.getByRole('button', { name: /comments?$/i }).click();
      await page.getByText('No comments yet').waitFor();
    },
  },
  {
    name: 'item-history-peek',
    path: 'content/tags?peek=1',
    who: 'admin',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'History' }).click();
      await page.getByRole('complementary', { name: 'Item' }).locator('li').first().waitFor();
    },
  },
  { name: 'item-gone', path: 'content/posts/999999', who: 'admin' },
];
