// Deciding who may do what: painting a policy by keyboard and by mouse, a custom rule with its count, and what is saved.
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';

import { pick, signIn, viewAs } from './browser';
import { PASSWORD, PEOPLE } from './server';
import { stage } from './stage';

const on = stage();

interface Stored {
  id: number;
  collection: string;
  action: string;
  permissions: unknown;
  fields: string[] | null;
}

const ALL = 'filter[policy][_eq]=';
const stored = (policy: string) => on.server.ask<Stored[]>('admin', 'GET', `/permissions?${ALL}${policy}&limit=-1`);
const make = async (name: string) =>
  (await on.server.ask<{ id: string }>('admin', 'POST', '/policies', { name, app_access: true })).id;
const cell = (page: Page, name: string) => page.getByRole('gridcell', { name: new RegExp(`^${name}`) });

async function visit(policy: string): Promise<Page> {
  const page = await on.open();
  await signIn(page, 'admin');
  await page.goto(`access/policies/${policy}`);
  await page.getByRole('grid').waitFor();
  return page;
}

async function save(page: Page) {
  await page.getByRole('button', { name: 'Review' }).click();
  await page.getByRole('button', { name: 'Save permissions' }).click();
  await page.getByText('Permissions saved').waitFor();
}

test('twenty collections are painted by keyboard, looked over, and saved in one request', async () => {
  const policy = await make('Painted');
  for (let at = 1; at <= 11; at += 1)
    await on.server.ask('admin', 'POST', '/collections', { collection: `zone_${at}`, meta: {}, schema: {} });
  const page = await visit(policy);
  await cell(page, 'Authors, Create').focus();
  await page.keyboard.press('Control+Shift+ArrowDown');
  await page.keyboard.press('Shift+ArrowRight');
  await page.keyboard.press('a');
  await page.getByText('42 changes').waitFor();
  await cell(page, 'Authors, Create').focus();
  await page.keyboard.press('n');
  await page.getByText('41 changes').waitFor();
  await page.keyboard.press('Control+z');
  await page.getByText('42 changes').waitFor();
  const writes: string[] = [];
  page.on('request', (request) => request.method() === 'PATCH' && writes.push(new URL(request.url()).pathname));
  await save(page);
  expect(writes).toEqual([`/policies/${policy}`]);
  const now = await stored(policy);
  expect(new Set(now.map((own) => own.collection)).size).toBe(21);
  expect(now.filter((own) => own.action === 'read')).toHaveLength(21);
  expect(now.every((own) => own.fields?.join() === '*')).toBe(true);
});

test('a drag paints what it goes over, and the same cells are emptied by another', async () => {
  const policy = await make('Dragged');
  const page = await visit(policy);
  const drag = async (from: string, to: string) => {
    const [a, b] = [await cell(page, from).boundingBox(), await cell(page, to).boundingBox()];
    if (!a || !b) throw new Error('no such cell');
    await page.mouse.move(a.x + 20, a.y + 10);
    await page.mouse.down();
    await page.mouse.move(b.x + 20, b.y + 10, { steps: 5 });
    await page.mouse.up();
  };
  await drag('Authors, Read', 'Comments, Update');
  await page.getByText('6 changes').waitFor();
  await drag('Authors, Update', 'Comments, Update');
  await page.getByText('3 changes').waitFor();
  await save(page);
  const now = await stored(policy);
  expect(now.map((own) => `${own.collection}/${own.action}`).sort()).toEqual(['authors/read', 'categories/read', 'comments/read']);
});

