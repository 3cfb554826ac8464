// A browser, and somebody in it. Every page is listened to: errors in its console and questions to other places are complaints,
// whatever else is looked at.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium, type Browser, type BrowserContext, type Locator, type Page } from 'playwright-core';

import { PASSWORD, PEOPLE, type Person, type Server } from './server';

/** What a page has not done by then it will not do, in milliseconds. Long, for it is waited for only where something is wrong. */
const PATIENCE = 30_000;

/** A browser that has not started by then will not: the first start reads all of it from a disk that may be slow. */
const START = 120_000;

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export interface Options {
  width?: number;
  height?: number;
  dark?: boolean;
  touch?: boolean;
  /** Nothing is done but by keyboard: a mouse is a complaint. */
  keyboard?: boolean;
}

/** What went wrong on a page that no assertion would notice. */
export interface Watched {
  page: Page;
  context: BrowserContext;
  complaints: string[];
}

export async function launch(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? PLACES.find((place) => existsSync(place));
  if (!executablePath) throw new Error('no Chromium: say in CHROMIUM where it is');
  // Containers have little shared memory, and a page that finds none of it left is gone.
  const args = ['--no-sandbox', '--font-render-hinting=none', '--disable-dev-shm-usage'];
  return chromium.launch({ executablePath, args, timeout: START });
}

/** A page of nobody, at the Studio's beginning. */
export async function open(browser: Browser, server: Server, options: Options = {}): Promise<Watched> {
  const context = await browser.newContext({
    baseURL: `${server.url}/admin/`,
    viewport: { width: options.width ?? 1440, height: options.height ?? 900 },
    colorScheme: options.dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    hasTouch: options.touch ?? false,
  });
  context.setDefaultTimeout(PATIENCE);
  if (options.keyboard) await context.addInitScript(() => addEventListener('pointerdown', () => console.error('a mouse was used'), true));
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    // Answers that refuse are the server's right, and the browser's log tells of each.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol.startsWith('http') && origin !== server.url) complaints.push(`asked ${origin}`);
  });
  return { page, context, complaints };
}

/** Signs in as one of the project's people. */
export async function signIn(page: Page, who: Person): Promise<void> {
  await page.goto('login');
  await page.getByLabel('Email').fill(PEOPLE[who]);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('navigation', { name: 'Modules' }).waitFor();
}

/** Gives address and password by keyboard alone; a code may be asked for then. */
export async function enter(page: Page, email: string): Promise<void> {
  await page.goto('login');
  await focused(page);
  await page.keyboard.type(email);
  await page.keyboard.press('Tab');
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press('Enter');
}

/** Waits until the keyboard is in a field. */
export async function focused(page: Page): Promise<void> {
  await page.locator('input:focus').waitFor();
}

/** Finds a command by words and gives it, by keyboard alone. */
export async function command(page: Page, words: string): Promise<void> {
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: /^Search pages/ }).waitFor();
  await page.keyboard.type(words);
  await page.keyboard.press('Enter');
}

/** Looks with the eyes of whoever is called so, by keyboard alone. */
export async function viewAs(page: Page, name: string): Promise<void> {
  await command(page, 'view as');
  await page.locator('dialog input:focus').waitFor();
  await page.keyboard.type(name);
  // What fits is not offered yet: it is taken when it is.
  await page.keyboard.press('Enter');
  await page.getByRole('listbox').waitFor({ state: 'hidden' });
  await page.keyboard.press('Enter');
  await page.getByText(`You see what ${name} sees`).waitFor();
}

/** Picks the first of what a list of choices offers for some words, once it is offered. */
export async function pick(box: Locator, words: string, offered: string | RegExp = new RegExp(`^${words}`)): Promise<void> {
  await box.fill(words);
  await box.page().getByRole('listbox').getByRole('option', { name: offered }).first().click();
}

/** A cell of the grid, by the places of its row and column. */
export const cell = (page: Page, row: number, col: number) => page.locator(`[role=row][aria-rowindex="${row + 2}"] > [aria-colindex="${col + 2}"]`);

interface Violation {
  id: string;
  impact: string;
  help: string;
  nodes: { html: string; failureSummary: string }[];
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds serious or critical. */
export async function faults(page: Page): Promise<string[]> {
  // By the debugger's door: the page's policy lets no foreign script in.
  await page.evaluate(axe);
  const found = (await page.evaluate(`axe.run(document, { resultTypes: ['violations'] })`)) as { violations: Violation[] };
  return found.violations
    .filter((own) => own.impact === 'serious' || own.impact === 'critical')
    .flatMap((own) => own.nodes.slice(0, 3).map((node) => `${own.id}: ${own.help}\n  ${node.html}\n  ${node.failureSummary}`));
}
