// The item page: each kind of field is typed into, saved, and looked up by the API. What a browser shows of stored text is harmless.
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';

import { cell, focused, signIn } from './browser';
import { exhibit } from './exhibits';
import { start } from './server';
import { stage } from './stage';

const on = stage(async () => exhibit(await start()));

type Item = Record<string, unknown>;

const stored = (id: number, fields = '*') => on.server.ask<Item>('admin', 'GET', `/items/exhibits/${id}?fields=${fields}`);

async function save(page: Page): Promise<void> {
  const [answer] = await Promise.all([
    page.waitForResponse((told) => told.request().method() === 'PATCH' && told.url().includes('/items/')),
    page.getByRole('button', { name: 'Save', exact: true }).click(),
  ]);
  expect(answer.status()).toBe(200);
  await page.getByText('Saved', { exact: true }).last().waitFor();
}

test('formatted text is typed with keys and tools, and stored as HTML', async () => {
  await on.as('admin', 'content/exhibits/3', async (page) => {
    const body = page.getByRole('textbox', { name: 'Body' });
    await body.click();
    await page.keyboard.type('## Soft ');
    await page.keyboard.press('Control+b');
    await page.keyboard.type('green');
    await page.keyboard.press('Control+b');
    await page.keyboard.press('Enter');
    await page.keyboard.type('- on stone');
    await page.keyboard.press('Enter');
    await page.keyboard.type('on wood');
    await save(page);
    expect((await stored(3)).body).toBe('<h2>Soft <strong>green</strong></h2><ul><li>on stone</li><li>on wood</li></ul>');
    await body.click();
    await page.keyboard.type('!');
    await page.keyboard.press('Control+z');
    await page.keyboard.press('Control+a');
    await page.getByRole('toolbar', { name: 'Tools of Body' }).getByRole('button', { name: 'Link' }).click();
    await page.getByLabel('Address').fill('javascript:alert(1)');
    expect(await page.getByRole('dialog', { name: 'Link' }).getByRole('button', { name: 'Apply' }).isDisabled()).toBe(true);
    await page.getByLabel('Address').fill('/moss');
    await page.keyboard.press('Enter');
    await save(page);
    expect((await stored(3)).body).toContain('<a href="/moss">Soft <strong>green</strong></a>');
  });
});

test('HTML that the editor cannot keep is left alone until somebody simplifies it', async () => {
  const before = (await stored(2)).body;
  await on.as('admin', 'content/exhibits/2', async (page) => {
    await page.getByRole('textbox', { name: 'Body' }).getByText('<table>').waitFor();
    await page.getByRole('textbox', { name: /^Title/ }).fill('Kept as it is');
    await save(page);
    expect((await stored(2)).body).toBe(before);
    await page.locator('.field').filter({ hasText: 'Body' }).getByRole('radio', { name: 'Text' }).check();
    await page.getByText('holds more than the text editor can keep').waitFor();
    await page.getByRole('button', { name: 'Simplify and edit' }).click();
    await page.getByRole('textbox', { name: 'Body' }).getByText('More than the editor knows').waitFor();
    await save(page);
    expect((await stored(2)).body).toBe('<p>More than the editor knows</p>');
  });
});

test('Markdown is looked at without anything of it running or being fetched', async () => {
  await on.as('admin', 'content/exhibits/1', async (page) => {
    const notes = page.locator('.field').filter({ has: page.locator('label', { hasText: 'Notes' }) });
    await notes.getByRole('radio', { name: 'Preview' }).check();
    const shown = notes.getByRole('document', { name: 'Notes' });
    await shown.getByRole('heading', { name: 'Care' }).waitFor();
    expect(await shown.locator('img, script, [onerror], [style]').count()).toBe(0);
    await shown.getByText('a picture').waitFor();
    await notes.getByRole('radio', { name: 'Write' }).check();
    await notes.getByRole('textbox').press('Control+End');
    await page.keyboard.type('\n\nmore');
    await save(page);
    expect(String((await stored(1)).notes)).toMatch(/more$/);
  });
});

