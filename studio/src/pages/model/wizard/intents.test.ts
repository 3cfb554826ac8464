import { describe, expect, test } from 'vitest';

import type { FieldInfo } from '../../../lib/model';
import { adding, nothing } from '../change/change';
import { free, nameOf, singular } from '../naming';
import { INTENTS, intent, together, type Known, type Wish } from './intents';

function info(collection: string, field: string, type: string, primary = false): FieldInfo {
  const schema = { is_primary_key: primary, max_length: type === 'string' ? 64 : null } as FieldInfo['schema'];
  return { collection, field, type, meta: { sort: 3 } as FieldInfo['meta'], schema };
}
const FIELDS = [
  info('articles', 'id', 'integer', true),
  info('articles', 'title', 'string'),
  info('authors', 'id', 'uuid', true),
  info('tags', 'slug', 'string', true),
  info('directus_users', 'id', 'uuid', true),
  info('directus_files', 'id', 'uuid', true),
];
const known: Known = {
  fields: (collection) => FIELDS.filter((own) => own.collection === collection),
  meta: (collection) => (collection === 'authors' ? ({ archive_field: 'state' } as ReturnType<Known['meta']>) : null),
  collections: ['articles', 'authors', 'tags', 'articles_tags'],
};
const build = (id: string, wish: Partial<Wish>) => {
  const found = intent(id)?.build({ collection: 'articles', name: 'it', ...wish }, known);
  if (!found) throw new Error(id);
  return found;
};

test('names are what databases like', () => {
  expect(nameOf('Número de Páginas (Straße)')).toBe('numero_de_paginas_strasse');
  expect(nameOf('publishedAt')).toBe('published_at');
  expect(['articles', 'categories', 'boxes', 'news', 'status'].map(singular)).toEqual(['article', 'category', 'box', 'news', 'status']);
  expect(free('Sort', ['sort', 'sort_2'])).toBe('Sort_3');
});

describe('every intent', () => {
  test.each(INTENTS.map((own) => [own.id] as const))('%s makes the field that was wished for, and names no field twice', (id) => {
    const found = build(id, { target: 'tags', targets: ['tags', 'authors'], translated: ['title'], label: 'It' });
    const names = found.fields.map((own) => `${own.collection}.${own.field}`);
    expect(names).toContain('articles.it');
    expect(new Set(names).size).toBe(names.length);
    for (const relation of found.relations) expect(names).toContain(`${relation.collection}.${relation.field}`);
    for (const own of found.fields) expect(own.type === 'alias').toBe(own.schema === undefined);
  });
});

test('a pointer is of the type of the key that it points at', () => {
  expect(build('m2o', { target: 'authors' }).fields[0]).toMatchObject({ type: 'uuid' });
  expect(build('m2o', { target: 'tags' }).fields[0]).toMatchObject({ type: 'string', schema: { max_length: 64 } });
});

test('many tags are a junction that goes with either side', () => {
  const found = build('m2m', { name: 'tags', target: 'tags', back: 'articles' });
  expect(found.collections.map((own) => own.collection)).toEqual(['articles_tags_2']);
  expect(found.relations).toMatchObject([
    { collection: 'articles_tags_2', field: 'article_id', related_collection: 'articles', meta: { one_field: 'tags', junction_field: 'tag_id' }, schema: { on_delete: 'CASCADE' } },
    { collection: 'articles_tags_2', field: 'tag_id', related_collection: 'tags', meta: { one_field: 'articles', junction_field: 'article_id' } },
  ]);
  expect(found.fields.filter((own) => own.type === 'alias').map((own) => `${own.collection}.${own.field}`)).toEqual(['articles.tags', 'tags.articles']);
});

test('what points at its own kind has two columns', () => {
  const found = build('m2m', { target: 'articles', name: 'related' });
  expect(found.relations.map((own) => own.field)).toEqual(['article_id', 'article_id_2']);
});

test('a list of what belongs here is a column there', () => {
  const found = build('o2m', { target: 'authors', name: 'writers', sorted: true, onDelete: 'CASCADE' });
  expect(found.fields.find((own) => own.collection === 'authors' && own.type !== 'alias')).toMatchObject({ field: 'article', type: 'integer' });
  expect(found.relations[0]).toMatchObject({ collection: 'authors', field: 'article', related_collection: 'articles', meta: { one_field: 'writers', sort_field: 'sort' }, schema: { on_delete: 'CASCADE' } });
});

test('a status archives, unless something does already', () => {
  const choices = ['draft', 'published', 'archived'].map((value) => ({ value, text: value }));
  const status = build('status', { name: 'status', choices });
  expect(Object.fromEntries(status.edits.map((own) => [own.member, own.after]))).toEqual({ archive_field: 'status', archive_value: 'archived', unarchive_value: 'draft' });
  expect(status.fields[0]?.schema).toMatchObject({ is_nullable: false, default_value: 'draft' });
  expect(build('status', { collection: 'authors', choices }).edits).toEqual([]);
});

test('a collection of languages begins with those that were chosen; one that is there is left alone', () => {
  const chosen = [{ code: 'de-DE', name: 'German', direction: 'ltr' as const }];
  const found = build('translations', { name: 'texts', spoken: chosen });
  expect(found.items).toEqual([{ collection: 'languages', items: chosen }]);
  expect(found.fields.find((own) => own.field === 'texts')?.meta.options).toMatchObject({ defaultLanguage: 'de-DE' });
  expect(build('translations', { name: 'texts', spoken: chosen, languages: 'tags' }).items).toEqual([]);
  expect(build('translations', { name: 'texts', spoken: [] }).items).toEqual([]);
});

test('what is said of a new collection comes with it, and each thing is named once', () => {
  const own = { ...nothing(), collections: [{ collection: 'articles', meta: { icon: 'box' } }] };
  const all = together([own, build('sort', { name: 'sort' }), build('createdBy', { name: 'user_created' })]);
  expect(all.edits).toEqual([]);
  expect(all.collections[0]?.meta).toEqual({ icon: 'box', sort_field: 'sort' });
  const body = adding(all).body as { diff: { collections: unknown[]; fields: { field: string }[]; relations: unknown[] } };
  expect(body.diff.collections).toHaveLength(1);
  expect(body.diff.fields.map((one) => one.field)).toEqual(['sort', 'user_created']);
  expect(body.diff.relations).toHaveLength(1);
});

test('changes of one thing are one entry', () => {
  const status = build('status', { name: 'status', choices: [{ value: 'a', text: 'A' }, { value: 'archived', text: 'B' }] });
  const body = adding(status).body as { diff: { collections: { diff: unknown[] }[] } };
  expect(body.diff.collections).toHaveLength(1);
  expect(body.diff.collections[0]?.diff).toHaveLength(3);
});
