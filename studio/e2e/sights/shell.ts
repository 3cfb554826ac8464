// What is there wherever one is: the beginning, the palette, other eyes, and when something is in the way.
import type { Page } from 'playwright-core';

import { amended, instead, MANAGER, refusal, rows, type Sight } from './sight';

/** A project without any collection of its own. */
const nothingThere = (page: Page) =>
  amended<{ collections: { collection: string }[] }>(page, '/studio/boot', (told) => {
    told.collections = told.collections.filter((own) => own.collection.startsWith('directus_'));
  });

export const SHELL: Sight[] = [
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
    name: 'palette-found',
    path: '',
    who: 'admin',
    prepare: async (page) => {
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox').fill('po');
      await page.getByRole('option', { name: /Posts/ }).first().waitFor();
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
  { name: 'not-found', path: 'nowhere', who: 'admin' },
  { name: 'home-nothing', path: '', who: 'admin', before: nothingThere },
  { name: 'home-nothing-author', path: '', who: 'author', before: nothingThere },
  {
    name: 'navigation',
    path: 'content/posts',
    who: 'admin',
    prepare: async (page) => {
      await rows(page);
      // On a desk it stands there already, and the button would hide it.
      if (!(await page.getByRole('navigation', { name: 'Collections' }).isVisible())) await page.getByRole('button', { name: 'Navigation' }).click();
    },
  },
  {
    name: 'account-menu',
    path: '',
    who: 'author',
    prepare: async (page) => {
      await page.getByRole('button', { name: /^Account/ }).click();
      await page.getByRole('menu').waitFor();
    },
  },
  {
    name: 'view-as-who',
    path: '',
    who: 'admin',
    prepare: async (page) => {
      await page.getByRole('button', { name: /^Account/ }).click();
      await page.getByRole('menuitem', { name: 'View as' }).click();
      await page.getByRole('combobox', { name: 'Whose eyes' }).waitFor();
    },
  },
  {
    name: 'view-as-choices',
    path: '',
    who: 'admin',
    prepare: async (page) => {
      await page.getByRole('button', { name: /^Account/ }).click();
      await page.getByRole('menuitem', { name: 'View as' }).click();
      await page.getByRole('combobox', { name: 'Whose eyes' }).fill('a');
      await page.getByRole('option', { name: /Maren/ }).waitFor();
    },
  },
  {
    name: 'view-as-public',
    path: 'access/roles/public',
    who: 'admin',
    prepare: async (page) => {
      await page.getByRole('button', { name: 'View as' }).click();
      await page.getByText('You see what').waitFor();
      await page.goto('content/posts');
      await rows(page);
    },
    undo: (page) => page.getByRole('button', { name: 'Stop viewing' }).click(),
  },
  {
    name: 'no-studio',
    path: '',
    who: 'author',
    before: (page) => amended<{ globals: { app_access: boolean } }>(page, '/studio/boot', (told) => (told.globals.app_access = false)),
  },
  { name: 'forbidden', path: 'access/policies', who: 'author' },
  {
    name: 'unreachable',
    path: '',
    who: 'author',
    before: async (page) => {
      await page.route('**/studio/boot', (route) => route.abort());
    },
  },
  {
    name: 'offline',
    path: 'content/posts',
    who: 'author',
    prepare: async (page) => {
      await rows(page);
      await page.route(/\/(studio\/changes|server\/ping)/, (route) => route.abort());
      await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
      await page.getByText('The server cannot be reached').waitFor();
    },
  },
  {
    name: 'expired',
    path: 'content/posts',
    who: 'author',
    prepare: async (page) => {
      await rows(page);
      for (const path of ['/auth/refresh', '/studio/changes']) await instead(page, path, refusal('TOKEN_EXPIRED', 'Token expired.'), 401);
      await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
      await page.getByRole('dialog', { name: 'Your session is over' }).waitFor();
    },
  },
  {
    name: 'unsaved',
    path: 'content/tags/1',
    who: 'admin',
    prepare: async (page) => {
      await page.getByRole('textbox', { name: /^Name/ }).fill('Something else');
      await page.getByRole('navigation', { name: 'Modules' }).getByRole('link', { name: 'Activity' }).click();
      await page.getByRole('dialog').waitFor();
    },
    undo: async (page) => {
      await page.getByRole('dialog').getByRole('button', { name: 'Leave' }).click();
    },
  },
];
