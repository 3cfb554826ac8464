// Every page of the Studio in the states that matter, for what is done with all of them: accessibility and pictures. A new page
// gets a line in the file of its area.
import type { Page } from 'playwright-core';

import { ACCESS } from './sights/access';
import { CONTENT } from './sights/content';
import { ITEM } from './sights/item';
import { MODEL } from './sights/model';
import { SETTINGS } from './sights/settings';
import { SHELL } from './sights/shell';
import type { Sight } from './sights/sight';
import { SIGN_IN } from './sights/sign-in';

export const SIGHTS: Sight[] = [...SIGN_IN, ...SHELL, ...CONTENT, ...ITEM, ...ACCESS, ...MODEL, ...SETTINGS];

/** Opens a page, and waits until nothing on it is on its way any more. */
export async function visit(page: Page, sight: Sight): Promise<void> {
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await sight.before?.(page);
  await page.goto(sight.path);
  // A phone's search takes the room of the title, which is there all the same.
  await page.locator('h1, h2').first().waitFor({ state: 'attached' });
  await sight.prepare?.(page);
  await page.waitForLoadState('networkidle');
}