test('JSON that does not parse is said and not stored; code is highlighted under the policy of the page', async () => {
  await on.as('admin', 'content/exhibits/1', async (page) => {
    const settings = page.getByRole('textbox', { name: 'Settings' });
    await settings.getByText('"south"').waitFor();
    // Colours come with the grammar, which comes later than the text.
    await page.getByRole('textbox', { name: 'Snippet' }).locator('.cm-line span').nth(1).waitFor();
    await settings.click();
    await page.keyboard.press('Control+a');
    await page.keyboard.type('{"light": ');
    await page.getByText('This is not valid JSON yet.').waitFor();
    await page.keyboard.type('"north"}');
    await page.getByText('This is not valid JSON yet.').waitFor({ state: 'detached' });
    await save(page);
    expect((await stored(1)).settings).toEqual({ light: 'north' });
  });
});

test('choices of every kind are stored as what they are', async () => {
  await on.as('admin', 'content/exhibits/3', async (page) => {
    await page.getByRole('radio', { name: 'Square' }).check();
    await page.getByRole('group', { name: 'Marks' }).getByRole('checkbox', { name: 'Fragile' }).check();
    await page.getByPlaceholder('Something else').fill('mossy');
    await page.keyboard.press('Enter');
    const rooms = page.getByRole('combobox', { name: 'Rooms' });
    await rooms.fill('cel');
    await page.keyboard.press('Enter');
    const kinds = page.getByRole('group', { name: 'Kinds' });
    await kinds.getByRole('checkbox', { name: 'Fig' }).check();
    await kinds.getByRole('checkbox', { name: 'Pear' }).check();
    expect(await kinds.getByRole('checkbox', { name: 'Fruit' }).isChecked()).toBe(true);
    await page.getByRole('button', { name: 'shade' }).click();
    await page.getByRole('textbox', { name: 'Words' }).fill('Wet Stone');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Plum' }).click();
    await page.getByRole('combobox', { name: 'Symbol' }).fill('category');
    await page.keyboard.press('Enter');
    await page.getByRole('slider', { name: 'Height' }).fill('45');
    await save(page);
    const told = await stored(3);
    expect([told.shape, told.marks, told.rooms, told.kinds]).toEqual(['square', ['fragile', 'mossy'], ['cellar'], ['fruit']]);
    expect([told.words, told.color, told.symbol, told.height]).toEqual([['shade', 'wet stone'], '#6B5B95', 'category', 45]);
  });
});

test('rows within a field are added, moved and taken away by keyboard', async () => {
  await on.as('admin', 'content/exhibits/1', async (page) => {
    const rows = page.getByRole('group', { name: 'Recipe' });
    await rows.getByRole('button', { name: 'Add a row' }).press('Enter');
    await rows.getByRole('textbox', { name: 'Step' }).fill('Wait');
    await rows.getByRole('spinbutton', { name: 'Minutes' }).fill('90');
    const up = rows.getByRole('listitem').nth(2).getByRole('button', { name: 'Move up' });
    await up.press('Enter');
    await page.keyboard.press('Enter');
    await rows.getByRole('button', { name: 'Remove Feed, 10 minutes' }).press('Enter');
    await save(page);
    expect((await stored(1)).recipe).toEqual([
      { step: 'Wait', minutes: 90, how: null },
      { step: 'Prune', minutes: 30, how: 'Above the second bud.' },
    ]);
  });
});

test('items of several collections are put in order and saved with the item', async () => {
  await on.as('admin', 'content/exhibits/1', async (page) => {
    const blocks = page.getByRole('group', { name: 'Blocks' });
    await blocks.getByText('A word of welcome').waitFor();
    await blocks.getByRole('button', { name: 'Create new' }).click();
    await page.getByRole('menuitem', { name: 'Quotes' }).click();
    await page.getByRole('dialog').getByLabel('Headline').fill('A third one');
    await page.getByRole('dialog').getByRole('button', { name: 'Done' }).click();
    await blocks.getByRole('button', { name: 'Move A third one up' }).click();
    await blocks.getByRole('button', { name: 'Add existing' }).click();
    await focused(page);
    await blocks.getByLabel('Collection').selectOption('texts');
    await blocks.getByRole('combobox', { name: 'Add existing' }).fill('found');
    await page.getByRole('option', { name: 'How it was found' }).click();
    await save(page);
    const told = await stored(1, 'blocks.collection,blocks.item:texts.headline,blocks.item:quotes.headline');
    const names = (told.blocks as { collection: string; item: { headline: string } }[]).map((own) => `${own.collection}: ${own.item.headline}`);
    expect(names).toEqual(['texts: A word of welcome', 'quotes: A third one', 'quotes: It was always there', 'texts: How it was found']);
  });
});

