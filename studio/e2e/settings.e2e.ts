// What holds for the whole project, what this server is, and what has happened in it.
import { expect, test } from 'vitest';

import { stage } from './stage';

const on = stage();

interface Settings {
  project_name: string;
  project_color: string;
  custom_css: string | null;
  auth_password_policy: string | null;
}
const stored = () => on.server.ask<Settings>('admin', 'GET', '/settings');

test('the project gets a name, a colour and a style sheet, which everybody sees at once', async () => {
  await on.as('admin', 'settings', async (page) => {
    const before = await stored();
    await page.getByLabel('Name', { exact: true }).fill('Moss & Fern');
    await page.getByRole('textbox', { name: 'Colour', exact: true }).fill('#0a6e4f');
    await page.getByLabel('Style sheet').fill('h1 { text-transform: uppercase }');
    expect(await stored()).toEqual(before);
    const writes: string[] = [];
    page.on('request', (request) => request.method() === 'PATCH' && writes.push(request.postData() ?? ''));
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved', { exact: true }).waitFor();
    expect(writes.map((body) => Object.keys(JSON.parse(body) as object))).toEqual([['project_name', 'project_color', 'custom_css']]);
    await page.getByRole('complementary').getByText('Moss & Fern').waitFor();
    const look = await page.evaluate(() => [getComputedStyle(document.documentElement).getPropertyValue('--project'), getComputedStyle(document.querySelector('h1')!).textTransform]);
    expect(look).toEqual(['#0a6e4f', 'uppercase']);
  });
  const page = await on.open();
  await page.goto('login');
  await page.getByText('Moss & Fern').waitFor();
  await on.server.ask('admin', 'PATCH', '/settings', { custom_css: null });
});

test('whoever has chosen nothing sees the project light or dark, as it says', async () => {
  await on.server.ask('admin', 'PATCH', '/settings', { default_appearance: 'dark' });
  await on.as('author', 'content', async (page) => {
    await page.getByText('Welcome').waitFor();
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark');
    await page.getByRole('button', { name: /^Account/ }).click();
    await page.getByRole('menuitemcheckbox', { name: 'Light' }).click();
    await page.reload();
    await page.getByText('Welcome').waitFor();
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('light');
  });
  await on.server.ask('admin', 'PATCH', '/settings', { default_appearance: 'auto' });
});

test('a rule for passwords is chosen, found by searching, and one that cannot be kept is refused', async () => {
  await on.as('admin', 'settings', async (page) => {
    await page.getByLabel('Find a setting').fill('password');
    expect(await page.getByLabel('Subtitle').count()).toBe(0);
    await page.getByLabel('Passwords', { exact: true }).selectOption({ label: 'At least 8 characters' });
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved', { exact: true }).waitFor();
    expect((await stored()).auth_password_policy).toBe('/^.{8,}$/');
    await page.getByLabel('Passwords', { exact: true }).selectOption({ label: 'Another rule, as a regular expression' });
    await page.getByLabel('Another rule').fill('/(/');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('alert').waitFor();
    expect((await stored()).auth_password_policy).toBe('/^.{8,}$/');
    await page.getByRole('button', { name: 'Discard' }).click();
  });
});

test('what is not saved is asked for before it is left', async () => {
  await on.as('admin', 'settings', async (page) => {
    await page.getByLabel('Subtitle').fill('Gardens');
    await page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'System' }).click();
    await page.getByRole('dialog', { name: 'Leave without saving?' }).getByRole('button', { name: 'Leave' }).click();
    await page.getByText('SQLite').waitFor();
    await page.getByText('Most items of one request').waitFor();
  });
});

test('who did what is found by person, action and collection, with what was changed', async () => {
  await on.server.ask('author', 'POST', '/items/posts', { title: 'Ferns in pots', slug: 'ferns-in-pots', status: 'draft' });
  await on.server.ask('admin', 'PATCH', '/items/tags/2', { name: 'Pots and boxes' });
  await on.as('admin', 'activity', async (page) => {
    const rows = page.getByRole('table').getByRole('row');
    await rows.nth(1).waitFor();
    await page.getByRole('combobox', { name: 'Collection' }).fill('Posts');
    await page.keyboard.press('Enter');
    await page.getByLabel('What', { exact: true }).selectOption({ label: 'Created' });
    await page.getByRole('combobox', { name: 'Who' }).fill('Nora');
    await page.getByRole('option', { name: /Nora/ }).click();
    await expect.poll(() => rows.count(), { timeout: 20_000 }).toBe(2);
    expect(page.url()).toContain('collection=posts');
    await rows.nth(1).getByRole('link').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Ferns in pots').waitFor();
    await dialog.getByText('127.0.0.1').waitFor();
    await dialog.getByRole('link', { name: 'Open the item' }).click();
    await page.getByLabel('Title').waitFor();
    expect(await page.getByLabel('Title').inputValue()).toBe('Ferns in pots');
  });
});

test('an author sees nobody’s doings but their own, and none of the settings', async () => {
  await on.server.ask('admin', 'PATCH', '/items/tags/3', { name: 'Greenery' });
  await on.as('author', 'activity', async (page) => {
    await page.getByRole('table').waitFor();
    const people = await page.getByRole('table').locator('.who').allTextContents();
    expect(new Set(people).size).toBe(1);
    expect(people[0]).toMatch(/^Nora/);
    expect(await page.getByRole('link', { name: 'Settings', exact: true }).count()).toBe(0);
    for (const path of ['settings', 'settings/system']) {
      await page.goto(path);
      await page.getByText('Only administrators come here').waitFor();
    }
    const told = await page.request.get(`${on.server.url}/studio/system`);
    expect(told.status()).toBe(403);
  });
});