test('a rule is built as a sentence, counted for somebody, and stored as it is told', async () => {
  const policy = await make('Sentences');
  const page = await visit(policy);
  await cell(page, 'Posts, Read').focus();
  await page.keyboard.press('Enter');
  const drawer = page.getByRole('dialog');
  await drawer.getByRole('button', { name: 'Condition' }).click();
  await pick(drawer.getByRole('combobox', { name: 'Field' }), 'User created');
  await pick(drawer.getByRole('combobox', { name: 'Value' }), 'current user', /^the current user/);
  await pick(drawer.getByRole('combobox', { name: 'Match for' }), 'Nora');
  const nora = await on.server.ask<{ count: number }[]>('author', 'GET', '/items/posts?filter[user_created][_eq]=$CURRENT_USER&aggregate[count]=*');
  await drawer.getByText(`${nora[0]?.count} of 120 match for Nora`).waitFor();
  await drawer.getByRole('button', { name: 'JSON' }).click();
  const json = drawer.getByRole('textbox', { name: 'JSON' });
  expect(JSON.parse(await json.inputValue())).toEqual({ _and: [{ user_created: { _eq: '$CURRENT_USER' } }] });
  await json.fill('{"_and":[{"user_created":{"_eq":"$CURRENT_USER"}},{"status":{"_eq":"draft"}}]}');
  await drawer.getByText('own and status is draft').waitFor();
  await drawer.getByRole('tab', { name: 'Fields' }).click();
  await drawer.getByRole('radio', { name: 'Chosen fields' }).check();
  await drawer.getByRole('button', { name: 'Choose none' }).click();
  await drawer.getByText(/needs to read ID, Status/).waitFor();
  await drawer.getByRole('button', { name: 'Add', exact: true }).click();
  await drawer.getByRole('button', { name: 'Apply' }).click();
  await cell(page, 'Posts, Read: own and status is draft · ').waitFor();
  await save(page);
  const [now] = await stored(policy);
  expect(now?.permissions).toEqual({ _and: [{ user_created: { _eq: '$CURRENT_USER' } }, { status: { _eq: 'draft' } }] });
  expect(now?.fields).toEqual(expect.arrayContaining(['id', 'status']));
  const views = await on.server.ask<unknown[]>('admin', 'GET', '/permissions?filter[policy][_null]=true');
  expect(views).toEqual([]);
});

test('what is not saved is not lost, neither by leaving nor by a server that cannot be reached', async () => {
  const policy = await make('Unsaved');
  const page = await visit(policy);
  await cell(page, 'Tags, Read').focus();
  await page.keyboard.press('a');
  await page.getByRole('navigation', { name: 'Access' }).getByRole('link', { name: 'Roles' }).click();
  await page.getByRole('dialog', { name: 'Leave without saving?' }).getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Review' }).click();
  await page.context().setOffline(true);
  await page.getByRole('button', { name: 'Save permissions' }).click();
  await page.getByText('The server cannot be reached.', { exact: true }).waitFor();
  await page.context().setOffline(false);
  expect(await stored(policy)).toEqual([]);
  await page.getByRole('button', { name: 'Save permissions' }).click();
  await page.getByText('Permissions saved').waitFor();
  expect(await stored(policy)).toHaveLength(1);
});