test('languages stand side by side, and a new one is made by typing', async () => {
  await on.as('admin', 'content/exhibits/1', async (page) => {
    const languages = page.getByRole('group', { name: 'Translations' });
    await languages.getByText('2 of 2').waitFor();
    await languages.getByRole('button', { name: 'Side by side' }).click();
    await languages.getByLabel('Language').nth(1).selectOption('ar-SA');
    expect(await languages.locator('[lang="ar-SA"]').getAttribute('dir')).toBe('rtl');
    await languages.getByLabel('Language').nth(1).selectOption('de-DE');
    await languages.locator('[lang="de-DE"]').getByLabel('Name').fill('Die Feige in der Mauer');
    await languages.getByText('1 of 2').waitFor();
    await save(page);
    const told = await stored(1, 'translations.languages_code,translations.name');
    expect(told.translations).toEqual([
      { languages_code: 'en-US', name: 'The fig in the wall' },
      { languages_code: 'de-DE', name: 'Die Feige in der Mauer' },
    ]);
  });
});

test('what the server says stands beside the field, and fields come and go by their conditions', async () => {
  await on.as('admin', 'content/exhibits/+', async (page) => {
    await page.getByRole('textbox', { name: 'Roof' }).waitFor();
    expect(await page.getByRole('combobox', { name: 'Keeper' }).inputValue()).toBe('');
    await page.getByRole('switch', { name: 'Open air' }).check();
    await page.getByRole('textbox', { name: 'Roof' }).waitFor({ state: 'detached' });
    await page.getByRole('textbox', { name: /^Title/ }).fill('Ivy');
    const slug = page.getByRole('textbox', { name: /^Slug/ });
    await slug.fill('Ivy 2 Über');
    expect(await slug.inputValue()).toBe('ivy-2-uber');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.locator('.field').filter({ hasText: 'Slug' }).getByText('Small letters and hyphens only.').waitFor();
    await slug.fill('ivy');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByText('Saved', { exact: true }).waitFor();
    expect(await on.server.ask<unknown[]>('admin', 'GET', '/items/exhibits?filter[slug][_eq]=ivy')).toHaveLength(1);
  });
});

test('archiving is undone at once, and archived items are found again', async () => {
  await on.as('admin', 'content/exhibits/3', async (page) => {
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Archive' }).click();
    await page.getByText('One item archived').waitFor();
    expect((await stored(3)).status).toBe('archived');
    await page.getByRole('list', { name: 'Notices' }).getByRole('button', { name: 'Undo' }).click();
    await page.locator('.badge', { hasText: 'Archived' }).waitFor({ state: 'detached' });
    expect((await stored(3)).status).toBe('draft');
  });
  await on.as('admin', 'content/exhibits', async (page) => {
    await cell(page, 0, 0).waitFor();
    expect(await page.getByText('Put away').count()).toBe(0);
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.getByRole('radio', { name: 'Archived only' }).check();
    await page.getByText('Put away').waitFor();
  });
});

test('what may not be done is not offered, and why is said', async () => {
  const page = await on.open();
  await signIn(page, 'author');
  await page.goto('content/tags');
  await cell(page, 0, 0).waitFor();
  await page.getByRole('button', { name: 'What you may not do here' }).click();
  const limits = page.getByRole('dialog', { name: 'What you may not do here' });
  await limits.getByText('Create new items').waitFor();
  await limits.getByRole('button', { name: 'Why?' }).first().click();
  await page.getByText(/No policy of yours|not granted|may not/).first().waitFor();
  await page.goto('content/tags/1');
  await page.getByText('Read only').waitFor();
  expect(await page.getByRole('button', { name: 'Save', exact: true }).count()).toBe(0);
  expect(await page.getByRole('textbox', { name: /^Name/ }).getAttribute('readonly')).not.toBeNull();
});
