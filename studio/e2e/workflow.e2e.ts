// An approval workflow from nothing, by the Studio alone: an administrator builds two roles and invites somebody into each; the author
// writes and cannot publish, the administrator finds out why, the manager publishes, and everybody reads what the public reads.
import type { Locator, Page } from 'playwright-core';
import { expect, test } from 'vitest';

import { cell as shown, command, enter, pick, signIn, viewAs } from './browser';
import { PASSWORD, PEOPLE } from './server';
import { stage } from './stage';

const on = stage();

const AUTHOR = 'ada@example.com';
const MANAGER = 'mira@example.com';
const TITLE = 'Moss on purpose';
const SLUG = 'moss-on-purpose';

/** What the public reads of a post, as its policy says. */
const PUBLIC = ['body', 'cover_color', 'featured', 'id', 'published_at', 'rating', 'reading_minutes', 'slug', 'summary', 'title'];

const cell = (page: Page, name: string) => page.getByRole('gridcell', { name: new RegExp(`^${name}`) });

/** Makes a policy with this name that opens the Studio, and goes to its permissions. */
async function makePolicy(page: Page, name: string): Promise<void> {
  await page.goto('access/policies');
  await page.getByRole('button', { name: 'New policy' }).click();
  await page.getByRole('textbox', { name: /^Name/ }).fill(name);
  await page.getByRole('switch', { name: /^Studio/ }).check();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved', { exact: true }).waitFor();
  await page.getByRole('tab', { name: 'Permissions' }).click();
  await page.getByRole('grid').waitFor();
}

/** Opens the custom permission of a cell, changes it, and takes it over. */
async function custom(page: Page, name: string, change: (drawer: Locator) => Promise<void>): Promise<void> {
  await cell(page, name).focus();
  await page.keyboard.press('Enter');
  const drawer = page.getByRole('dialog');
  await change(drawer);
  await drawer.getByRole('button', { name: 'Apply' }).click();
  // The keyboard is back where it was before it goes elsewhere.
  await drawer.waitFor({ state: 'detached' });
  await page.locator('[role=gridcell]:focus').waitFor();
}

/** Adds "Status is one of Draft, In review" to the rule that is open. */
async function draftOrReview(drawer: Locator): Promise<void> {
  await drawer.getByRole('button', { name: 'Condition' }).click();
  await pick(drawer.getByRole('combobox', { name: 'Field' }).last(), 'Status');
  await drawer.getByLabel('Comparison').last().selectOption({ label: 'is one of' });
  const values = drawer.getByRole('group', { name: 'Value' }).last();
  await values.getByRole('button', { name: 'Draft' }).click();
  await values.getByRole('button', { name: 'In review' }).click();
}

/** Adds "User created is the current user". */
async function own(drawer: Locator): Promise<void> {
  await drawer.getByRole('button', { name: 'Condition' }).click();
  await pick(drawer.getByRole('combobox', { name: 'Field' }).last(), 'User created');
  await pick(drawer.getByRole('combobox', { name: 'Value' }).last(), 'current user', /^the current user/);
}

async function save(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Review' }).click();
  await page.getByRole('button', { name: 'Save permissions' }).click();
  await page.getByText('Permissions saved').waitFor();
}

async function makeRole(page: Page, name: string, policy: string): Promise<void> {
  await page.goto('access/roles');
  await page.getByRole('button', { name: 'New role' }).click();
  await page.getByRole('textbox', { name: /^Name/ }).fill(name);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved', { exact: true }).waitFor();
  await pick(page.getByRole('combobox', { name: 'Add a policy' }), policy);
  await page.getByRole('button', { name: `Take away: ${policy}` }).waitFor();
}

