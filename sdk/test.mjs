// The official JavaScript client against the real binary: what an application does with it from its first day on.
// The tests build on each other, in their order: model, content, and then a user who may see some of it.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import * as sdk from '@directus/sdk';

import { ADMIN, startServer } from './server.mjs';

let server;
let admin;

before(async () => {
	server = await startServer();
	admin = client();
});

after(async () => {
	const code = await server?.stop();
	assert.equal(code, 0, 'the server ends cleanly when told to');
});

function client() {
	return sdk.createDirectus(server.url).with(sdk.authentication('json', { autoRefresh: false })).with(sdk.rest());
}

/** Runs what has to be refused, and answers the code it is refused with. */
async function refusal(promise, what = '') {
	const answer = await promise.then(
		(data) => ({ data }),
		(error) => ({ error }),
	);
	assert.ok(answer.error, `not refused ${what}: ${JSON.stringify(answer.data)}`);
	assert.ok(Array.isArray(answer.error.errors), String(answer.error));
	return answer.error.errors[0].extensions.code;
}

const key = { field: 'id', type: 'integer', meta: { hidden: true }, schema: { is_primary_key: true, has_auto_increment: true } };
const string = (field) => ({ field, type: 'string', meta: {}, schema: {} });
const integer = (field) => ({ field, type: 'integer', meta: {}, schema: {} });

test('a wrong password is refused, the right one opens', async () => {
	assert.equal(await refusal(client().login({ email: ADMIN.email, password: 'wrong' })), 'INVALID_CREDENTIALS');
	const session = await admin.login(ADMIN);
	assert.ok(session.access_token && session.refresh_token);
	assert.ok(session.expires > 0);
	const me = await admin.request(sdk.readMe({ fields: ['id', 'email', 'status', 'password', { role: ['name'] }] }));
	assert.equal(me.email, ADMIN.email);
	assert.equal(me.status, 'active');
	assert.equal(me.password, '**********');
	assert.equal(me.role.name, 'Administrator');
});

test('a refresh token works once', async () => {
	const other = client();
	const first = await other.login(ADMIN);
	const second = await other.refresh();
	assert.notEqual(second.refresh_token, first.refresh_token);
	assert.equal((await other.request(sdk.readMe({ fields: ['email'] }))).email, ADMIN.email);
	const again = sdk.createDirectus(server.url).with(sdk.rest());
	const used = again.request(sdk.refresh({ mode: 'json', refresh_token: first.refresh_token }));
	assert.equal(await refusal(used), 'INVALID_CREDENTIALS');
});

test('collections, fields and relations are made', async () => {
	const made = await admin.request(
		sdk.createCollection({ collection: 'authors', meta: {}, schema: {}, fields: [key, string('name'), string('email')] }),
	);
	assert.equal(made.collection, 'authors');
	await admin.request(
		sdk.createCollection({
			collection: 'articles',
			meta: {},
			schema: {},
			fields: [key, string('title'), { ...string('status'), schema: { default_value: 'draft' } }, integer('views')],
		}),
	);
	await admin.request(sdk.createCollection({ collection: 'tags', meta: {}, schema: {}, fields: [key, string('name')] }));
	await admin.request(
		sdk.createCollection({
			collection: 'articles_tags',
			meta: { hidden: true },
			schema: {},
			fields: [key, integer('articles_id'), integer('tags_id')],
		}),
	);
	const field = await admin.request(sdk.createField('articles', { ...integer('author'), meta: { special: ['m2o'] } }));
	assert.equal(field.type, 'integer');
	const alias = (name, special) => ({ field: name, type: 'alias', meta: { special: [special] } });
	await admin.request(sdk.createField('authors', alias('articles', 'o2m')));
	await admin.request(sdk.createField('articles', alias('tags', 'm2m')));
	const relation = await admin.request(
		sdk.createRelation({
			collection: 'articles',
			field: 'author',
			related_collection: 'authors',
			meta: { one_field: 'articles' },
			schema: { on_delete: 'SET NULL' },
		}),
	);
	assert.equal(relation.related_collection, 'authors');
	const junction = (name, target, one, other) =>
		sdk.createRelation({
			collection: 'articles_tags',
			field: name,
			related_collection: target,
			meta: { one_field: one, junction_field: other },
			schema: { on_delete: 'CASCADE' },
		});
	await admin.request(junction('articles_id', 'articles', 'tags', 'tags_id'));
	await admin.request(junction('tags_id', 'tags', null, 'articles_id'));
	const fields = await admin.request(sdk.readFieldsByCollection('articles'));
	assert.deepEqual(fields.map(({ field }) => field).sort(), ['author', 'id', 'status', 'tags', 'title', 'views']);
	const relations = await admin.request(sdk.readRelationByCollection('articles_tags'));
	assert.deepEqual(relations.map(({ field }) => field).sort(), ['articles_id', 'tags_id']);
});

