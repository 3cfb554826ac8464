// Items from files and into files, and many of them changed at once.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { as as visit, cell, launch } from './browser';
import { start, type Person, type Server } from './server';

let server: Server;
let browser: Awaited<ReturnType<typeof launch>>;
let folder: string;

beforeAll(async () => {
  [server, browser, folder] = await Promise.all([start(), launch(), mkdtemp(join(tmpdir(), 'aedile-files-'))]);
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

const as = (who: Person, path: string, act: (page: Page) => Promise<void>) => visit(browser, server, who, path, act);
const count = async (filter = '') => {
  const [told] = await server.ask<{ count: number }[]>('admin', 'GET', `/items/tags?aggregate[count]=*${filter}`);
  return Number(told?.count);
};

async function file(name: string, text: string): Promise<string> {
  await writeFile(join(folder, name), text);
  return join(folder, name);
}

async function begin(page: Page, path: string): Promise<void> {
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Import…' }).click();
  await page.getByRole('dialog').locator('input[type=file]').setInputFiles(path);
}

test('1,000 rows are imported from a CSV file, and 200 of them are changed in one request', async () => {
  const rows = Array.from({ length: 1000 }, (_, at) => `"Import ${at + 1}",import-${at + 1},#2F6F4F`);
  const path = await file('tags.csv', `name,slug,color\n${rows.join('\n')}\n`);
  const before = await count();
  await as('admin', 'content/tags', async (page) => {
    await cell(page, 0, 0).waitFor();
    await begin(page, path);
    const dialog = page.getByRole('dialog');
    await dialog.getByText('1,000 rows').waitFor();
    await dialog.getByRole('row').filter({ hasText: 'slug' }).getByText('import-1 ·').waitFor();
    await dialog.getByRole('button', { name: 'Import', exact: true }).click();
    await page.getByText('1,000 rows imported').waitFor();
    expect(await count()).toBe(before + 1000);

    await page.getByRole('searchbox', { name: 'Search' }).fill('Import');
    await page.getByText('1,000', { exact: true }).waitFor();
    await cell(page, 0, 0).getByText('Import 1', { exact: true }).waitFor();
    await page.getByRole('grid').getByRole('checkbox', { name: 'Select', exact: true }).first().click();
    await page.getByRole('grid').focus();
    await page.getByRole('grid').evaluate((grid) => (grid.scrollTop = 199 * 36 - 200));
    await page.locator('[aria-rowindex="201"]').getByRole('checkbox').click({ modifiers: ['Shift'] });
    await page.getByText('200 selected').waitFor();
    await page.getByRole('status').getByRole('button', { name: 'Edit' }).click();
    await dialog.getByLabel('Field').selectOption({ label: 'Color' });
    await dialog.getByRole('textbox', { name: 'New value', exact: true }).fill('#6B5B95');
    await dialog.getByRole('button', { name: 'Apply' }).click();
    await page.getByText('200 changes').waitFor();
    await page.getByRole('button', { name: 'Review' }).click();
    await dialog.getByText('#2F6F4F').first().waitFor();
    const sent: string[] = [];
    page.on('request', (request) => {
      if (!['GET', 'SEARCH'].includes(request.method())) sent.push(`${request.method()} ${new URL(request.url()).pathname}`);
    });
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText('200 items saved').waitFor();
    expect(sent.filter((own) => own.includes('/items/'))).toEqual(['PATCH /items/tags']);
    expect(await count('&filter[color][_eq]=%236B5B95&filter[name][_starts_with]=Import')).toBe(200);
  });
});

test('a file with faults is refused whole, and its rows are told', async () => {
  const before = await count();
  const path = await file('faults.csv', 'name;slug\nGood;good-one\nBad;Not A Slug\n');
  await as('admin', 'content/tags', async (page) => {
    await cell(page, 0, 0).waitFor();
    await begin(page, path);
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Import', exact: true }).click();
    await dialog.getByText('Nothing was imported').waitFor();
    await dialog.getByText(/^row 2/).waitFor();
    expect(await count()).toBe(before);
    await dialog.locator('input[type=file]').setInputFiles(await file('picture.png', 'no picture'));
    await dialog.getByText('A CSV or a JSON file is needed.').waitFor();
    await dialog.locator('input[type=file]').setInputFiles(await file('more.json', '[{"name": "By JSON", "slug": "by-json", "nowhere": 1}]'));
    await dialog.getByText('No such field: left out').waitFor();
    await dialog.getByRole('button', { name: 'Import', exact: true }).click();
    await page.getByText('One row imported').waitFor();
    expect(await count()).toBe(before + 1);
  });
});

test('what is shown is exported with the fields that are chosen', async () => {
  await as('admin', 'content/tags?search=Recipes', async (page) => {
    await cell(page, 0, 0).getByText('Recipes').waitFor();
    const take = async (format: string) => {
      await page.getByRole('button', { name: 'More' }).click();
      await page.getByRole('menuitem', { name: 'Export…' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('radio', { name: format }).check();
      await dialog.getByRole('button', { name: 'None' }).click();
      await dialog.getByRole('checkbox', { name: 'Name', exact: true }).check();
      await dialog.getByRole('checkbox', { name: 'Slug', exact: true }).check();
      const [download] = await Promise.all([page.waitForEvent('download'), dialog.getByRole('button', { name: 'Export', exact: true }).click()]);
      expect(download.suggestedFilename()).toBe(`tags.${format.toLowerCase()}`);
      return readFile(await download.path(), 'utf8');
    };
    const csv = await take('CSV');
    expect(csv.split('\n')[0]).toBe('"name","slug"');
    expect(csv).toContain('"Recipes"');
    expect(JSON.parse(await take('JSON'))).toEqual([{ name: 'Recipes', slug: 'recipes' }]);
    expect(await take('XML')).toContain('<name>Recipes</name>');
    expect(await take('YAML')).toContain('name: Recipes');
  });
});

test('who may not write is offered no import', async () => {
  await as('analyst', 'content/posts', async (page) => {
    await cell(page, 0, 0).waitFor();
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Export…' }).waitFor();
    expect(await page.getByRole('menuitem', { name: 'Import…' }).count()).toBe(0);
  });
});