async function invite(page: Page, email: string, role: string): Promise<void> {
  await page.goto('access/users');
  await page.getByRole('button', { name: 'Invite' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Email addresses').fill(email);
  await dialog.getByLabel('Role').selectOption({ label: role });
  await dialog.getByRole('button', { name: 'Invite' }).click();
  await page.getByText('The invitation is on its way').waitFor();
}

/** Follows the link of an invitation, chooses a password, and signs in. */
async function accept(email: string): Promise<Page> {
  const page = await on.open();
  await page.goto(await on.server.mailed(email, 'accept-invite'));
  await page.getByLabel('New password').fill(PASSWORD);
  await page.getByLabel('Password again').fill(PASSWORD);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Your password is set').waitFor();
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByRole('navigation', { name: 'Modules' }).waitFor();
  return page;
}

/** Posts as anybody on the internet gets them. */
const posts = async (query: string) =>
  ((await (await fetch(`${on.server.url}/items/posts?${query}`)).json()) as { data: Record<string, unknown>[] }).data;

const status = (page: Page) => page.getByRole('combobox', { name: /^Status/ });

/** Saves the post that is open. */
async function store(page: Page): Promise<void> {
  const answered = page.waitForResponse((answer) => answer.request().method() === 'PATCH' && answer.url().includes('/items/posts/'));
  const [answer] = await Promise.all([answered, page.getByRole('button', { name: 'Save' }).click()]);
  expect(answer.status()).toBe(200);
}

/** Authors see their own posts, hand them in and never publish; managers read and change all of them. */
async function buildRoles(page: Page): Promise<void> {
  await makePolicy(page, 'Writing drafts');
  await custom(page, 'Posts, Create', async (create) => {
    await create.getByRole('tab', { name: 'Validation' }).click();
    await draftOrReview(create);
    await create.getByRole('tab', { name: 'Presets' }).click();
    await create.getByRole('button', { name: 'Preset' }).click();
    await create.getByLabel('Field').selectOption({ label: 'Status' });
    await pick(create.getByRole('combobox', { name: 'Value' }), 'Draft');
  });
  await custom(page, 'Posts, Read', own);
  await custom(page, 'Posts, Update', async (update) => {
    await own(update);
    await draftOrReview(update);
    await update.getByText('own and status is draft or in review').waitFor();
    await update.getByRole('tab', { name: 'Validation' }).click();
    await draftOrReview(update);
  });
  await page.getByText('3 changes').waitFor();
  await save(page);
  await makeRole(page, 'Author', 'Writing drafts');

  await makePolicy(page, 'Publishing');
  await cell(page, 'Posts, Read').focus();
  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('a');
  await page.getByText('2 changes').waitFor();
  await save(page);
  await makeRole(page, 'Manager', 'Publishing');

  const stored = await on.server.ask<{ action: string; permissions: unknown; validation: unknown; presets: unknown }[]>(
    'admin',
    'GET',
    '/permissions?filter[policy][name][_eq]=Writing drafts&sort=id&fields=action,permissions,validation,presets',
  );
  const mine = { user_created: { _eq: '$CURRENT_USER' } };
  const open = { status: { _in: ['draft', 'review'] } };
  expect(stored.find((row) => row.action === 'create')).toMatchObject({ validation: { _and: [open] }, presets: { status: 'draft' } });
  expect(stored.find((row) => row.action === 'read')).toMatchObject({ permissions: { _and: [mine] } });
  expect(stored.find((row) => row.action === 'update')).toMatchObject({ permissions: { _and: [mine, open] }, validation: { _and: [open] } });
}

/** Writes a post, fails to publish it, and hands it in; answers its key. */
async function write(page: Page): Promise<string> {
  await page.getByRole('navigation', { name: 'Collections' }).getByRole('link', { name: 'Posts' }).click();
  await page.locator('header').getByRole('link', { name: 'New item' }).click();
  await page.getByLabel('Title').fill(TITLE);
  await page.getByLabel('Slug').fill(SLUG);
  expect(await status(page).inputValue()).toBe('draft');
  await page.getByRole('button', { name: 'Create' }).click();
  await page.waitForURL(/content\/posts\/\d+$/);
  await status(page).selectOption('published');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Nothing was saved').waitFor();
  const told = await page.locator('.field').filter({ hasText: 'Status' }).getByRole('alert').textContent();
  expect(told?.trim()).toBe('Has to be one of: Draft, In review.');
  expect(await posts(`filter[slug][_eq]=${SLUG}`)).toEqual([]);
  await status(page).selectOption('review');
  await store(page);
  return new URL(page.url()).pathname.split('/').at(-1) ?? '';
}

/** Asks why the author does not publish that post, and why they do not touch somebody else's. */
async function findOutWhy(page: Page, post: string): Promise<void> {
  await page.goto('access/users');
  await page.getByRole('link', { name: AUTHOR }).click();
  await page.getByLabel('Action', { exact: true }).selectOption('update');
  await page.getByLabel('Collection', { exact: true }).selectOption('posts');
  await page.getByLabel('Key of an item').fill(post);
  await Promise.all([page.waitForResponse(/\/access\/explain$/), page.keyboard.press('Tab')]);
  await page.getByText('Allowed, within limits').waitFor();
  await page.getByText(/What is sent has to fit: status is one of "draft", "review"/i).waitFor();
  await page.getByRole('link', { name: 'Writing drafts' }).last().waitFor();
  await page.getByLabel('Key of an item').fill('1');
  await page.keyboard.press('Tab');
  await page.getByText('Denied').waitFor();
}

/** Looks for what was handed in, reads it, and publishes it. */
async function publish(page: Page): Promise<void> {
  await page.getByRole('navigation', { name: 'Collections' }).getByRole('link', { name: 'Posts' }).click();
  await page.getByRole('searchbox', { name: 'Search' }).fill(TITLE);
  await page.getByRole('row').filter({ hasText: TITLE }).getByText('In review').waitFor();
  await expect.poll(() => page.getByRole('grid').getAttribute('aria-rowcount')).toBe('2');
  await shown(page, 0, 0).locator('.open').click();
  await page.getByRole('heading', { level: 1, name: TITLE }).waitFor();
  expect(await status(page).inputValue()).toBe('review');
  await status(page).selectOption('published');
  await store(page);
}

/** What the public sees in the Studio is what it gets by the API: the posts, the new one among them, and of that no field more. */
async function lookAsPublic(page: Page): Promise<void> {
  await enter(page, PEOPLE.admin);
  await page.getByRole('navigation', { name: 'Modules' }).waitFor();
  await viewAs(page, 'Public');
  await command(page, 'posts');
  await page.getByRole('heading', { level: 1, name: 'Posts' }).waitFor();
  await shown(page, 0, 0).waitFor();
  const all = await posts('limit=-1&sort=id&fields=id,title');
  expect(await page.getByRole('grid').getAttribute('aria-rowcount')).toBe(String(all.length + 1));
  const heads = (await page.getByRole('columnheader').allTextContents()).map((text) => text.trim()).filter(Boolean);
  const titles = await page.locator(`[role=gridcell][aria-colindex="${heads.indexOf('Title') + 2}"]`).allTextContents();
  expect(titles.length).toBeGreaterThan(10);
  expect(titles.map((text) => text.trim())).toEqual(all.slice(0, titles.length).map((post) => post.title));

  await page.keyboard.press('/');
  await page.locator('input[type=search]:focus').waitFor();
  await page.keyboard.type(TITLE);
  await expect.poll(() => page.getByRole('grid').getAttribute('aria-rowcount')).toBe('2');
  await page.getByRole('row').getByText(TITLE).waitFor();
  await page.keyboard.press('Enter');
  await page.locator('[role=grid]:focus').waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: TITLE }).waitFor();
  await page.getByText('Read only').waitFor();
  expect(await page.getByLabel('Slug').inputValue()).toBe(SLUG);
  expect(await status(page).count()).toBe(0);
  // It is still the public that looks when the page is loaded anew.
  await page.reload();
  await page.getByText('You see what Public sees').waitFor();
  await page.getByRole('heading', { level: 1, name: TITLE }).waitFor();
  await command(page, 'stop viewing');
  await status(page).waitFor();
}

test('authors hand in, managers publish, the public reads: built, used, explained, and seen with the public’s eyes by keyboard alone', async () => {
  const admin = await on.open();
  await signIn(admin, 'admin');
  await buildRoles(admin);
  await invite(admin, AUTHOR, 'Author');
  await invite(admin, MANAGER, 'Manager');
  const post = await write(await accept(AUTHOR));
  await findOutWhy(admin, post);
  await publish(await accept(MANAGER));
  const [told, ...others] = await posts(`filter[slug][_eq]=${SLUG}`);
  expect(others).toEqual([]);
  expect(told).toMatchObject({ id: Number(post), title: TITLE });
  expect(Object.keys(told ?? {}).sort()).toEqual(PUBLIC);
  await lookAsPublic(await on.open({ keyboard: true }));
});
