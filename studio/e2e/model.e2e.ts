// The data model: made from nothing, changed and taken apart, always told before it happens. What came of it is looked up by the API.
import { readFile } from 'node:fs/promises';
import type { Locator, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';

import { startEmpty } from './server';
import { stage } from './stage';

const drawer = (page: Page) => page.getByRole('dialog');

/** Makes a collection with some of the usual fields, and arrives at its page. */
async function makeCollection(page: Page, name: string, usual: string[] = []): Promise<void> {
  await page.getByRole('navigation', { name: 'Data model' }).getByRole('link', { name: 'Collections' }).click();
  await page.getByRole('button', { name: 'New collection' }).first().click();
  await drawer(page).getByLabel('Name').fill(name);
  for (const own of usual) await drawer(page).getByRole('checkbox', { name: own }).click();
  await drawer(page).getByText(`Table ${name.toLowerCase()} is made`).waitFor();
  await drawer(page).getByRole('button', { name: 'Create collection' }).click();
  await page.getByRole('heading', { level: 1, name }).waitFor();
}

/** Adds a field by what one wants of it, after having seen what that changes. */
async function makeField(page: Page, want: string, name: string, told: RegExp, say?: (drawer: Locator) => Promise<void>): Promise<void> {
  await page.getByRole('button', { name: 'New field' }).click();
  await drawer(page).getByRole('button', { name: new RegExp(`^${want}`) }).click();
  await drawer(page).getByRole('textbox', { name: 'Name', exact: true }).fill(name);
  await say?.(drawer(page));
  await drawer(page).getByText(told).waitFor();
  await drawer(page).getByRole('button', { name: 'Create field' }).click();
  await drawer(page).waitFor({ state: 'detached' });
}

const aim = (target: string) => async (own: Locator) => {
  await own.getByRole('combobox', { name: 'Which collection' }).click();
  await own.getByRole('option', { name: new RegExp(`^${target}`) }).click();
};

/** Makes an item, field by field. */
async function makeItem(page: Page, collection: string, fill: (page: Page) => Promise<void>): Promise<void> {
  await page.getByRole('link', { name: 'Content', exact: true }).click();
  await page.getByRole('navigation', { name: 'Collections' }).getByRole('link', { name: collection, exact: true }).click();
  await page.getByRole('link', { name: 'New item' }).or(page.getByRole('button', { name: 'New item' })).first().click();
  await fill(page);
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await page.waitForURL((url) => !url.pathname.endsWith('+'));
}

describe('in an empty project', () => {
  const on = stage(startEmpty);

  test('articles with author, tags and status are modelled from nothing, and written', async () => {
    await on.as('admin', 'model', async (page) => {
      await page.getByText('No collections yet').waitFor();
      await makeCollection(page, 'Authors');
      await makeField(page, 'Text', 'Name', /Column authors\.name is added/, (own) => own.getByRole('switch', { name: /^Required/ }).click());
      await makeCollection(page, 'Tags');
      await makeField(page, 'Text', 'Name', /Column tags\.name is added/);
      await makeCollection(page, 'Articles', ['Status', 'Created at']);
      await makeField(page, 'Text', 'Title', /Column articles\.title is added/);
      await makeField(page, 'Belongs to one', 'Author', /Column articles\.author points at authors\.id/, aim('Authors'));
      await makeField(page, 'Many with many', 'Tags', /Table articles_tags is made/, aim('Tags'));
      expect(await on.server.ask<unknown[]>('admin', 'GET', '/items/articles')).toEqual([]);

      await makeItem(page, 'Authors', (own) => own.getByLabel('Name').fill('Imke Berg'));
      await makeItem(page, 'Tags', (own) => own.getByLabel('Name').fill('Moss'));
      await makeItem(page, 'Articles', async (own) => {
        await own.getByLabel('Title').fill('Moss on purpose');
        await own.getByRole('combobox', { name: 'Author' }).click();
        await own.getByRole('option', { name: 'Imke Berg' }).click();
        await own.getByRole('button', { name: 'Add existing' }).click();
        await own.getByRole('combobox', { name: 'Add existing' }).click();
        await own.getByRole('option', { name: 'Moss' }).click();
        await own.getByLabel('Status').selectOption('published');
      });
      const fields = 'title,status,author.name,tags.tag_id.name,date_created';
      const [article] = await on.server.ask<Record<string, unknown>[]>('admin', 'GET', `/items/articles?fields=${fields}`);
      expect(article).toMatchObject({ title: 'Moss on purpose', status: 'published', author: { name: 'Imke Berg' }, tags: [{ tag_id: { name: 'Moss' } }] });
      expect(Date.now() - Date.parse(String(article?.date_created))).toBeLessThan(120_000);
      const { meta } = await on.server.ask<{ meta: Record<string, unknown> }>('admin', 'GET', '/collections/articles');
      expect(meta).toMatchObject({ archive_field: 'status', archive_value: 'archived', unarchive_value: 'draft' });
    });
  });
});

describe('in the demo project', () => {
  const on = stage();

  test('every kind of relation is made in one step, and holds items', async () => {
    await on.as('admin', 'model/collections/authors', async (page) => {
      await makeField(page, 'Has many', 'Essays', /Column comments\.author_2 is added|Column comments\.author is added/, aim('Comments'));
      await makeField(page, 'Any of several', 'Blocks', /Table authors_blocks is made/, async (own) => {
        for (const name of ['Posts', 'Tags']) await own.getByRole('checkbox', { name, exact: true }).click();
      });
      await makeField(page, 'Translations', 'Texts', /Table authors_translations is made/, async (own) => {
        const spoken = own.getByRole('group', { name: 'Languages to begin with' });
        expect(await spoken.getByRole('checkbox', { name: 'English (United States)' }).isChecked()).toBe(true);
        await spoken.getByRole('checkbox', { name: 'German' }).click();
      });
      const languages = await on.server.ask<object[]>('admin', 'GET', '/items/languages?sort=code');
      expect(languages).toEqual([
        { code: 'de-DE', name: 'German', direction: 'ltr' },
        { code: 'en-US', name: 'English (United States)', direction: 'ltr' },
      ]);
      await makeField(page, 'An image', 'Portrait', /Column authors\.portrait points at directus_files\.id/);
      await makeField(page, 'Several files', 'Papers', /Table authors_files is made/);
      await makeField(page, 'Formatted text', 'Life', /Column authors\.life is added/);
      const key = await on.server.ask<{ id: string | number }[]>('admin', 'GET', '/items/authors?limit=1&fields=id');
      const made = await on.server.ask<{ blocks: unknown[]; texts: unknown[] }>('admin', 'PATCH', `/items/authors/${key[0]?.id}`, {
        blocks: [{ collection: 'tags', item: { name: 'Fern', slug: 'fern' } }],
        texts: [{ languages_code: 'de-DE' }],
      });
      expect([made.blocks.length, made.texts.length]).toEqual([1, 1]);
    });
  });

  test('deleting says what would be lost, and nothing is before one agrees', async () => {
    const before = await on.server.ask<unknown[]>('admin', 'GET', '/items/comments?limit=-1&fields=id');
    await on.as('admin', 'model/collections/comments', async (page) => {
      await page.getByRole('button', { name: 'More' }).click();
      await page.getByRole('menuitem', { name: 'Delete' }).click();
      await drawer(page).getByText(`Table comments goes, and ${before.length} rows with it.`).waitFor();
      await drawer(page).getByRole('button', { name: 'Cancel' }).click();
      expect(await on.server.ask<unknown[]>('admin', 'GET', '/items/comments?limit=-1&fields=id')).toEqual(before);
      await page.getByRole('button', { name: 'More' }).click();
      await page.getByRole('menuitem', { name: 'Delete' }).click();
      await drawer(page).getByText(/^Table comments goes/).waitFor();
      await drawer(page).getByRole('button', { name: 'Delete' }).click();
      await page.getByRole('heading', { level: 1, name: 'Collections' }).waitFor();
      await expect(on.server.ask('admin', 'GET', '/collections/comments')).rejects.toThrow('403');
    });
  });

  test('the table behind a list stays when the list goes, unless one says otherwise', async () => {
    await on.as('admin', 'model/collections/authors', async (page) => {
      const makeTopics = (told: RegExp) => makeField(page, 'Many with many', 'Topics', told, aim('Tags'));
      const remove = async (act: (review: Locator) => Promise<void>) => {
        await page.getByRole('list', { name: 'Fields' }).getByRole('link', { name: /^Topics/ }).click();
        await drawer(page).getByRole('button', { name: 'Delete' }).click();
        const review = page.getByRole('dialog', { name: 'Delete “Topics”?' });
        await act(review);
        await review.getByRole('button', { name: 'Delete' }).click();
        await drawer(page).first().waitFor({ state: 'detached' });
        await expect(on.server.ask('admin', 'GET', '/fields/authors/topics')).rejects.toThrow('403');
      };
      await makeTopics(/Table authors_tags is made/);
      await remove(async (review) => expect(await review.getByRole('switch').isChecked()).toBe(false));
      await on.server.ask('admin', 'GET', '/collections/authors_tags');
      await makeTopics(/Table authors_tags_2 is made/);
      await remove(async (review) => {
        await review.getByRole('switch', { name: /^Delete the table authors_tags_2/ }).click();
        await review.getByText(/^Table authors_tags_2 goes/).waitFor();
      });
      await expect(on.server.ask('admin', 'GET', '/collections/authors_tags_2')).rejects.toThrow('403');
    });
  });

  test('what stored values do not allow is refused with their keys, and what is only said is stored at once', async () => {
    await on.server.ask('admin', 'PATCH', '/items/tags/1', { color: null });
    await on.as('admin', 'model/collections/tags?field=color', async (page) => {
      await drawer(page).getByRole('tab', { name: 'Column' }).click();
      await drawer(page).getByRole('switch', { name: /^May be empty/ }).click();
      await drawer(page).getByRole('button', { name: 'Save' }).click();
      await drawer(page).getByRole('alert').getByText(/in its way: 1/).waitFor();
      await drawer(page).getByRole('switch', { name: /^May be empty/ }).click();
      await drawer(page).getByRole('tab', { name: 'General' }).click();
      await drawer(page).getByLabel('Note').fill('Seen in lists');
      await drawer(page).getByRole('button', { name: 'Save' }).click();
      await drawer(page).waitFor({ state: 'detached' });
      const field = await on.server.ask<{ meta: { note: string }; schema: { is_nullable: boolean } }>('admin', 'GET', '/fields/tags/color');
      expect([field.meta.note, field.schema.is_nullable]).toEqual(['Seen in lists', true]);
    });
  });

  test('a change of a column is shown, and made when one agrees', async () => {
    const length = async () => (await on.server.ask<{ schema: { max_length: number } }>('admin', 'GET', '/fields/tags/name')).schema.max_length;
    const before = await length();
    await on.as('admin', 'model/collections/tags?field=name', async (page) => {
      await drawer(page).getByRole('tab', { name: 'Column' }).click();
      await drawer(page).getByLabel('Longest text').fill('80');
      await drawer(page).getByRole('button', { name: 'Save' }).click();
      const review = page.getByRole('dialog', { name: /^Change/ });
      await review.getByText(/Column tags\.name becomes varchar\(80\)/).waitFor();
      expect(await length()).toBe(before);
      await review.getByRole('button', { name: 'Change it' }).click();
      await review.waitFor({ state: 'detached' });
      await drawer(page).waitFor({ state: 'detached' });
      expect(await length()).toBe(80);
    });
  });

  test('fields are put into an order by keyboard and by dragging, and take half of the width', async () => {
    const names = async () =>
      (await on.server.ask<{ field: string; meta: { sort: number; width: string } }[]>('admin', 'GET', '/fields/tags')).sort((a, b) => a.meta.sort - b.meta.sort).map((own) => own.field);
    await on.as('admin', 'model/collections/tags', async (page) => {
      const list = page.getByRole('list', { name: 'Fields' });
      const shown = () => list.locator('code').allTextContents();
      await list.waitFor();
      const before = await shown();
      const last = before.at(-1) ?? '';
      const handle = list.locator(`[data-line="${last}"] .handle`);
      await handle.focus();
      await page.keyboard.press('Alt+ArrowUp');
      await expect.poll(shown).toEqual([...before.slice(0, -2), last, before.at(-2)]);
      await expect.poll(names).toEqual(await shown());
      const [from, to] = [await handle.boundingBox(), await list.getByRole('listitem').first().boundingBox()];
      if (!from || !to) throw new Error('nothing to be dragged');
      await page.mouse.move(from.x + 8, from.y + 8);
      await page.mouse.down();
      await page.mouse.move(from.x + 8, to.y + 4, { steps: 6 });
      await page.mouse.up();
      await expect.poll(async () => (await shown())[0]).toBe(last);
      await expect.poll(async () => (await names())[0]).toBe(last);
      await list.locator(`[data-line="${last}"]`).getByRole('button', { name: /half as wide/ }).click();
      await list.locator(`[data-line="${last}"]`).getByRole('button', { name: /as wide as the form/ }).waitFor();
    });
  });

  test('a collection is put into a folder by keyboard alone', async () => {
    await on.as('admin', 'model', async (page) => {
      await page.getByRole('button', { name: 'New folder' }).click();
      await drawer(page).getByLabel('Name').fill('Shelf');
      await page.keyboard.press('Enter');
      const handle = page.locator('[data-line="shelf"] .handle');
      await handle.focus();
      const group = async () => (await on.server.ask<{ meta: { group: string | null } }>('admin', 'GET', '/collections/shelf')).meta.group;
      expect(await group()).toBeNull();
      await page.keyboard.press('Alt+ArrowRight');
      await expect.poll(group).not.toBeNull();
      await expect.poll(() => page.evaluate(() => document.activeElement?.closest('[data-line]')?.getAttribute('data-line'))).toBe('shelf');
    });
  });

  test('a snapshot is taken, compared, and the model made as it says', async () => {
    await on.as('admin', 'model/snapshot', async (page) => {
      const [arrived] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'JSON' }).click()]);
      const path = await arrived.path();
      const text = await readFile(path, 'utf8');
      const file = { name: 'snapshot.json', mimeType: 'application/json', buffer: Buffer.from(text) };
      await page.locator('input[type=file]').setInputFiles(file);
      await page.getByText('The model is as the file says.').waitFor();
      await on.server.ask('admin', 'POST', '/fields/tags', { field: 'passing', type: 'string', meta: {}, schema: {} });
      await page.locator('input[type=file]').setInputFiles([]);
      await page.locator('input[type=file]').setInputFiles(file);
      await page.getByText('Column tags.passing goes.').waitFor();
      await page.getByRole('button', { name: 'Make it so' }).click();
      await page.getByText('The model is as the file says now').waitFor();
      await expect(on.server.ask('admin', 'GET', '/fields/tags/passing')).rejects.toThrow('403');
    });
  });

  test('the diagram is walked through by arrows, and a relation drawn from box to box', async () => {
    await on.as('admin', 'model/diagram', async (page) => {
      const box = (name: string) => page.locator(`[data-box="${name}"]`);
      await box('posts').focus();
      await page.keyboard.press('ArrowLeft');
      const reached = await page.evaluate(() => document.activeElement?.getAttribute('data-box'));
      expect(reached).not.toBe('posts');
      await page.keyboard.press('Enter');
      await page.waitForURL(/model\/collections|access\/users/);
      await page.goBack();
      await box('tags').waitFor();
      const [dot, target] = [await page.locator('g', { has: box('tags') }).last().locator('.dot').boundingBox(), await box('authors').boundingBox()];
      if (!dot || !target) throw new Error('nothing to be drawn');
      await page.mouse.move(dot.x + dot.width / 2, dot.y + dot.height / 2);
      await page.mouse.down();
      await page.mouse.move(target.x + 20, target.y + 20, { steps: 6 });
      await page.mouse.up();
      await drawer(page).getByText('Belongs to one').waitFor();
      await drawer(page).getByLabel('Name', { exact: true }).fill('Curator');
      await drawer(page).getByText(/Column tags\.curator points at authors\.id/).waitFor();
    });
  });

  test('whoever is no administrator is told nothing of the model', async () => {
    await on.as('manager', 'content', async (page) => {
      expect(await page.getByRole('link', { name: 'Data model' }).count()).toBe(0);
      for (const path of ['model', 'model/diagram', 'model/snapshot', 'model/collections/posts']) {
        await page.goto(path);
        await page.getByText('Only administrators come here').waitFor();
        expect(await page.getByRole('button', { name: /New|Delete|YAML/ }).count()).toBe(0);
      }
    });
  });
});
