// What a browser has to load, and what it may: sizes as they are sent, and nothing from elsewhere.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { open, signIn } from './browser';
import { stage } from './stage';

/** What the first page may cost, everything together, in bytes as they are sent. */
const FIRST_LOAD = 120 * 1024;

/** What one piece that comes later may cost. */
const CHUNK = 160 * 1024;

const DIST = join(import.meta.dirname, '../dist');

const on = stage();

test('no piece is too large', () => {
  for (const name of readdirSync(join(DIST, 'assets')).filter((own) => !/\.(br|gz)$/.test(own))) {
    const path = join(DIST, 'assets', name);
    const sent = statSync(`${path}.br`, { throwIfNoEntry: false }) ?? statSync(path);
    expect(sent.size, name).toBeLessThanOrEqual(CHUNK);
  }
});

test('nothing names another place to load from', () => {
  const html = readFileSync(join(DIST, 'index.html'), 'utf8');
  expect(html).not.toMatch(/(src|href)="(https?:)?\/\//);
});

test('the first page after signing in is small, and asks the API once', async () => {
  const page = await on.open();
  await signIn(page, 'author');
  const client = await page.context().newCDPSession(page);
  await client.send('Network.enable');
  await client.send('Network.clearBrowserCache');
  let bytes = 0;
  const encodings = new Set<string>();
  const paths = new Map<string, string>();
  const forms = new Map<string, string>();
  client.on('Network.responseReceived', ({ requestId, response }) => {
    paths.set(requestId, new URL(response.url).pathname);
    forms.set(requestId, /\.(js|css)$/.test(response.url) ? (response.headers['content-encoding'] ?? 'none') : '');
  });
  client.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (paths.get(requestId)?.startsWith('/admin')) bytes += encodedDataLength;
    // A few words are no smaller when they are compressed.
    const form = forms.get(requestId);
    if (form && encodedDataLength > 1500) encodings.add(form);
  });
  const asked: string[] = [];
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (!pathname.startsWith('/admin')) asked.push(pathname);
  });
  await page.goto('');
  await page.getByRole('navigation', { name: 'Collections' }).waitFor();
  const before = asked.filter((path) => path !== '/auth/refresh' && !path.startsWith('/items/'));
  await page.waitForLoadState('networkidle');
  console.log(`first load: ${(bytes / 1024).toFixed(1)} kB as sent`);
  expect(bytes).toBeGreaterThan(20 * 1024);
  expect(bytes).toBeLessThanOrEqual(FIRST_LOAD);
  expect([...encodings]).toEqual(['br']);
  expect(before).toEqual(['/studio/boot']);
});

test('the page lets nothing run that is not its own', async () => {
  const answer = await fetch(`${on.server.url}/admin/`);
  const policy = answer.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain('unsafe');
  const { page, context, complaints } = await open(on.browser, on.server);
  await page.goto('login');
  const ran = await page.evaluate(() => {
    const script = document.createElement('script');
    script.textContent = 'window.ran = true';
    document.body.append(script);
    return 'ran' in window;
  });
  expect(ran).toBe(false);
  expect(complaints).toEqual([expect.stringContaining('Content Security Policy')]);
  await context.close();
});
