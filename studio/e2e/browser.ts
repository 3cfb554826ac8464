// A browser, and somebody in it. Every page is listened to: errors in its console and questions to other places fail the test
// that is running, whatever else it looks at.
import { existsSync } from 'node:fs';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { expect } from 'vitest';

import { PASSWORD, PEOPLE, type Person, type Server } from './server';

/** What a page has not done by then it will not do, in milliseconds; a machine that is busy with other things needs longer. */
const PATIENCE = Number(process.env.PATIENCE ?? 10_000);

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export interface Options {
  width?: number;
  height?: number;
  dark?: boolean;
  touch?: boolean;
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
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--font-render-hinting=none'] });
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

/** Somebody at an address; nothing may have gone wrong unnoticed when they leave. */
export async function as(browser: Browser, server: Server, who: Person, path: string, act: (page: Page) => Promise<void>): Promise<void> {
  const { page, context, complaints } = await open(browser, server);
  try {
    await signIn(page, who);
    await page.goto(path);
    await act(page);
    expect(complaints).toEqual([]);
  } finally {
    await context.close();
  }
}

/** A cell of the grid, by the places of its row and column. */
export const cell = (page: Page, row: number, col: number) => page.locator(`[data-cell="${row}:${col}"]`);

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
