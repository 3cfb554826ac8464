import { expect, test } from 'vitest';

import { accounts, parts } from './comments';

const NORA = '57998588-65b6-4989-9a62-0fb94a2e8c1f';

test('whom a comment names is found, and nobody else', () => {
  expect(accounts([`@${NORA} and @${NORA.toUpperCase()}`, 'nora@example.com, @nora'])).toEqual([NORA]);
});

test('a comment is told in parts', () => {
  expect(parts(`Ask @${NORA}: now?`)).toEqual([{ text: 'Ask ' }, { text: NORA, account: NORA }, { text: ': now?' }]);
  expect(parts('Nobody @home')).toEqual([{ text: 'Nobody @home' }]);
});
