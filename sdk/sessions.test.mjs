// The three ways in which the official client stays logged in, each over the end of its first token: the client asks for the
// next one by itself, and nobody notices.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import * as sdk from '@directus/sdk';

import { ADMIN, startServer } from './server.mjs';

/** How long tokens and sessions are good, and how long before that the client asks for the next, in milliseconds. */
const [LIFETIME, EARLY] = [2000, 1000];

let server;

before(async () => {
	server = await startServer({ ACCESS_TOKEN_TTL: `${LIFETIME}`, SESSION_COOKIE_TTL: `${LIFETIME}` });
});

after(async () => {
	assert.equal(await server?.stop(), 0, 'the server ends cleanly when told to');
});

/** What a browser does of its own: it keeps cookies, and sends them where they are wanted. */
function browser() {
	const cookies = new Map();
	const paths = [];
	const fetched = async (url, options = {}) => {
		const headers = new Headers(options.headers);
		if (options.credentials === 'include' && cookies.size) {
			headers.set('Cookie', [...cookies].map(([name, value]) => `${name}=${value}`).join('; '));
		}
		const answer = await fetch(url, { ...options, headers });
		paths.push(new URL(url).pathname);
		for (const line of answer.headers.getSetCookie()) {
			const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
			const gone = value === '' || /Max-Age=0\b|Expires=Thu, 01 Jan 1970/i.test(line);
			if (gone) cookies.delete(name);
			else cookies.set(name, value);
		}
		return answer;
	};
	return { cookies, paths, fetch: fetched };
}

const readMe = (token, cookie) => {
	const headers = { ...(token && { Authorization: `Bearer ${token}` }), ...(cookie && { Cookie: cookie }) };
	return fetch(`${server.url}/users/me?fields=email`, { headers });
};

for (const mode of ['json', 'cookie', 'session']) {
	test(`who logs in by ${mode} stays in while tokens come and go`, async () => {
		const { cookies, paths, fetch } = browser();
		const client = sdk
			.createDirectus(server.url, { globals: { fetch } })
			.with(sdk.authentication(mode, { credentials: 'include', msRefreshBeforeExpires: EARLY }))
			.with(sdk.rest({ credentials: 'include' }));
		const me = async () => (await client.request(sdk.readMe({ fields: ['email'] }))).email;
		const refreshes = () => paths.filter((path) => path === '/auth/refresh').length;

		const first = await client.login(ADMIN);
		assert.equal(await me(), ADMIN.email);
		assert.equal(refreshes(), 0);
		assert.equal(Boolean(first.refresh_token), mode === 'json', 'the refresh token is told in one mode alone');
		assert.equal(cookies.has('directus_refresh_token'), mode === 'cookie');
		assert.equal(cookies.has('directus_session_token'), mode === 'session');
		const cookie = mode === 'session' ? `directus_session_token=${cookies.get('directus_session_token')}` : '';
		const token = mode === 'session' ? '' : first.access_token;
		assert.equal((await readMe(token, cookie)).status, 200);

		await sleep(LIFETIME + EARLY);
		assert.ok(refreshes() >= 1, 'the client refreshed by itself');
		assert.equal(await me(), ADMIN.email);
		assert.notEqual((await readMe(token, cookie)).status, 200, 'what it logged in with is over');

		client.stopRefreshing();
		await client.logout();
		await assert.rejects(me());
		const left = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
		assert.notEqual((await readMe('', left)).status, 200, 'nothing is left in the browser');
	});
}
