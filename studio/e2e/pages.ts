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
}

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
  { name: 'not-found', path: 'nowhere', who: 'admin' },
];

/** Opens a page, and waits until nothing on it is on its way any more. */
export async function visit(page: Page, sight: Sight): Promise<void> {
  await page.goto(sight.path);
  await page.locator('h1, h2').first().waitFor();
  await sight.prepare?.(page);
  await page.waitForLoadState('networkidle');
}