test('somebody is invited, a role gets a policy, and a token is shown once', async () => {
  const page = await on.open();
  await signIn(page, 'admin');
  await page.goto('access/users');
  await page.getByRole('button', { name: 'Invite' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Email addresses').fill('lena@example.com\nomar@example.com');
  await dialog.getByLabel('Role').selectOption({ label: 'Analyst' });
  await dialog.getByRole('button', { name: 'Invite' }).click();
  await page.getByText('2 invitations are on their way').waitFor();
  await page.getByRole('link', { name: 'lena@example.com' }).click();
  await page.getByText('From Analyst').waitFor();
  await page.getByLabel('First name').fill('Lena');
  // An answer that says the same again does not undo what is being typed.
  await Promise.all([
    page.waitForResponse((response) => response.url().includes('/users?')),
    pick(page.getByRole('combobox', { name: 'Add a policy' }), 'Analyst'),
  ]);
  expect(await page.getByLabel('First name').inputValue()).toBe('Lena');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved').waitFor();
  await pick(page.getByRole('combobox', { name: 'Add a policy' }), 'Website');
  await page.getByRole('button', { name: /Take away: Website/ }).waitFor();
  await page.getByRole('button', { name: 'Make a token' }).click();
  const token = (await page.locator('dd code').textContent()) ?? '';
  expect(token.length).toBeGreaterThanOrEqual(32);
  await page.reload();
  await page.getByText('There is one').waitFor();
  expect(await page.content()).not.toContain(token);
  const lena = await on.server.ask<{ status: string; policies: unknown[] }[]>('admin', 'GET', '/users?filter[email][_eq]=lena@example.com&fields=status,policies');
  expect(lena[0]?.status).toBe('invited');
  expect(lena[0]?.policies).toHaveLength(2);
});

test('whoever is no administrator finds no access pages', async () => {
  const page = await on.open();
  await signIn(page, 'manager');
  expect(await page.getByRole('link', { name: 'Access', exact: true }).count()).toBe(0);
  await page.goto('access/policies');
  await page.getByText('Only administrators come here').waitFor();
});

test('the public’s eyes see exactly what the public sees, and change nothing', async () => {
  const page = await on.open();
  await signIn(page, 'admin');
  const [view] = await Promise.all([page.waitForRequest((request) => 'aedile-view' in request.headers()), viewAs(page, 'Public')]);
  const links = page.getByRole('navigation', { name: 'Collections' }).getByRole('link');
  expect((await links.allTextContents()).map((text) => text.trim())).toEqual(['Posts']);
  expect(await page.getByRole('link', { name: 'Access', exact: true }).count()).toBe(0);
  const id = view.headers()['aedile-view'] ?? '';
  const write = await page.request.post(`${on.server.url}/items/tags`, { data: { name: 'x' }, headers: { 'Aedile-View': id } });
  expect(write.status()).toBe(403);
  await page.getByRole('button', { name: 'Stop viewing' }).click();
  await page.getByRole('link', { name: 'Access', exact: true }).waitFor();
  await expect.poll(() => links.count()).toBeGreaterThan(3);
});

test('the Studio can be seen as an author, and explains why they cannot delete', async () => {
  const page = await on.open();
  await signIn(page, 'admin');
  await page.goto('access/users');
  await page.getByRole('link', { name: /Nora/ }).click();
  await page.getByLabel('Action', { exact: true }).selectOption('delete');
  await page.getByLabel('Collection', { exact: true }).selectOption('posts');
  await page.getByText('Denied').waitFor();
  await page.getByLabel('Action', { exact: true }).selectOption('update');
  await page.getByRole('link', { name: 'Guest Author: write and hand in' }).last().waitFor();
  await page.getByText('Allowed').waitFor();
  await page.getByRole('button', { name: 'View as' }).click();
  await page.getByText(/You see what Nora/).waitFor();
  const seen = await page.getByRole('navigation', { name: 'Collections' }).getByRole('link').allTextContents();
  await page.getByRole('navigation', { name: 'Collections' }).getByRole('link', { name: 'Tags' }).click();
  await page.getByRole('button', { name: 'Why?' }).click();
  const why = page.getByRole('dialog', { name: 'Create in Tags' });
  await why.getByText('Denied').waitFor();
  await why.getByRole('link', { name: 'Guest Author: write and hand in' }).waitFor();
  await page.keyboard.press('Escape');
  // Whoever comes next looks with their own eyes, and sees the same.
  await page.getByRole('button', { name: /^Account/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByLabel('Email').fill(PEOPLE.author);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.keyboard.press('Enter');
  const links = page.getByRole('navigation', { name: 'Collections' }).getByRole('link');
  await links.first().waitFor();
  expect(await links.allTextContents()).toEqual(seen);
  expect(await page.getByText('You see what').count()).toBe(0);
});

test('the audit says what is too open, and a fix is applied by the change that it names', async () => {
  const [rule] = await on.server.ask<Stored[]>('admin', 'GET', '/permissions?filter[policy][name][_eq]=$t:public_label&filter[collection][_eq]=posts');
  const policy = await on.server.ask<{ policy: string }>('admin', 'GET', `/permissions/${rule?.id}?fields=policy`);
  await on.server.ask('admin', 'POST', '/permissions', { policy: policy.policy, collection: 'tags', action: 'delete', fields: ['*'], permissions: {} });
  const page = await on.open();
  await signIn(page, 'admin');
  await page.goto('access/audit');
  const finding = page.getByRole('listitem').filter({ hasText: 'The public deletes rows' });
  await finding.getByRole('button', { name: 'Apply' }).click();
  await page.getByRole('dialog', { name: 'Apply this change?' }).getByRole('button', { name: 'Apply' }).click();
  await page.getByText('Applied').waitFor();
  await finding.waitFor({ state: 'detached' });
  const left = await stored(policy.policy);
  expect(left.map((own) => own.action)).toEqual(['read']);
});
