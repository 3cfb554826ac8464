// What the tests of a file stand on: a browser, and a server on a copy of the demo project. A window that a test opens is closed
// when it ends, and nothing may have gone wrong in it unnoticed. A test that is tried once more begins on a fresh copy: what it
// left half done would fail it again.
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';

import { launch, open, signIn, type Options, type Watched } from './browser';
import { start, type Person, type Server } from './server';

export interface Stage {
  /** Another one when a test is tried once more: to be asked for where it is needed, never kept. */
  readonly server: Server;
  readonly browser: Browser;
  /** A window of nobody. */
  open: (options?: Options) => Promise<Page>;
  /** A window of somebody at an address, for as long as it takes. */
  as: (who: Person, path: string, act: (page: Page) => Promise<void>) => Promise<void>;
}

/** Sets a stage for the tests of a file, or of a group within it. */
export function stage(begin: () => Promise<Server> = start): Stage {
  let server: Server;
  let browser: Browser;
  let windows: Watched[] = [];

  /** Closes windows, and tells what went wrong in them. */
  async function leave(left: Watched[]): Promise<string[]> {
    windows = windows.filter((own) => !left.includes(own));
    await Promise.all(left.map((watched) => watched.context.close()));
    return left.flatMap((watched) => watched.complaints);
  }

  const own: Stage = {
    get server() {
      return server;
    },
    get browser() {
      return browser;
    },
    open: async (options) => {
      const watched = await open(browser, server, options);
      windows.push(watched);
      return watched.page;
    },
    as: async (who, path, act) => {
      const page = await own.open();
      await signIn(page, who);
      await page.goto(path);
      await act(page);
      expect(await leave(windows.filter((watched) => watched.page === page))).toEqual([]);
    },
  };

  beforeAll(async () => {
    [server, browser] = await Promise.all([begin(), launch()]);
  });

  beforeEach(async ({ task }) => {
    if (!task.result?.retryCount) return;
    await Promise.all(browser.contexts().map((context) => context.close()));
    await server.stop();
    server = await begin();
  });

  afterEach(async () => {
    expect(await leave(windows)).toEqual([]);
  });

  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  return own;
}
