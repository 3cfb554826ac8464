import { expect, test } from 'vitest';

import { likely, spoken } from './languages';

test('languages are named as the reader knows them, with a place only where there are two', () => {
  const names = new Map(spoken('en').map((own) => [own.code, own.name]));
  expect([names.get('de-DE'), names.get('pt-BR'), names.get('en-US')]).toEqual(['German', 'Portuguese (Brazil)', 'English (United States)']);
  expect(spoken('de').find((own) => own.code === 'fr-FR')?.name).toBe('Französisch');
  expect(spoken('en').filter((own) => own.direction === 'rtl').map((own) => own.code).sort()).toEqual(['ar-SA', 'fa-IR', 'he-IL']);
});

test('likely ones come in the order of wishes, each language once, and what nobody knows is left out', () => {
  const codes = (...wanted: string[]) => likely(wanted, 'en').map((own) => own.code);
  expect(codes('en-US', 'de', 'en-GB', 'de-AT')).toEqual(['en-US', 'de-DE']);
  expect(codes('en-gb', 'tlh', 'pt-PT')).toEqual(['en-GB', 'pt-PT']);
});
