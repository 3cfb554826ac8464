import { expect, test } from 'vitest';

import { requests } from './fix';

test('requests are read as they are told', () => {
  expect(requests('DELETE /permissions/12')).toEqual([{ method: 'DELETE', path: '/permissions', body: ['12'] }]);
  expect(requests('PATCH /settings {"auth_login_attempts":25}')).toEqual([
    { method: 'PATCH', path: '/settings', body: { auth_login_attempts: 25 } },
  ]);
  const tricky = { note: 'a } "quoted"; DELETE /users/1 \\', permissions: { _and: [{ a: { _nnull: true } }] } };
  expect(requests(`PATCH /permissions/1 ${JSON.stringify(tricky)}; DELETE /users/ab-12`)).toEqual([
    { method: 'PATCH', path: '/permissions/1', body: tricky },
    { method: 'DELETE', path: '/users', body: ['ab-12'] },
  ]);
  expect(requests('DELETE /permissions/1; DELETE /permissions/2; DELETE /users/3')).toEqual([
    { method: 'DELETE', path: '/permissions', body: ['1', '2'] },
    { method: 'DELETE', path: '/users', body: ['3'] },
  ]);
});

test.each(['', 'enable a second factor', 'IP_TRUST_PROXY=false', 'DELETE /permissions/12 and look', 'PATCH /settings {"a":', 'DELETE //evil.example/x', 'POST /users {}', 'PATCH /a/b/c {}'])(
  '“%s” is nothing that can be applied',
  (change) => {
    expect(requests(change)).toBeNull();
  },
);
