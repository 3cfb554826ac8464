import { expect, test } from 'vitest';

import { follow } from './filled.svelte';

const seen = { name: 'Moss', note: '', names: ['a'] };

test('what others store arrives where nobody types', () => {
  expect(follow({ ...seen, note: 'typed' }, seen, { name: 'Fern', note: 'theirs', names: ['b'] })).toEqual({ name: 'Fern', note: 'typed', names: ['b'] });
});

test('what was saved takes the form in which it is stored', () => {
  const sent = { name: 'Fern ', note: '', names: ['a'] };
  expect(follow(sent, sent, { name: 'Fern', note: '', names: ['a'] }).name).toBe('Fern');
});
