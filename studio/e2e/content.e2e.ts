// Content: finding, changing and restoring items, by people who may do different things. What was saved is looked up by the API.
import { expect, test } from 'vitest';

import { cell } from './browser';
import { stage } from './stage';

const on = stage();

interface Tag {
  id: number;
  name: string;
  slug: string;
  color: string | null;
}

test('cells are typed into by keyboard, looked over, and saved together', async () => {
  await on.as('admin', 'content/tags', async (page) => {
    await cell(page, 0, 0).getByText('Balcony').waitFor();
    await page.getByRole('grid').focus();
    await page.keyboard.type('Terrace');
    await page.keyboard.press('Enter');
    await page.keyboard.type('Pots');
    await page.keyboard.press('Enter');
    await page.getByText('2 changes').waitFor();
    await page.keyboard.press('Control+z');
    await page.getByText('1 change', { exact: true }).waitFor();
    expect((await on.server.ask<Tag>('admin', 'GET', '/items/tags/1')).name).toBe('Balcony');
    await page.getByRole('button', { name: 'Review' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Balcony').first().waitFor();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText('One item saved').waitFor();
    expect((await on.server.ask<Tag>('admin', 'GET', '/items/tags/1')).name).toBe('Terrace');
  });
});

test('what is copied from a table is pasted into a range; what does not fit is left out', async () => {
  await on.as('admin', 'content/page_analytics', async (page) => {
    await cell(page, 0, 0).waitFor();
    const heads = await page.getByRole('columnheader').allTextContents();
    expect(heads.length).toBeGreaterThan(2);
  });
  await on.as('admin', 'content/tags', async (page) => {
    await cell(page, 1, 0).getByText('Containers').waitFor();
    await cell(page, 1, 0).click();
    await page.getByRole('grid').evaluate((grid) => {
      const data = new DataTransfer();
      data.setData('text/plain', 'Boxes\tboxes\r\nGreens\tgreens\r\n');
      grid.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
    });
    await page.getByText('4 changes').waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('2 items saved').waitFor();
    const tags = await on.server.ask<Tag[]>('admin', 'GET', '/items/tags?filter[id][_in]=2,3&fields=id,name,slug&sort=id');
    expect(tags).toEqual([
      { id: 2, name: 'Boxes', slug: 'boxes' },
      { id: 3, name: 'Greens', slug: 'greens' },
    ]);
  });
});

test('many items are changed at once, and nothing is saved before it was seen', async () => {
  await on.as('manager', 'content/comments', async (page) => {
    await cell(page, 0, 0).waitFor();
    await page.getByLabel('Select all that are loaded').click();
    await page.getByRole('status').getByRole('button', { name: 'Edit' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Field').selectOption({ label: 'Status' });
    await dialog.getByLabel('New value').selectOption({ index: 1 });
    const before = await on.server.ask<{ status: string }[]>('admin', 'GET', '/items/comments?fields=status&limit=-1');
    await dialog.getByRole('button', { name: 'Apply' }).click();
    await page.getByText(/\d+ changes/).waitFor();
    expect(await on.server.ask('admin', 'GET', '/items/comments?fields=status&limit=-1')).toEqual(before);
    await page.getByRole('button', { name: 'Discard' }).click();
    await page.getByText(/\d+ selected/).waitFor();
  });
});

test('an author may not publish, and is told so beside the field', async () => {
  await on.as('author', 'content/posts/+', async (page) => {
    await page.getByLabel('Title').fill('Moss on purpose');
    await page.getByLabel('Slug').fill('moss-on-purpose');
    await page.getByLabel('Status').selectOption('published');
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByText('Nothing was saved').waitFor();
    await page.locator('.field').filter({ hasText: 'Status' }).getByRole('alert').waitFor();
    expect(await on.server.ask<unknown[]>('admin', 'GET', '/items/posts?filter[slug][_eq]=moss-on-purpose')).toEqual([]);
    await page.getByLabel('Status').selectOption('draft');
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByText('Saved', { exact: true }).waitFor();
    const [post] = await on.server.ask<{ status: string }[]>('admin', 'GET', '/items/posts?filter[slug][_eq]=moss-on-purpose');
    expect(post?.status).toBe('draft');
  });
});

test('what may not be changed is not offered', async () => {
  await on.as('analyst', 'content/posts', async (page) => {
    await cell(page, 0, 0).waitFor();
    expect(await page.getByRole('link', { name: 'New item' }).count()).toBe(0);
    await page.getByRole('grid').focus();
    await page.keyboard.type('x');
    expect(await page.getByText('1 change').count()).toBe(0);
    expect(await page.getByRole('navigation', { name: 'Collections' }).getByText('Contact submissions').count()).toBe(0);
  });
});

test('one field is taken back to what it was', async () => {
  await on.server.ask('admin', 'PATCH', '/items/tags/5', { name: 'First', color: '#111111' });
  await on.server.ask('admin', 'PATCH', '/items/tags/5', { name: 'Second', color: '#222222' });
  await on.as('admin', 'content/tags/5', async (page) => {
    await page.getByRole('button', { name: 'History' }).click();
    await page.getByRole('button', { name: 'Restore Name' }).first().click();
    expect(await page.getByRole('textbox', { name: /^Name/ }).inputValue()).toBe('First');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved', { exact: true }).waitFor();
    const tag = await on.server.ask<Tag>('admin', 'GET', '/items/tags/5');
    expect([tag.name, tag.color]).toEqual(['First', '#222222']);
  });
});

test('related items are added and let go with the item, or not at all', async () => {
  interface Post {
    tags: { tags_id: number }[];
  }
  const tags = async () =>
    (await on.server.ask<Post>('admin', 'GET', '/items/posts/1?fields=tags.tags_id')).tags.map((own) => own.tags_id).sort((a, b) => a - b);
  const before = await tags();
  await on.as('admin', 'content/posts/1', async (page) => {
    const list = page.getByRole('group', { name: 'Tags' });
    await list.getByRole('button', { name: 'Add existing' }).click();
    await list.getByRole('combobox').fill('Recipes');
    await page.getByRole('option', { name: 'Recipes' }).click();
    await list.getByRole('button', { name: /^Let go of/ }).first().click();
    expect(await tags()).toEqual(before);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved', { exact: true }).waitFor();
    const after = await tags();
    expect(after.length).toBe(before.length);
    expect(after).not.toEqual(before);
  });
});

test('leaving with unsaved changes is asked about, and undo takes them back', async () => {
  await on.as('admin', 'content/tags/7', async (page) => {
    const name = page.getByRole('textbox', { name: /^Name/ });
    const before = await name.inputValue();
    await name.fill('Changed');
    await page.getByRole('navigation', { name: 'Collections' }).getByRole('link', { name: 'Posts' }).click();
    await page.getByRole('dialog', { name: 'Leave without saving?' }).getByRole('button', { name: 'Cancel' }).click();
    expect(page.url()).toContain('/content/tags/7');
    await name.focus();
    await page.keyboard.press('Control+z');
    expect(await name.inputValue()).toBe(before);
    await page.getByRole('navigation', { name: 'Collections' }).getByRole('link', { name: 'Posts' }).click();
    await page.getByRole('heading', { level: 1, name: 'Posts' }).waitFor();
  });
});

test('a filter narrows the list, and a stored view brings it back', async () => {
  await on.as('manager', 'content/posts', async (page) => {
    await cell(page, 0, 0).waitFor();
    await page.getByRole('button', { name: 'Filter' }).click();
    const filter = page.getByRole('dialog', { name: 'Filter' });
    await filter.getByRole('button', { name: 'Add a condition' }).click();
    await filter.getByLabel('Field').selectOption({ label: 'Status' });
    await filter.getByLabel('Value').selectOption('approved');
    await page.getByRole('grid').focus();
    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByRole('menuitem', { name: 'Store this view…' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('To be published');
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'To be published' }).waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'To be published' }).waitFor();
    await cell(page, 0, 0).waitFor();
    const shown = await page.getByRole('row').filter({ hasText: 'Draft' }).count();
    expect(shown).toBe(0);
  });
});

test('what somebody else changes appears by itself', async () => {
  await on.as('admin', 'content/tags', async (page) => {
    await cell(page, 7, 0).waitFor();
    const look = () => page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
    // What there was before is known by then.
    await Promise.all([page.waitForResponse((response) => response.url().endsWith('/studio/changes')), look()]);
    await on.server.ask('admin', 'PATCH', '/items/tags/8', { name: 'Seen at once' });
    await look();
    await page.getByText('Seen at once').waitFor();
  });
});
