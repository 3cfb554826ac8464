// Coming in and going out: by password, by keyboard with a second factor, and when the session ends in the middle of work.
import { createHmac } from 'node:crypto';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';

import { enter, focused, signIn } from './browser';
import { PASSWORD, PEOPLE } from './server';
import { stage } from './stage';

const on = stage();

/** Between two codes of an authenticator app, in milliseconds. */
const STEP = 30_000;

/** The six digits that an authenticator app shows now, or then. */
function code(secret: string, at = Date.now()): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / STEP)));
  const hash = createHmac('sha1', key).update(counter).digest();
  const from = (hash.at(-1) ?? 0) & 15;
  return String((hash.readUInt32BE(from) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** The recovery codes that are shown; the keyboard is at what goes on. */
async function recoveryCodes(page: Page): Promise<string[]> {
  const codes = page.getByRole('list', { name: 'Recovery codes' }).locator('code');
  await codes.first().waitFor();
  await page.locator('button:focus').getByText('I have kept them').waitFor();
  return codes.allTextContents();
}

test('a wrong password is told beside the field, the right one leads where one wanted to go', async () => {
  const page = await on.open();
  await page.goto('content/posts?search=moss');
  await page.getByLabel('Email').fill(PEOPLE.author);
  await page.getByLabel('Password', { exact: true }).fill('wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').getByText('Address or password is not right.').waitFor();
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Posts' }).waitFor();
  expect(page.url()).toContain('/admin/content/posts?search=moss');
});

test('who has to have a second factor gets in once it is set up, and nowhere before', async () => {
  const theirs = `/policies?fields=id&filter[roles][role][users][email][_eq]=${PEOPLE.analyst}`;
  const [policy] = await on.server.ask<{ id: string }[]>('admin', 'GET', theirs);
  await on.server.ask('admin', 'PATCH', `/policies/${policy?.id}`, { enforce_tfa: true });
  const page = await on.open();
  await page.goto('content/posts');
  await page.getByLabel('Email').fill(PEOPLE.analyst);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByText('needs a second factor before it opens anything else').waitFor();
  await page.reload();
  await page.getByText('needs a second factor before it opens anything else').waitFor();
  expect(await page.getByRole('navigation', { name: 'Modules' }).count()).toBe(0);
  await focused(page);
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press('Enter');
  const secret = ((await page.locator('code').textContent()) ?? '').replaceAll(' ', '');
  await focused(page);
  await page.keyboard.type(code(secret));
  await page.keyboard.press('Enter');
  expect(await recoveryCodes(page)).toHaveLength(10);
  await page.keyboard.press('Enter');
  await page.getByRole('navigation', { name: 'Modules' }).waitFor();
  await on.server.ask('admin', 'PATCH', `/policies/${policy?.id}`, { enforce_tfa: false });
});

test('a second factor is set up and asked for, by keyboard alone', async () => {
  const page = await on.open({ keyboard: true });
  await enter(page, PEOPLE.admin);
  await page.getByRole('navigation', { name: 'Modules' }).waitFor();
  await page.goto('setup-2fa');
  await focused(page);
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press('Enter');
  const secret = ((await page.locator('code').textContent()) ?? '').replaceAll(' ', '');
  expect(secret).toMatch(/^[A-Z2-7]{16,}$/);
  await focused(page);
  await page.keyboard.type(code(secret));
  await page.keyboard.press('Enter');
  await page.getByText('Two-factor sign-in is on').waitFor();
  const codes = await recoveryCodes(page);
  await page.keyboard.press('Enter');
  await page.getByText('Welcome').waitFor();
  await page.context().clearCookies();

  await enter(page, PEOPLE.admin);
  await page.getByRole('heading', { name: 'Code' }).waitFor();
  await focused(page);
  await page.keyboard.type('000000');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').waitFor();
  await page.keyboard.press('Control+a');
  // A code is taken once: the one after it, which a clock that goes fast would show.
  await page.keyboard.type(code(secret, Date.now() + STEP));
  await page.keyboard.press('Enter');
  await page.getByRole('navigation', { name: 'Modules' }).waitFor();

  // The telephone is lost: a code that was kept opens the account, once.
  const lost = await on.open({ keyboard: true });
  await enter(lost, PEOPLE.admin);
  await lost.getByRole('heading', { name: 'Code' }).waitFor();
  await focused(lost);
  await lost.keyboard.press('Tab');
  await lost.keyboard.press('Enter');
  await focused(lost);
  await lost.keyboard.type(codes[0] ?? '');
  await lost.keyboard.press('Enter');
  await lost.getByRole('navigation', { name: 'Modules' }).waitFor();
  await lost.goto('account');
  await lost.getByText('9 recovery codes are left').waitFor();
  await lost.getByText('This one').waitFor();
});

test('one’s own account: name, password, and where one is signed in', async () => {
  const there = await on.open();
  await signIn(there, 'manager');
  const page = await on.open();
  await signIn(page, 'manager');
  await page.getByRole('button', { name: /^Account/ }).click();
  await page.getByRole('menuitem', { name: 'Your account' }).click();
  await page.getByText('This one').waitFor();
  const others = page.getByRole('button', { name: /^End:/ });
  const before = await others.count();
  expect(before).toBeGreaterThan(0);
  await others.first().click();
  await page.getByText('The session is over').waitFor();
  await expect.poll(() => others.count()).toBe(before - 1);
  // Nobody but an administrator lets them change who they are: the fields say so.
  await page.getByText('Your policies do not let you change these').waitFor();
  await page.getByRole('radio', { name: 'Dark' }).check();
  expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
  await page.getByRole('radio', { name: 'As the system' }).check();
  await page.getByRole('button', { name: 'Sign out everywhere' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Sign out everywhere' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await there.reload();
  await there.getByRole('heading', { name: 'Sign in' }).waitFor();
});

test('when the session is over, the password is asked for and the page stays', async () => {
  const page = await on.open();
  await signIn(page, 'manager');
  await page.goto('content');
  await page.getByText('Welcome').waitFor();
  await page.context().clearCookies();
  await page.getByRole('navigation', { name: 'Collections' }).getByRole('link').first().click();
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  const dialog = page.getByRole('dialog', { name: 'Your session is over' });
  await dialog.waitFor();
  const before = page.url();
  await dialog.getByLabel('Password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'detached' });
  expect(page.url()).toBe(before);
});

test('signing out ends the session and forgets what was shown', async () => {
  const page = await on.open();
  await signIn(page, 'author');
  await page.getByRole('button', { name: /^Account/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  const told = await page.request.get(`${on.server.url}/studio/boot`);
  expect(told.status()).toBe(403);
  await page.goto('content');
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
});

test('nobody is led elsewhere after signing in', async () => {
  const page = await on.open();
  await page.goto('login?to=//evil.example/');
  await page.getByLabel('Email').fill(PEOPLE.author);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByRole('navigation', { name: 'Modules' }).waitFor();
  expect(new URL(page.url()).origin).toBe(on.server.url);
});
