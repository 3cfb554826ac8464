import { expect, test } from 'vitest';

import { match, type Route } from './router.svelte';

const load = () => Promise.reject(new Error('not loaded here'));
const routes: Route[] = ['/', '/content/:collection', '/content/:collection/:id', '/login'].map((path) => ({ path, load }));

test.each([
  ['/', '/', {}],
  ['/content/posts', '/content/:collection', { collection: 'posts' }],
  ['/content/posts/a%2Fb', '/content/:collection/:id', { collection: 'posts', id: 'a/b' }],
  ['/content/posts/%zz', '/content/:collection/:id', { collection: 'posts', id: '%zz' }],
])('%s', (path, wanted, params) => {
  const found = match(routes, path);
  expect(found?.route.path).toBe(wanted);
  expect(found?.params).toEqual(params);
});

test('what fits nothing is nothing', () => {
  expect(match(routes, '/content/posts/1/2')).toBeNull();
  expect(match(routes, '/logins')).toBeNull();
});