test('nested items are created and read in one go', async () => {
	const author = await admin.request(
		sdk.createItem('authors', {
			name: 'Ada',
			email: 'ada@example.com',
			articles: [
				{ title: 'One', status: 'published', views: 10, tags: [{ tags_id: { name: 'red' } }, { tags_id: { name: 'blue' } }] },
				{ title: 'Two', views: 20 },
				{ title: 'Three', status: 'published', views: 30 },
			],
		}),
	);
	assert.equal(author.articles.length, 3);
	const article = await admin.request(
		sdk.createItem('articles', { title: 'Four', status: 'published', views: 40, author: { name: 'Bo' }, tags: [{ tags_id: 1 }] }),
	);
	const read = await admin.request(
		sdk.readItem('articles', article.id, { fields: ['title', { author: ['name'] }, { tags: [{ tags_id: ['id', 'name'] }] }] }),
	);
	assert.deepEqual(read, { title: 'Four', author: { name: 'Bo' }, tags: [{ tags_id: { id: 1, name: 'red' } }] });
	const ada = await admin.request(
		sdk.readItem('authors', author.id, { fields: ['name', { articles: ['title', { tags: [{ tags_id: ['name'] }] }] }] }),
	);
	assert.deepEqual(ada, {
		name: 'Ada',
		articles: [
			{ title: 'One', tags: [{ tags_id: { name: 'red' } }, { tags_id: { name: 'blue' } }] },
			{ title: 'Two', tags: [] },
			{ title: 'Three', tags: [] },
		],
	});
});

test('lists are filtered, sorted, paged and deepened', async () => {
	const titles = async (query) => (await admin.request(sdk.readItems('articles', { fields: ['title'], ...query }))).map(({ title }) => title);
	assert.deepEqual(await titles({ filter: { status: { _eq: 'published' } }, sort: ['-views'] }), ['Four', 'Three', 'One']);
	assert.deepEqual(await titles({ filter: { author: { name: { _eq: 'Ada' } } }, sort: ['title'] }), ['One', 'Three', 'Two']);
	assert.deepEqual(await titles({ filter: { tags: { tags_id: { name: { _eq: 'blue' } } } } }), ['One']);
	const either = { _or: [{ views: { _gt: 35 } }, { title: { _starts_with: 'Tw' } }] };
	assert.deepEqual(await titles({ filter: either, sort: ['id'] }), ['Two', 'Four']);
	assert.deepEqual(await titles({ sort: ['id'], limit: 2, page: 2 }), ['Three', 'Four']);
	assert.deepEqual(await titles({ search: 'thre' }), ['Three']);
	const [ada] = await admin.request(
		sdk.readItems('authors', {
			fields: ['name', { articles: ['title'] }],
			filter: { name: { _eq: 'Ada' } },
			deep: { articles: { _filter: { status: { _eq: 'published' } }, _sort: ['-views'], _limit: 1 } },
		}),
	);
	assert.deepEqual(ada, { name: 'Ada', articles: [{ title: 'Three' }] });
});

test('aggregates count and sum by group', async () => {
	const groups = await admin.request(
		sdk.aggregate('articles', { aggregate: { count: '*', sum: ['views'] }, groupBy: ['status'], query: { sort: ['status'] } }),
	);
	assert.deepEqual(
		groups.map((group) => [group.status, Number(group.count), Number(group.sum.views)]),
		[
			['draft', 1, 20],
			['published', 3, 80],
		],
	);
});

test('items are updated alone, in a batch, and deleted', async () => {
	const one = await admin.request(sdk.updateItem('articles', 2, { title: 'Second' }, { fields: ['id', 'title'] }));
	assert.deepEqual(one, { id: 2, title: 'Second' });
	const same = await admin.request(sdk.updateItems('articles', [1, 3], { views: 5 }, { fields: ['id', 'views'] }));
	assert.deepEqual(same, [
		{ id: 1, views: 5 },
		{ id: 3, views: 5 },
	]);
	const each = [
		{ id: 1, views: 11 },
		{ id: 3, views: 33 },
	];
	assert.deepEqual(await admin.request(sdk.updateItemsBatch('articles', each, { fields: ['id', 'views'] })), each);
	const [spare] = await admin.request(sdk.createItems('articles', [{ title: 'Spare' }], { fields: ['id'] }));
	await admin.request(sdk.deleteItem('articles', spare.id));
	assert.equal(await refusal(admin.request(sdk.readItem('articles', spare.id))), 'FORBIDDEN');
	assert.equal(await refusal(admin.request(sdk.createItem('articles', { title: 'x', views: 'many' }))), 'INVALID_PAYLOAD');
});

