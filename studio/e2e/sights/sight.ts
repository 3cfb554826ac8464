// What a sight is, and what many of them need to come about.
import type { Page } from 'playwright-core';

import type { Person } from '../server';

export interface Sight {
  name: string;
  /** Below the Studio's address. */
  path: string;
  /** Nobody where it is left out. */
  who?: Person;
  /** What is done before the page is opened: answers in other words than the server's own hold until the next sight. */
  before?: (page: Page) => Promise<void>;
  /** What is done before one looks. */
  prepare?: (page: Page) => Promise<void>;
  /** What is undone after one has looked, where those who look next would meet it. */
  undo?: (page: Page) => Promise<void>;
}

/** People and policies of the demo project. */
export const AUTHORS = '57998588-65b6-4989-9a62-0fb94a2e8c1f';
export const WRITING = '28f68b9b-1b37-4712-8537-bdcef40b65b3';
export const MANAGER = '1e4b34a2-460b-4f62-a82c-662537b086ff';

/** The grid has rows. */
export const rows = async (page: Page) => {
  await page.locator('[role=row][aria-rowindex="2"] .cell').first().waitFor();
};

/** Opens a menu and takes one of its entries. */
export const fromMenu = async (page: Page, button: string, entry: string) => {
  await page.getByRole('button', { name: button, exact: true }).first().click();
  await page.getByRole('menuitem', { name: entry }).click();
};

/** From now on a question is answered otherwise: states that a project is seldom in. */
export async function instead(page: Page, path: string, told: unknown, status = 200): Promise<void> {
  await page.route(
    (url) => url.pathname === path,
    (route) => route.fulfill({ status, json: told }),
  );
}

/** From now on an answer is changed before it arrives. */
export async function amended<T>(page: Page, path: string, change: (told: T) => void): Promise<void> {
  await page.route(
    (url) => url.pathname === path,
    async (route) => {
      const response = await route.fetch();
      const told = (await response.json()) as { data: T };
      change(told.data);
      await route.fulfill({ response, json: told });
    },
  );
}

/** An error as the server tells it. */
export const refusal = (code: string, message: string) => ({ errors: [{ message, extensions: { code } }] });
