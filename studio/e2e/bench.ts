// How fast the Studio is: scrolling through ten thousand rows, and opening items, in a real browser against the real binary. The
// budgets are what a person feels; figures of a machine that does other things meanwhile say little.
import type { Browser, Page } from 'playwright-core';
import { expect, test } from 'vitest';

import { cell, launch, open, signIn } from './browser';
import { start, type Server } from './server';

const ROWS = 10_000;

/** Rows sent at a time. */
const BATCH = 1000;

/** Frames of each way of scrolling: ten seconds. */
const FRAMES = 600;

/** What a wheel that is turned fast moves in a frame, in pixels. */
const WHEEL = 120;

/** How often an item is opened. */
const OPENED = 25;

/** In milliseconds. */
const BUDGET = { frame: 17, slowFrame: 34, work: 8, open: 100 };

interface Scrolled {
  frames: number[];
  /** The part of the frames in which some row at hand was still on its way. */
  waiting: number;
  /** The part in which rows went by so fast that their first column alone was told. */
  flying: number;
  work: number[];
}

const STATUSES = ['draft', 'review', 'published'];

/** A collection of ten columns of every usual kind, and its rows. */
async function fill(server: Server): Promise<void> {
  const field = (name: string, type: string, meta: object = {}) => ({ field: name, type, schema: {}, meta });
  const choices = STATUSES.map((value, at) => ({ text: value, value, color: ['#8A94A3', '#E0A526', '#2F8F5B'][at] }));
  await server.ask('admin', 'POST', '/collections', {
    collection: 'rows',
    meta: { display_template: '{{title}}' },
    schema: {},
    fields: [
      { field: 'id', type: 'integer', schema: { is_primary_key: true, has_auto_increment: true }, meta: { hidden: true } },
      field('title', 'string'),
      field('status', 'string', { interface: 'select-dropdown', options: { choices } }),
      field('views', 'integer'),
      field('price', 'decimal'),
      field('active', 'boolean'),
      field('day', 'date'),
      field('seen', 'timestamp'),
      field('labels', 'csv', { interface: 'tags', special: ['cast-csv'] }),
      field('note', 'string'),
    ],
  });
  for (let from = 0; from < ROWS; from += BATCH) {
    const rows = Array.from({ length: BATCH }, (_, at) => row(from + at + 1));
    await server.ask('admin', 'POST', '/items/rows?fields=id', rows);
  }
}

function row(n: number) {
  const day = new Date(Date.UTC(2026, 0, 1) - n * 3_600_000).toISOString();
  return {
    title: `Row ${n} of many, with a title of some length`,
    status: STATUSES[n % STATUSES.length],
    views: n * 7,
    price: (n % 900) + 0.5,
    active: n % 2 === 0,
    day: day.slice(0, 10),
    seen: day,
    labels: ['moss', 'fern', 'ivy'].slice(0, (n % 3) + 1),
    note: `What is to be said of row ${n}`,
  };
}

/** What is on its way in the page while it is watched. */
interface Watch {
  times: number[];
  waiting: number;
  flying: number;
  ends: boolean;
}

