import { expect, test } from 'vitest';

import { inside, match, type Route } from './router.svelte';

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

test.each(['https://cms.example.com/admin/', 'https://cms.example.com/below/admin/'])('GHSA-q75c-4gmv-mg9x: from %s nobody is led elsewhere', (base) => {
  const root = new URL(base).pathname;
  for (const to of [
    'https://evil.example', '//evil.example', '///evil.example', '/\\evil.example', '\\\\evil.example', '/\t/evil.example', '/https://evil.example',
    '/https://evil.example-evil.example-evil.example//evil.example/', '/%2f%2fevil.example', '/../../evil', '/..//evil.example', '/.//evil.example', '/%2e%2e/auth',
    'javascript:alert(1)', '/javascript:alert(1)', 'data:text/html,x', '@evil.example', '/@evil.example', '.evil.example', '', ' https://evil.example', null,
  ]) {
    const path = inside(to, base);
    expect(path).toMatch(/^\/(?![/\\])/);
    const url = new URL(base.slice(0, -1) + path);
    expect(url.origin).toBe('https://cms.example.com');
    expect(url.pathname.startsWith(root)).toBe(true);
    // However a browser may read it as a link of its own, too.
    expect(new URL(path, base).origin).toBe('https://cms.example.com');
  }
  for (const to of ['/', '/content/posts', '/content/posts/1?tab=a&b=%2F#c', '/content/a%2Fb']) expect(inside(to, base)).toBe(to);
});