test('a singleton is one item', async () => {
	await admin.request(
		sdk.createCollection({
			collection: 'site',
			meta: { singleton: true },
			schema: {},
			fields: [key, { ...string('tagline'), schema: { default_value: 'hello' } }],
		}),
	);
	assert.equal((await admin.request(sdk.readSingleton('site'))).tagline, 'hello');
	await admin.request(sdk.updateSingleton('site', { tagline: 'changed' }));
	assert.equal((await admin.request(sdk.readSingleton('site', { fields: ['tagline'] }))).tagline, 'changed');
});

test('a restricted user sees its rows and fields, and nothing else', async () => {
	const role = await admin.request(sdk.createRole({ name: 'Reader' }));
	const policy = await admin.request(
		sdk.createPolicy({
			name: 'Read what is published',
			app_access: false,
			admin_access: false,
			roles: { create: [{ role: role.id }], update: [], delete: [] },
		}),
	);
	const permission = (collection, fields, permissions) => ({ policy: policy.id, collection, action: 'read', fields, permissions, validation: null });
	await admin.request(
		sdk.createPermissions([
			permission('articles', ['id', 'title', 'author', 'tags'], { status: { _eq: 'published' } }),
			permission('authors', ['id', 'name', 'articles'], null),
		]),
	);
	const password = 'another-password';
	await admin.request(sdk.createUser({ email: 'reader@example.com', password, role: role.id, token: 'token-of-the-reader' }));

	const reader = client();
	await reader.login({ email: 'reader@example.com', password });
	assert.equal((await reader.request(sdk.readItems('articles'))).length, 3);
	const articles = await reader.request(sdk.readItems('articles', { fields: ['*', { author: ['name'] }], sort: ['id'] }));
	assert.deepEqual(
		articles.map(({ title, author }) => [title, author.name]),
		[
			['One', 'Ada'],
			['Three', 'Ada'],
			['Four', 'Bo'],
		],
	);
	assert.ok(articles.every((article) => !('status' in article) && !('views' in article)));
	const [ada] = await reader.request(sdk.readItems('authors', { fields: ['name', { articles: ['title'] }], filter: { name: { _eq: 'Ada' } } }));
	assert.deepEqual(ada, { name: 'Ada', articles: [{ title: 'One' }, { title: 'Three' }] });
	const beyond = await reader.request(sdk.readItems('articles', { fields: ['title', { tags: [{ tags_id: ['name'] }] }], limit: 1 }));
	assert.deepEqual(beyond, [{ title: 'One' }], 'a relation to what may not be read is left out');

	const refused = [
		sdk.readItem('articles', 2),
		sdk.readItems('articles', { fields: ['title', 'views'] }),
		sdk.readItems('articles', { filter: { views: { _gt: 1 } } }),
		sdk.readItems('articles', { sort: ['views'] }),
		sdk.readItems('authors', { fields: ['name', 'email'] }),
		sdk.readItems('tags'),
		sdk.readItems('nowhere'),
		sdk.createItem('articles', { title: 'mine' }),
		sdk.updateItem('articles', 1, { title: 'mine' }),
		sdk.deleteItem('articles', 1),
		sdk.createRole({ name: 'mine' }),
		sdk.createCollection({ collection: 'mine', schema: {}, meta: {} }),
	];
	for (const [at, command] of refused.entries()) {
		assert.equal(await refusal(reader.request(command), `refused[${at}]`), 'FORBIDDEN', `refused[${at}]`);
	}
	assert.equal((await admin.request(sdk.readItem('articles', 1))).title, 'One');
});

test('a static token is its user, a made-up one is nobody, and the public sees nothing', async () => {
	const withToken = (token) => sdk.createDirectus(server.url).with(sdk.staticToken(token)).with(sdk.rest());
	assert.equal((await withToken('token-of-the-reader').request(sdk.readItems('articles'))).length, 3);
	assert.equal(await refusal(withToken('made-up').request(sdk.readItems('articles'))), 'INVALID_CREDENTIALS');
	const anybody = sdk.createDirectus(server.url).with(sdk.rest());
	assert.equal(await refusal(anybody.request(sdk.readItems('articles'))), 'FORBIDDEN');
});

test('after logging out a session is over', async () => {
	const reader = client();
	const session = await reader.login({ email: 'reader@example.com', password: 'another-password' });
	await reader.logout();
	assert.equal(await reader.getToken(), null);
	const again = sdk.createDirectus(server.url).with(sdk.rest());
	const used = again.request(sdk.refresh({ mode: 'json', refresh_token: session.refresh_token }));
	assert.equal(await refusal(used), 'INVALID_CREDENTIALS');
});