/** Watches the grid while it is moved from its top: how long frames took, and what the main thread did in each. */
async function watched(browser: Browser, page: Page, move: () => Promise<void>): Promise<Scrolled> {
  const grid = page.getByRole('grid');
  await grid.evaluate((own) => (own.scrollTop = 0));
  await cell(page, 0, 0).locator('.open').waitFor();
  await page.waitForLoadState('networkidle');
  await browser.startTracing(page, { categories: ['devtools.timeline', 'disabled-by-default-devtools.timeline'] });
  await grid.evaluate((own) => {
    const watch: Watch = { times: [], waiting: 0, flying: 0, ends: false };
    Object.assign(window, { watch });
    const [rows, flies] = [own.getElementsByClassName('wait'), own.getElementsByClassName('flies')];
    const next = (now: number) => {
      watch.times.push(now);
      if (rows.length) watch.waiting += 1;
      if (flies.length) watch.flying += 1;
      if (!watch.ends) requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  });
  await move();
  const { times, waiting, flying } = await page.evaluate(() => {
    const { watch } = window as unknown as { watch: Watch };
    watch.ends = true;
    return watch;
  });
  const frames = times.slice(1).map((time, at) => time - (times[at] ?? 0));
  return { frames, waiting: waiting / times.length, flying: flying / times.length, work: works((await browser.stopTracing()).toString()) };
}

/** Turns the wheel: the browser scrolls as it does for people, whatever the page is doing. */
async function wheel(page: Page): Promise<void> {
  const box = await page.getByRole('grid').boundingBox();
  if (!box) throw new Error('no grid');
  const client = await page.context().newCDPSession(page);
  const at = { x: Math.round(box.x + box.width / 2), y: Math.round(box.y + box.height / 2) };
  await client.send('Input.synthesizeScrollGesture', { ...at, yDistance: -WHEEL * FRAMES, speed: WHEEL * 60, gestureSourceType: 'mouse' });
  const reached = await page.getByRole('grid').evaluate((grid) => grid.scrollTop);
  expect(reached).toBeGreaterThan(WHEEL * FRAMES * 0.9);
}

/** Drags the bar: in each frame the grid is somewhere else, and at the end it is at the last row. */
async function drag(page: Page): Promise<void> {
  await page.getByRole('grid').evaluate(
    (grid, count) =>
      new Promise<void>((done) => {
        const step = Math.ceil((grid.scrollHeight - grid.clientHeight) / count);
        const next = (left: number) => {
          if (!left) return done();
          grid.scrollTop += step;
          requestAnimationFrame(() => next(left - 1));
        };
        next(count);
      }),
    FRAMES,
  );
  await page.getByText(`Row ${ROWS} of many`).first().waitFor();
}

interface Event {
  name: string;
  pid: number;
  tid: number;
  ts: number;
  dur?: number;
  /** Time of the processor, where the browser tells it: other programs do not count then. */
  tdur?: number;
}

/** The main thread's work in each frame, in milliseconds: the task that draws it, and those up to the next. */
function works(trace: string): number[] {
  const { traceEvents } = JSON.parse(trace) as { traceEvents: Event[] };
  const drawn = traceEvents.filter((event) => event.name === 'FireAnimationFrame');
  const [sample] = drawn;
  const ours = traceEvents.filter((event) => event.pid === sample?.pid && event.tid === sample.tid);
  const tasks = ours.filter((event) => event.name === 'RunTask').sort((a, b) => a.ts - b.ts);
  const sums: number[] = [];
  let next = 0;
  for (const task of tasks) {
    const end = task.ts + (task.dur ?? 0);
    const draws = (drawn[next]?.ts ?? Infinity) <= end;
    while ((drawn[next]?.ts ?? Infinity) <= end) next += 1;
    if (draws) sums.push(0);
    if (sums.length) sums[sums.length - 1] = (sums.at(-1) ?? 0) + (task.tdur ?? task.dur ?? 0) / 1000;
  }
  return sums;
}

/** Clicks a row and answers how long it takes until its fields stand on the page. */
async function opening(page: Page, at: number): Promise<number> {
  await cell(page, at, 0).locator('.open').waitFor();
  await page.evaluate(() => {
    const seen = { from: 0, to: 0 };
    Object.assign(window, { seen });
    addEventListener('click', (event) => (seen.from = event.timeStamp), { capture: true, once: true });
    const watch = new MutationObserver(() => {
      const field = document.querySelector<HTMLInputElement>('.page .field input');
      if (!field?.value) return;
      watch.disconnect();
      // After the frame that shows it.
      requestAnimationFrame(() => setTimeout(() => (seen.to = performance.now())));
    });
    watch.observe(document.body, { subtree: true, childList: true, attributes: true });
  });
  await cell(page, at, 0).locator('.open').click();
  await page.waitForFunction(() => (window as unknown as { seen: { to: number } }).seen.to > 0);
  const { from, to } = await page.evaluate(() => (window as unknown as { seen: { from: number; to: number } }).seen);
  await page.goBack();
  return to - from;
}

function share(values: number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Infinity;
}

const median = (values: number[]) => share(values, 0.5);
const p95 = (values: number[]) => share(values, 0.95);

test('the Studio keeps to its budgets', async () => {
  const [server, browser] = await Promise.all([start(), launch()]);
  const lines: string[] = [];
  const over: string[] = [];
  const figure = (name: string, value: number, budget: number) => {
    if (value > budget) over.push(`${name}: ${value.toFixed(1)} ms, at most ${budget} ms`);
    return `${value.toFixed(1)} ms`;
  };
  try {
    await fill(server);
    const { page, complaints } = await open(browser, server);
    await signIn(page, 'admin');
    await page.goto('content/rows');
    await cell(page, 0, 0).locator('.open').waitFor();
    for (const [name, move] of [['wheel', wheel], ['bar', drag]] as const) {
      const { frames, waiting, flying, work } = await watched(browser, page, () => move(page));
      // What was traced is what was seen.
      expect(work.length).toBeGreaterThan(frames.length * 0.9);
      lines.push(
        `scroll by ${name} (${frames.length} frames): median ${figure(`frame, ${name}`, median(frames), BUDGET.frame)}, ` +
          `p95 ${figure(`slow frame, ${name}`, p95(frames), BUDGET.slowFrame)}; main thread median ${median(work).toFixed(1)} ms, ` +
          `p95 ${figure(`work, ${name}`, p95(work), BUDGET.work)}; rows on their way in ${(waiting * 100).toFixed(0)} %, by their first column alone in ${(flying * 100).toFixed(0)} % of the frames`,
      );
    }
    await page.getByRole('grid').evaluate((grid) => (grid.scrollTop = 0));
    const opened: number[] = [];
    for (let at = 0; at < OPENED; at += 1) opened.push(await opening(page, at % 15));
    lines.push(`open an item (${OPENED} times): median ${figure('open', median(opened), BUDGET.open)}, p95 ${p95(opened).toFixed(1)} ms`);
    expect(complaints).toEqual([]);
  } finally {
    await browser.close();
    await server.stop();
  }
  const verdict = over.length ? `over budget: ${over.join('; ')}` : 'all budgets hold';
  console.log([`binary: ${process.env.BINARY ?? 'as given'}; ${ROWS} rows`, ...lines, verdict].join('\n'));
  expect(over).toEqual([]);
});
