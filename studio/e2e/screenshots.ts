// A picture of every page, light and dark, as on a desk and on a phone. For people to look at; it judges nothing.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import { launch, open, signIn } from './browser';
import { exhibit } from './exhibits';
import { SIGHTS, visit } from './pages';
import { start, type Person } from './server';

const RENDERINGS = [
  { name: 'desk-light', width: 1440, height: 900 },
  { name: 'desk-dark', width: 1440, height: 900, dark: true },
  { name: 'phone-light', width: 375, height: 812, touch: true },
  { name: 'phone-dark', width: 375, height: 812, touch: true, dark: true },
];

test('pictures', async () => {
  const folder = process.env.SCREENSHOTS;
  if (!folder) throw new Error('SCREENSHOTS says no folder');
  const only = process.env.ONLY?.split(',');
  const missed: string[] = [];
  const server = await start();
  const browser = await launch();
  try {
    await exhibit(server);
    for (const rendering of RENDERINGS.filter((own) => !process.env.RENDERING || own.name === process.env.RENDERING)) {
      await mkdir(join(folder, rendering.name), { recursive: true });
      const contexts = new Map<Person | undefined, Awaited<ReturnType<typeof open>>>();
      for (const sight of SIGHTS.filter((own) => !only || only.includes(own.name))) {
        let watched = contexts.get(sight.who);
        if (!watched) {
          watched = await open(browser, server, rendering);
          if (sight.who) await signIn(watched.page, sight.who);
          contexts.set(sight.who, watched);
        }
        // One that does not come about is seen as it is, and the others are taken all the same.
        await visit(watched.page, sight).catch((error: unknown) => missed.push(`${rendering.name}/${sight.name}: ${String(error)}`));
        await watched.page.screenshot({ path: join(folder, rendering.name, `${sight.name}.png`) });
        await sight.undo?.(watched.page).catch(() => undefined);
      }
      for (const watched of contexts.values()) await watched.context.close();
    }
  } finally {
    await browser.close();
    await server.stop();
  }
  expect(missed).toEqual([]);
});
