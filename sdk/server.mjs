// Starts the binary on a fresh database in a folder of its own, and takes both away again.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The administrator of every server under test. */
export const ADMIN = { email: 'admin@example.com', password: 'a-password-of-tests' };

/** A server that has not answered by then will not. */
const PATIENCE_MS = 20_000;

/** Starts a server, with settings beside the usual ones; answers its address and how to end it. */
export async function startServer(settings = {}) {
	const folder = await mkdtemp(join(tmpdir(), 'aedile-sdk-'));
	const port = await freePort();
	let log = '';
	const child = spawn(binary(), ['start'], {
		cwd: folder,
		env: {
			PATH: process.env.PATH,
			HOST: '127.0.0.1',
			PORT: String(port),
			DB_FILENAME: join(folder, 'data.db'),
			SECRET: 'the-secret-of-servers-under-test',
			ADMIN_EMAIL: ADMIN.email,
			ADMIN_PASSWORD: ADMIN.password,
			LOGIN_STALL_TIME: '0',
			HASH_MEMORY_COST: '1024',
			LOG_LEVEL: 'warn',
			EMAIL_TRANSPORT: 'log',
			...settings,
		},
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	for (const stream of [child.stdout, child.stderr]) {
		stream.on('data', (chunk) => (log += chunk));
	}
	const ended = new Promise((done) => child.on('exit', done));
	const stop = async () => {
		child.kill('SIGTERM');
		const code = await Promise.race([ended, sleep(PATIENCE_MS, 'late', { ref: false })]);
		child.kill('SIGKILL');
		await rm(folder, { recursive: true, force: true });
		return code;
	};
	const url = `http://127.0.0.1:${port}`;
	for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(30)) {
		if (child.exitCode !== null) break;
		const answer = await fetch(`${url}/server/ping`).catch(() => null);
		if (answer && (await answer.text()) === 'pong') return { url, stop };
	}
	await stop();
	throw new Error(`the server did not start:\n${log}`);
}

function binary() {
	const given = process.env.AEDILE_BIN ?? '../target/debug/aedile';
	const path = resolve(given);
	if (!existsSync(path)) throw new Error(`${path} is not there: cargo build -p aedile, or set AEDILE_BIN`);
	return path;
}

function freePort() {
	return new Promise((done, fail) => {
		const probe = createServer();
		probe.on('error', fail);
		probe.listen(0, '127.0.0.1', () => {
			const { port } = probe.address();
			probe.close(() => done(port));
		});
	});
}
