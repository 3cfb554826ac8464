// Items from files and into files, and many of them changed at once.
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';

import { cell } from './browser';
import { stage } from './stage';

const on = stage();

const count = async (filter = '') => {
  const [told] = await on.server.ask<{ count: number }[]>('admin', 'GET', `/items/tags?aggregate[count]=*${filter}`);
  return Number(told?.count);
};

const file = (name: string, text: string) => ({ name, mimeType: 'application/octet-stream', buffer: Buffer.from(text) });

async function begin(page: Page, from: ReturnType<typeof file>): Promise<void> {
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Import…' }).click();
  await page.getByRole('dialog').locator('input[type=file]').setInputFiles(from);
}

test('1,000 rows are imported from a CSV file, and 200 of them are changed in one request', async () => {
  const rows = Array.from({ length: 1000 }, (_, at) => `"Import ${at + 1}",import-${at + 1},#2F6F4F`);
  const from = file('tags.csv', `name,slug,color\n${rows.join('\n')}\n`);
  const before = await count();
  await on.as('admin', 'content/tags', async (page) => {
    await cell(page, 0, 0).waitFor();
    await begin(page, from);
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
  const from = file('faults.csv', 'name;slug\nGood;good-one\nBad;Not A Slug\n');
  await on.as('admin', 'content/tags', async (page) => {
    await cell(page, 0, 0).waitFor();
    await begin(page, from);
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Import', exact: true }).click();
    await dialog.getByText('Nothing was imported').waitFor();
    await dialog.getByText(/^row 2/).waitFor();
    expect(await count()).toBe(before);
    await dialog.locator('input[type=file]').setInputFiles(file('picture.png', 'no picture'));
    await dialog.getByText('A CSV or a JSON file is needed.').waitFor();
    await dialog.locator('input[type=file]').setInputFiles(file('more.json', '[{"name": "By JSON", "slug": "by-json", "nowhere": 1}]'));
    await dialog.getByText('No such field: left out').waitFor();
    await dialog.getByRole('button', { name: 'Import', exact: true }).click();
    await page.getByText('One row imported').waitFor();
    expect(await count()).toBe(before + 1);
  });
});

test('what is shown is exported with the fields that are chosen', async () => {
  await on.as('admin', 'content/tags?search=Recipes', async (page) => {
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
  await on.as('analyst', 'content/posts', async (page) => {
    await cell(page, 0, 0).waitFor();
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Export…' }).waitFor();
    expect(await page.getByRole('menuitem', { name: 'Import…' }).count()).toBe(0);
  });
});
