// Every page of the Studio, for what is done with all of them: accessibility and pictures. A new page gets a line here.
import type { Page } from 'playwright-core';

import type { Person } from './server';

export interface Sight {
  name: string;
  /** Below the Studio's address. */
  path: string;
  /** Nobody where it is left out. */
  who?: Person;
  /** What is done before one looks. */
  prepare?: (page: Page) => Promise<void>;
  /** What is undone after one has looked, where those who look next would meet it. */
  undo?: (page: Page) => Promise<void>;
}

/** Of the demo project. */
const AUTHORS = '57998588-65b6-4989-9a62-0fb94a2e8c1f';
const WRITING = '28f68b9b-1b37-4712-8537-bdcef40b65b3';
const MANAGER = '1e4b34a2-460b-4f62-a82c-662537b086ff';

const rows = async (page: Page) => {
  await page.locator('[role=row][aria-rowindex="2"] .cell').first().waitFor();
};

/** Looks at a collection in another layout. */
const laidOut = (layout: string, shown: string) => async (page: Page) => {
  await page.getByRole('button', { name: 'Layout' }).click();
  const chosen = page.getByRole('radio', { name: layout });
  await chosen.check();
  await page.keyboard.press('Escape');
  await page.locator(shown).first().waitFor();
};

/** The exhibit's languages, once its controls are there. */
const sideBySide = async (page: Page) => {
  await page.getByRole('textbox', { name: 'Snippet' }).waitFor();
  const both = page.getByRole('button', { name: 'Side by side' });
  if (await both.isVisible()) await both.click();
};

const menu = async (page: Page, entry: string) => {
  await rows(page);
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: entry }).click();
  await page.getByRole('dialog').waitFor();
};

