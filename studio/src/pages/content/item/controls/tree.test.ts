import { expect, test } from 'vitest';

import { ticked, toggled, treeOf, type Combining } from './tree';

const tree = treeOf([
  { text: 'Fruit', value: 'fruit', children: [{ text: 'Fig', value: 'fig' }, { text: 'Pear', value: 'pear' }] },
  { text: 'Nuts', value: 'nuts' },
]);

test.each<[Combining, string[], string[]]>([
  ['all', ['fruit', 'fig', 'pear'], ['fig']],
  ['branch', ['fruit'], ['fig']],
  ['leaf', ['fig', 'pear'], ['fig']],
  ['indeterminate', ['fruit', 'fig', 'pear'], ['fruit', 'fig']],
  ['exclusive', ['fruit'], []],
])('%s', (combining, whole, part) => {
  const nothing = ticked(tree, [], combining);
  expect(toggled(tree, nothing, 'fruit', true, combining)).toEqual(whole);
  // What is stored is ticked again, and the same is stored of it.
  const on = ticked(tree, whole, combining);
  expect(on.has('fruit')).toBe(true);
  expect(on.has('pear')).toBe(combining !== 'exclusive');
  if (combining === 'exclusive') return;
  const less = toggled(tree, on, 'pear', false, combining);
  expect(less).toEqual(part);
  expect(ticked(tree, less, combining)).toEqual(new Set(['fig']));
});
