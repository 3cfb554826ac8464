// Items laid out otherwise: as cards, by day, by state. They are moved by mouse and by keyboard, and what is chosen stays chosen.
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';

import { exhibit } from './exhibits';
import { start } from './server';
import { stage } from './stage';

const on = stage(async () => exhibit(await start()));

const status = async (id: number) => (await on.server.ask<{ status: string }>('admin', 'GET', `/items/posts/${id}?fields=status`)).status;

async function choose(page: Page, layout: string): Promise<void> {
  await page.getByRole('button', { name: 'Layout' }).click();
  await page.getByRole('dialog', { name: 'Layout' }).getByRole('radio', { name: layout }).check();
  await page.keyboard.press('Escape');
}

test('items are dragged to another state, moved by keyboard, and taken back', async () => {
  await on.as('admin', 'content/posts', async (page) => {
    await choose(page, 'Board');
    const draft = page.getByRole('region', { name: 'Draft' });
    const review = page.getByRole('region', { name: 'In review' });
    const card = draft.getByRole('listitem').first();
    await card.waitFor();
    const id = Number(await card.getByRole('link').getAttribute('data-card'));
    await card.dragTo(review);
    await page.getByText('Moved to In review').waitFor();
    expect(await status(id)).toBe('review');
    await review.locator(`[data-card="${id}"]`).focus();
    await page.keyboard.press('Alt+ArrowLeft');
    await page.getByText('Moved to Draft').waitFor();
    expect(await status(id)).toBe('draft');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-card'))).toBe(String(id));
    await page.getByRole('list', { name: 'Notices' }).getByRole('button', { name: 'Undo' }).last().click();
    await review.locator(`[data-card="${id}"]`).waitFor();
    await expect.poll(() => status(id)).toBe('review');
    // It is how one looks at posts from now on.
    const mine = '/presets?filter[collection][_eq]=posts&filter[bookmark][_null]=true&filter[user][email][_eq]=admin@example.com';
    await expect.poll(async () => (await on.server.ask<{ layout: string }[]>('admin', 'GET', mine)).map((own) => own.layout)).toEqual(['kanban']);
    await page.reload();
    await page.getByRole('region', { name: 'In review' }).getByRole('listitem').first().waitFor();
  });
});

test('a move that is refused goes back, with what the server says', async () => {
  await on.as('author', 'content/posts', async (page) => {
    await choose(page, 'Board');
    const draft = page.getByRole('region', { name: 'Draft' });
    const card = draft.getByRole('listitem').first();
    await card.waitFor();
    const id = Number(await card.getByRole('link').getAttribute('data-card'));
    await card.hover();
    await card.getByRole('button', { name: 'Move to' }).click();
    await page.getByRole('menuitemcheckbox', { name: 'Published' }).click();
    await page.getByText('It was not moved').waitFor();
    await draft.locator(`[data-card="${id}"]`).waitFor();
    expect(await status(id)).toBe('draft');
  });
});

test('items are dragged to another day, and moved by keyboard', async () => {
  const opens = async () => (await on.server.ask<{ opens: string }>('admin', 'GET', '/items/exhibits/2?fields=opens')).opens;
  await on.as('admin', 'content/exhibits', async (page) => {
    await choose(page, 'Calendar');
    const item = page.getByRole('link', { name: 'Kept as it was' });
    await item.waitFor();
    const from = await opens();
    const to = `${from.slice(0, 8)}18`;
    await item.dragTo(page.locator(`[data-day="${to}"]`));
    await page.getByText(/^Moved to/).waitFor();
    expect(await opens()).toBe(to);
    await item.focus();
    await page.keyboard.press('Alt+ArrowUp');
    await page.getByText(/^Moved to .*11/).waitFor();
    expect(await opens()).toBe(`${from.slice(0, 8)}11`);
    await page.getByRole('button', { name: 'The month after' }).click();
    await item.waitFor({ state: 'detached' });
    expect(page.url()).toContain('month=');
  });
});

test('cards are moved between by arrows, selected and opened', async () => {
  await on.as('admin', 'content/tags', async (page) => {
    await choose(page, 'Cards');
    await page.getByRole('list', { name: 'Tags' }).getByRole('link').first().focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press(' ');
    await page.getByText('1 selected').waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('complementary', { name: 'Item' }).getByRole('textbox', { name: /^Name/ }).waitFor();
  });
});

test('a view is stored for a role, found by those who have it, and changed', async () => {
  await on.as('admin', 'content/comments', async (page) => {
    await choose(page, 'Board');
    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByRole('menuitem', { name: 'Store this view…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('To moderate');
    await dialog.getByLabel('For').selectOption({ label: 'Everybody of Content Manager' });
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'To moderate' }).click();
    await page.getByRole('menuitem', { name: 'Rename or share…' }).click();
    await dialog.getByLabel('Name').fill('Moderation');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Moderation' }).waitFor();
  });
  await on.as('manager', 'content/comments', async (page) => {
    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByRole('menuitemcheckbox', { name: 'Moderation' }).click();
    await page.getByRole('region', { name: 'Pending' }).getByRole('listitem').first().waitFor();
  });
  await on.as('author', 'content/posts', async (page) => {
    await page.getByRole('button', { name: 'Views' }).click();
    expect(await page.getByRole('menuitemcheckbox', { name: 'Moderation' }).count()).toBe(0);
  });
});
