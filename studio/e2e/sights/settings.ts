// The project's settings, one's own account, the system, and what happened.
import type { Sight } from './sight';

export const SETTINGS: Sight[] = [
  { name: 'account', path: 'account', who: 'admin', prepare: (page) => page.getByText('This one').waitFor() },
  { name: 'account-author', path: 'account', who: 'author', prepare: (page) => page.getByText('This one').waitFor() },
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
  { name: 'account-end', path: 'account', who: 'admin', prepare: (page) => page.getByText('This one').scrollIntoViewIfNeeded() },
  ...['look', 'security', 'registration'].map(
    (section): Sight => ({
      name: `settings-${section}`,
      path: `settings?section=${section}`,
      who: 'admin',
      prepare: (page) => page.locator(`#${section}`).waitFor(),
    }),
  ),
  {
    name: 'settings-language',
    path: 'settings',
    who: 'admin',
    prepare: async (page) => {
      await page.getByRole('combobox', { name: 'Language' }).click();
      await page.getByRole('listbox').waitFor();
    },
  },
  {
    name: 'settings-changed',
    path: 'settings',
    who: 'admin',
    prepare: async (page) => {
      await page.getByLabel('Subtitle').fill('A garden magazine');
    },
  },
  {
    name: 'settings-none',
    path: 'settings',
    who: 'admin',
    prepare: async (page) => {
      await page.getByLabel('Subtitle').waitFor();
      await page.locator('.page-tools input').fill('nothing is called so');
    },
  },
  { name: 'activity-none', path: 'activity?item=nowhere&collection=posts', who: 'admin' },
];