export const SIGHTS: Sight[] = [
  { name: 'sign-in', path: 'login' },
  { name: 'forgot-password', path: 'forgot-password' },
  { name: 'reset-password', path: 'reset-password?token=x' },
  { name: 'accept-invite', path: 'accept-invite?token=x' },
  { name: 'register', path: 'register' },
  { name: 'home', path: '', who: 'admin' },
  { name: 'home-author', path: '', who: 'author' },
  {
    name: 'palette',
    path: '',
    who: 'admin',
    prepare: async (page) => {
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox').waitFor();
    },
  },
  {
    name: 'shortcuts',
    path: '',
    who: 'admin',
    prepare: async (page) => {
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'grid', path: 'content/posts', who: 'admin', prepare: rows },
  { name: 'grid-author', path: 'content/posts', who: 'author', prepare: rows },
  {
    name: 'grid-changes',
    path: 'content/posts',
    who: 'admin',
    prepare: async (page) => {
      await rows(page);
      await page.getByRole('grid').focus();
      await page.keyboard.press('ArrowRight');
      await page.keyboard.type('Moss');
      await page.keyboard.press('Enter');
      await page.getByText('1 change').waitFor();
    },
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
  { name: 'item-new', path: 'content/posts/+', who: 'admin' },
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
      await menu(page, 'Import…');
      const buffer = Buffer.from('name,slug,color,nowhere\nRoofs,roofs,#2F6F4F,x\nBad one,Not a slug,,y\n');
      await page.getByRole('dialog').locator('input[type=file]').setInputFiles({ name: 'tags.csv', mimeType: 'text/csv', buffer });
      await page.getByRole('button', { name: 'Import', exact: true }).click();
      await page.getByText('Nothing was imported').waitFor();
    },
  },
  { name: 'export', path: 'content/posts?search=moss', who: 'admin', prepare: (page) => menu(page, 'Export…') },
  { name: 'singleton', path: 'content/site_settings', who: 'admin' },
  {
    name: 'second-factor',
    path: 'setup-2fa',
    who: 'admin',
    prepare: async (page) => {
      await page.getByLabel('Password', { exact: true }).fill('a-password-of-tests');
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByRole('img').waitFor();
    },
  },
  { name: 'account', path: 'account', who: 'admin', prepare: (page) => page.getByText('This one').waitFor() },
  { name: 'account-author', path: 'account', who: 'author', prepare: (page) => page.getByText('This one').waitFor() },
  { name: 'forgot-sent', path: 'forgot-password', prepare: async (page) => {
      await page.getByLabel('Email').fill('nobody@example.com');
      await page.getByRole('button', { name: 'Send link' }).click();
      await page.getByText('a message with a link is on its way').waitFor();
    },
  },
  { name: 'policies', path: 'access/policies', who: 'admin' },
  { name: 'roles', path: 'access/roles', who: 'admin' },
  { name: 'role', path: `access/roles/${AUTHORS}`, who: 'admin', prepare: (page) => page.getByText('Nora').first().waitFor() },
  { name: 'role-public', path: 'access/roles/public', who: 'admin' },
  { name: 'users', path: 'access/users', who: 'admin', prepare: (page) => page.getByText('Nora').first().waitFor() },
  { name: 'user', path: `access/users/${MANAGER}`, who: 'admin', prepare: (page) => page.getByLabel('First name').waitFor() },
  { name: 'policy-settings', path: `access/policies/${WRITING}?tab=settings`, who: 'admin', prepare: (page) => page.getByLabel('Name').waitFor() },
  { name: 'policy-holders', path: `access/policies/${WRITING}?tab=holders`, who: 'admin', prepare: (page) => page.getByText('Guest Author').last().waitFor() },
  {
    name: 'permissions',
    path: `access/policies/${WRITING}`,
    who: 'admin',
    prepare: async (page) => {
      await page.getByRole('gridcell', { name: /^Authors, Create/ }).focus();
      for (const key of ['Shift+ArrowDown', 'Shift+ArrowRight', 'a']) await page.keyboard.press(key);
      await page.getByRole('button', { name: 'System collections' }).click();
    },
  },
  {
    name: 'permission-items',
    path: `access/policies/${WRITING}`,
    who: 'admin',
    prepare: async (page) => {
      await page.getByRole('gridcell', { name: /^Posts, Update/ }).focus();
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'JSON' }).click();
      await page.getByText(/of 120 match/).waitFor();
    },
  },
  {
    name: 'permission-fields',
    path: `access/policies/${WRITING}`,
    who: 'admin',
    prepare: async (page) => {
      await page.getByRole('gridcell', { name: /^Posts, Create/ }).focus();
      await page.keyboard.press('Enter');
      await page.getByRole('dialog').getByText('Chosen fields').waitFor();
    },
  },
  {
    name: 'permission-review',
    path: `access/policies/${WRITING}`,
    who: 'admin',
    prepare: async (page) => {
      await page.getByRole('gridcell', { name: /^Posts, Read/ }).focus();
      await page.keyboard.press('a');
      await page.getByRole('gridcell', { name: /^Posts, Update/ }).focus();
      await page.keyboard.press('n');
      await page.getByRole('button', { name: 'Review' }).click();
      await page.getByText('can read').waitFor();
    },
  },
  { name: 'audit', path: 'access/audit', who: 'admin', prepare: (page) => page.getByText(/checks\./).waitFor() },
  {
    name: 'explain',
    path: 'access/roles/public',
    who: 'admin',
    prepare: async (page) => {
      await page.getByLabel('Collection', { exact: true }).selectOption('posts');
      await page.getByText('Allowed').waitFor();
    },
  },
  {
    name: 'view-as',
    path: `access/users/${MANAGER}`,
    who: 'admin',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'View as' }).click();
      await page.getByText('You see what Maren').waitFor();
    },
    undo: (page) => page.getByRole('button', { name: 'Stop viewing' }).click(),
  },
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
      path: `model/collections/posts?field=status`,
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
  { name: 'settings', path: 'settings', who: 'admin', prepare: (page) => page.getByLabel('Subtitle').waitFor() },
  { name: 'system', path: 'settings/system', who: 'admin', prepare: (page) => page.getByText('Database', { exact: true }).waitFor() },
  { name: 'activity', path: 'activity', who: 'admin', prepare: (page) => page.getByRole('table').waitFor() },
  { name: 'activity-author', path: 'activity', who: 'author' },
  {
    name: 'activity-event',
    path: 'activity',
    who: 'admin',
    prepare: async (page) => {
      await page.getByRole('table').getByRole('link').first().click();
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'not-found', path: 'nowhere', who: 'admin' },
];

/** Opens a page, and waits until nothing on it is on its way any more. */
export async function visit(page: Page, sight: Sight): Promise<void> {
  await page.goto(sight.path);
  await page.locator('h1, h2').first().waitFor();
  await sight.prepare?.(page);
  await page.waitForLoadState('networkidle');
}
