import { expect, test } from 'vitest';

import { hushed } from './hush';

test.each([
  ['<p style="color: red">on a = b</p>', '<p data-style="color: red">on a = b</p>'],
  ["<img src=x onerror='go()' alt=\"one = style=1\">", "<img src=x data-onerror='go()' alt=\"one = style=1\">"],
  ['<br/> 1 < 2 style=3 > 1', '<br/> 1 < 2 style=3 > 1'],
  ['<a href="/on=1" ONCLICK=go()>x</a>', '<a href="/on=1" data-onclick=go()>x</a>'],
])('%s', (html, wanted) => {
  expect(hushed(html)).toBe(wanted);
});
