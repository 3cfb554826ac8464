// An approval workflow from nothing, by the Studio alone: an administrator builds two roles, invites somebody into each, the
// author writes and cannot publish; the administrator sees what the public sees, and finds out why.
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { launch, open, signIn, type Watched } from './browser';
import { PASSWORD, start, type Server } from './server';

let server: Server;
let browser: Awaited<ReturnType<typeof launch>>;
let admin: Watched;

const AUTHOR = 'ada@example.com';
const MANAGER = 'mira@example.com';
const TITLE = 'Moss on purpose';

beforeAll(async () => {
  [server, browser] = await Promise.all([start(), launch()]);
  admin = await open(browser, server);
  await signIn(admin.page, 'admin');
});

afterAll(async () => {
  await admin?.context.close();
  await browser?.close();
  await server?.stop();
});

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

/** Opens the custom permission of a cell. */
async function custom(page: Page, name: string): Promise<Locator> {
  await cell(page, name).focus();
  await page.keyboard.press('Enter');
  return page.getByRole('dialog');
}

/** Adds "Status is one of Draft, In review" to the rule that is open. */
async function draftOrReview(drawer: Locator): Promise<void> {
  await drawer.getByRole('button', { name: 'Condition' }).click();
  await drawer.getByRole('combobox', { name: 'Field' }).last().fill('Status');
  await drawer.page().keyboard.press('Enter');
  await drawer.getByLabel('Comparison').last().selectOption({ label: 'is one of' });
  const values = drawer.getByRole('group', { name: 'Value' }).last();
  await values.getByRole('button', { name: 'Draft' }).click();
  await values.getByRole('button', { name: 'In review' }).click();
}

