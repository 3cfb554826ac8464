import { expect, test } from 'vitest';

import english from '../locales/en';
import { fill, maybe, t } from './i18n.svelte';

test('values take their places, and numbers choose', () => {
  expect(fill('{n|one item|{n} items}', { n: 1 })).toBe('one item');
  expect(fill('{n|one item|{n} items}', { n: 1200 })).toBe('1,200 items');
  expect(fill('Open {item}', { item: '{n}' })).toBe('Open {n}');
  expect(fill('{missing}', {})).toBe('{missing}');
});

test('what has no text is told as it is given', () => {
  expect(maybe('errors.NONE', 'what the server said')).toBe('what the server said');
  expect(t('common.save')).toBe('Save');
});

test('no text is empty', () => {
  for (const [area, texts] of Object.entries(english))
    for (const [name, text] of Object.entries(texts)) expect(text.trim(), `${area}.${name}`).not.toBe('');
});
