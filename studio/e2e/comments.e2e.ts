// What people say of an item: written, read by others, changed and taken back by whoever wrote it.
import { expect, test } from 'vitest';

import { stage } from './stage';

const on = stage();

interface Stored {
  id: string;
  comment: string;
}

const stored = () => on.server.ask<Stored[]>('admin', 'GET', '/comments?filter[collection][_eq]=tags&filter[item][_eq]=1&fields=id,comment');

test('a comment is written and changed, read by somebody else with whom it names, and taken back', async () => {
  const nora = (await on.server.ask<{ id: string }>('author', 'GET', '/users/me?fields=id')).id;
  await on.as('author', 'content/tags/1', async (page) => {
    await page.getByRole('button', { name: '0 comments' }).click();
    const beside = page.getByRole('complementary', { name: 'Comments' });
    const box = beside.getByRole('textbox', { name: 'Comment' });
    await box.fill(`Ask @${nora}`);
    await box.press('Control+Enter');
    await beside.getByRole('listitem').getByText('@Nora').waitFor();
    await beside.getByRole('button', { name: 'Edit' }).click();
    const own = beside.getByRole('listitem').getByRole('textbox');
    await own.fill(`Ask @${nora} about moss`);
    await beside.getByRole('button', { name: 'Save' }).click();
    await own.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: '1 comment' }).waitFor();
  });
  expect((await stored()).map((own) => own.comment)).toEqual([`Ask @${nora} about moss`]);
  await on.as('admin', 'content/tags/1', async (page) => {
    await page.getByRole('button', { name: '1 comment' }).click();
    const said = page.getByRole('complementary', { name: 'Comments' }).getByRole('listitem');
    await said.getByText('about moss').waitFor();
    expect(await said.locator('p').textContent()).toMatch(/^Ask @Nora \S+ about moss$/);
  });
  await on.as('author', 'content/tags/1', async (page) => {
    await page.getByRole('button', { name: '1 comment' }).click();
    const beside = page.getByRole('complementary', { name: 'Comments' });
    await beside.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await beside.getByText('No comments yet').waitFor();
  });
  expect(await stored()).toEqual([]);
});

test('what is half written is not lost without a word, and others’ comments are not offered to be changed', async () => {
  await on.server.ask('admin', 'POST', '/comments', { collection: 'posts', item: '1', comment: 'Of an administrator' });
  await on.as('manager', 'content/posts/1', async (page) => {
    await page.getByRole('button', { name: /comments?$/i }).click();
    const beside = page.getByRole('complementary', { name: 'Comments' });
    expect(await beside.getByRole('button', { name: /Edit|Delete/ }).count()).toBe(0);
    await beside.getByRole('textbox', { name: 'Comment' }).fill('Half a');
    await page.getByRole('navigation', { name: 'Collections' }).getByRole('link', { name: 'Tags' }).click();
    await page.getByRole('dialog', { name: 'Leave without saving?' }).getByRole('button', { name: 'Cancel' }).click();
    expect(await beside.getByRole('textbox', { name: 'Comment' }).inputValue()).toBe('Half a');
  });
});