/** Adds "User created is the current user". */
async function own(drawer: Locator): Promise<void> {
  await drawer.getByRole('button', { name: 'Condition' }).click();
  await drawer.getByRole('combobox', { name: 'Field' }).last().fill('User created');
  await drawer.page().keyboard.press('Enter');
  await drawer.getByRole('combobox', { name: 'Value' }).last().fill('current user');
  await drawer.page().keyboard.press('ArrowDown');
  await drawer.page().keyboard.press('Enter');
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
  await page.getByRole('combobox', { name: 'Add a policy' }).fill(policy);
  await page.keyboard.press('Enter');
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
async function accept(email: string): Promise<Watched> {
  const watched = await open(browser, server);
  const { page } = watched;
  await page.goto(await server.mailed(email, 'accept-invite'));
  await page.getByLabel('New password').fill(PASSWORD);
  await page.getByLabel('Password again').fill(PASSWORD);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Your password is set').waitFor();
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByRole('navigation', { name: 'Modules' }).waitFor();
  return watched;
}

const posts = async (query: string) =>
  ((await (await fetch(`${server.url}/items/posts?${query}`)).json()) as { data: Record<string, unknown>[] }).data;

test('two roles are built: authors hand in drafts of their own, managers publish', async () => {
  const { page, complaints } = admin;
  await makePolicy(page, 'Writing drafts');
  const create = await custom(page, 'Posts, Create');
  await create.getByRole('tab', { name: 'Validation' }).click();
  await draftOrReview(create);
  await create.getByRole('tab', { name: 'Presets' }).click();
  await create.getByRole('button', { name: 'Preset' }).click();
  await create.getByLabel('Field').selectOption({ label: 'Status' });
  await create.getByRole('combobox', { name: 'Value' }).fill('Draft');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await create.getByRole('button', { name: 'Apply' }).click();
  const read = await custom(page, 'Posts, Read');
  await own(read);
  await read.getByRole('button', { name: 'Apply' }).click();
  const update = await custom(page, 'Posts, Update');
  await own(update);
  await draftOrReview(update);
  await update.getByText('own and status is draft or in review').waitFor();
  await update.getByRole('tab', { name: 'Validation' }).click();
  await draftOrReview(update);
  await update.getByRole('button', { name: 'Apply' }).click();
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

  const stored = await server.ask<{ action: string; permissions: unknown; validation: unknown; presets: unknown }[]>(
    'admin',
    'GET',
    '/permissions?filter[policy][name][_eq]=Writing drafts&sort=id&fields=action,permissions,validation,presets',
  );
  const mine = { user_created: { _eq: '$CURRENT_USER' } };
  const open_ = { status: { _in: ['draft', 'review'] } };
  expect(stored.find((row) => row.action === 'create')).toMatchObject({ validation: { _and: [open_] }, presets: { status: 'draft' } });
  expect(stored.find((row) => row.action === 'read')).toMatchObject({ permissions: { _and: [mine] } });
  expect(stored.find((row) => row.action === 'update')).toMatchObject({ permissions: { _and: [mine, open_] }, validation: { _and: [open_] } });
  expect(complaints).toEqual([]);
});

test('both are invited; the author writes, hands in, and is told why it cannot be published', async () => {
  await invite(admin.page, AUTHOR, 'Author');
  await invite(admin.page, MANAGER, 'Manager');
  const author = await accept(AUTHOR);
  {
    const { page } = author;
    await page.getByRole('navigation', { name: 'Collections' }).getByRole('link', { name: 'Posts' }).click();
    await page.locator('header').getByRole('link', { name: 'New item' }).click();
    await page.getByLabel('Title').fill(TITLE);
    await page.getByLabel('Slug').fill('moss-on-purpose');
    expect(await page.getByRole('combobox', { name: /^Status/ }).inputValue()).toBe('draft');
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByText('Saved', { exact: true }).waitFor();
    await page.getByRole('combobox', { name: /^Status/ }).selectOption('published');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Nothing was saved').waitFor();
    const told = await page.locator('.field').filter({ hasText: 'Status' }).getByRole('alert').textContent();
    expect(told?.trim()).toBe('Has to be one of: Draft, In review.');
    expect(await posts('filter[slug][_eq]=moss-on-purpose')).toEqual([]);
    await page.getByRole('combobox', { name: /^Status/ }).selectOption('review');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved', { exact: true }).last().waitFor();
    await page.getByRole('button', { name: 'Save', disabled: true }).waitFor();
  }
  expect(author.complaints).toEqual([]);
  await author.context.close();
});

test('the public’s eyes are opened by keyboard alone, and see exactly what the public reads', async () => {
  const { page, context, complaints } = await open(browser, server);
  await signIn(page, 'admin');
  const palette = async (words: string) => {
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: /^Search pages/ }).waitFor();
    await page.keyboard.type(words);
    await page.keyboard.press('Enter');
  };
  await palette('view as');
  await page.locator('dialog input:focus').waitFor();
  await page.keyboard.type('Public');
  await page.getByRole('option', { name: /^Public/ }).waitFor();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await page.getByText('You see what Public sees').waitFor();
  await palette('posts');
  await page.getByRole('heading', { level: 1, name: 'Posts' }).waitFor();
  await page.locator('[data-cell="0:0"]').waitFor();
  const shown = await posts('limit=-1&fields=id,title');
  await page.getByText(String(shown.length), { exact: true }).first().waitFor();
  expect(await page.getByRole('grid').getAttribute('aria-rowcount')).toBe(String(shown.length + 1));
  const heads = (await page.getByRole('columnheader').allTextContents()).map((text) => text.trim()).filter(Boolean);
  expect(heads).not.toContain('Status');
  // What one sees stays what the public sees when the page is loaded anew.
  await page.reload();
  await page.getByText('You see what Public sees').waitFor();
  await page.locator('[data-cell="0:0"]').waitFor();
  expect(await page.getByRole('grid').getAttribute('aria-rowcount')).toBe(String(shown.length + 1));
  expect(complaints).toEqual([]);
  await context.close();
});

test('Explain says why the author cannot publish', async () => {
  const { page, complaints } = admin;
  await page.goto('access/users');
  await page.getByRole('link', { name: AUTHOR }).click();
  await page.getByLabel('Action', { exact: true }).selectOption('update');
  await page.getByLabel('Collection', { exact: true }).selectOption('posts');
  // Of the collection they change some items, and no status but two is taken.
  await page.getByText('Allowed, within limits').waitFor();
  await page.getByRole('link', { name: 'Writing drafts' }).last().waitFor();
  await page.getByText(/What is sent has to fit: status is one of "draft", "review"/i).waitFor();
  // This one is somebody else's.
  await page.getByLabel('Key of an item').fill('1');
  await page.keyboard.press('Tab');
  await page.getByText('Denied').waitFor();
  expect(complaints).toEqual([]);
});
