// The binary on a copy of the demo project, in a folder of its own that is gone afterwards. Accounts get a password that tests
// know; must never touch a database that is not its own.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inject } from 'vitest';

/** A server that has not answered by then will not, in milliseconds. */
const PATIENCE = 120_000;

export const PASSWORD = 'a-password-of-tests';

/** People of the demo project by what they do. */
export const PEOPLE = {
  admin: 'admin@example.com',
  author: 'nora@example.com',
  manager: 'maren@example.com',
  analyst: 'ines@example.com',
} as const;

export type Person = keyof typeof PEOPLE;

export interface Server {
  url: string;
  /** Asks the API as somebody, beside the browser. */
  ask: <T>(who: Person, method: string, path: string, body?: unknown) => Promise<T>;
  /** The link to a page of the Studio in a mail to an address, as soon as there is one. */
  mailed: (to: string, page: string) => Promise<string>;
  stop: () => Promise<void>;
  /** What the server has said. */
  log: () => string;
}

/** What every server under test is told. */
function environment(folder: string, settings: Record<string, string> = {}): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOST: '127.0.0.1',
    DB_FILENAME: join(folder, 'data.db'),
    SECRET: 'the-secret-of-servers-under-test',
    ADMIN_EMAIL: PEOPLE.admin,
    ADMIN_PASSWORD: PASSWORD,
    LOGIN_STALL_TIME: '0',
    REGISTER_STALL_TIME: '0',
    HASH_MEMORY_COST: '1024',
    EMAIL_TRANSPORT: 'file',
    EMAIL_FILE_PATH: join(folder, 'mails'),
    ...settings,
  };
}

/** Loads the demo project into a folder; its accounts get a password that tests know. */
export async function load(folder: string): Promise<void> {
  const demo = spawnSync(binary(), ['demo'], { cwd: folder, env: environment(folder), encoding: 'utf8' });
  if (demo.status !== 0) throw new Error(`the demo project could not be loaded:\n${demo.stdout}${demo.stderr}`);
  const server = await serve(folder, {});
  try {
    const wanted = '/users?fields=id,email&filter[email][_nnull]=true';
    const users = await server.ask<{ id: string; email: string }[]>('admin', 'GET', wanted);
    const others = users.filter((user) => user.email !== PEOPLE.admin).map((user) => user.id);
    await server.ask('admin', 'PATCH', '/users', { keys: others, data: { password: PASSWORD } });
  } finally {
    await server.stop();
  }
}

/** Starts a server on a copy of the demo project. */
export async function start(settings: Record<string, string> = {}): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), 'aedile-studio-'));
  await cp(inject('template'), folder, { recursive: true });
  const server = await serve(folder, settings);
  const stop = async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { ...server, stop };
}

/** Starts a server on a project that holds nothing but its administrator. */
export async function startEmpty(): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), 'aedile-studio-'));
  const server = await serve(folder, {});
  const stop = async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { ...server, stop };
}

async function serve(folder: string, settings: Record<string, string>): Promise<Server> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = environment(folder, { PORT: String(port), PUBLIC_URL: url, ...settings });
  const child = spawn(binary(), ['start'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (log += chunk));
  const ended = new Promise((done) => child.on('exit', done));
  const stop = async () => {
    child.kill('SIGTERM');
    await Promise.race([ended, sleep(PATIENCE, undefined, { ref: false })]);
    child.kill('SIGKILL');
  };
  try {
    await answers(url, () => child.exitCode === null);
  } catch (error) {
    await stop();
    throw new Error(`the server did not start:\n${log}`, { cause: error });
  }
  return { url, ask: asker(url), mailed: (to, page) => mailed(join(folder, 'mails'), to, page), stop, log: () => log };
}

/** Asks the API with tokens of its own. */
function asker(url: string): Server['ask'] {
  const tokens = new Map<Person, string>();
  return async <T>(who: Person, method: string, path: string, body?: unknown): Promise<T> => {
    let token = tokens.get(who);
    if (!token) {
      const login = await fetch(`${url}/auth/login`, json('POST', { email: PEOPLE[who], password: PASSWORD }));
      token = ((await login.json()) as { data: { access_token: string } }).data.access_token;
      tokens.set(who, token);
    }
    const response = await fetch(url + path, json(method, body, { Authorization: `Bearer ${token}` }));
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.status === 204 ? (undefined as T) : ((await response.json()) as { data: T }).data;
  };
}

async function mailed(folder: string, to: string, page: string): Promise<string> {
  for (const end = Date.now() + PATIENCE; Date.now() < end; await sleep(100)) {
    for (const name of await readdir(folder).catch(() => [])) {
      const text = await readFile(join(folder, name), 'utf8');
      const link = text.includes(`To: ${to}`) && new RegExp(`http\\S+/${page}\\?\\S+(?=\\s)`).exec(unfold(text));
      if (link) return link[0];
    }
  }
  throw new Error(`no mail to ${to} leads to ${page}`);
}

/** Mails break long lines, and write some letters as numbers. */
function unfold(text: string): string {
  const lines = text.replace(/=\r?\n/g, '');
  return lines.replace(/=([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
}

async function answers(url: string, alive: () => boolean): Promise<void> {
  for (const end = Date.now() + PATIENCE; Date.now() < end && alive(); await sleep(30)) {
    const answer = await fetch(`${url}/server/ping`).catch(() => null);
    if (answer && (await answer.text()) === 'pong') return;
  }
  throw new Error('no answer');
}

function json(method: string, body: unknown, headers: Record<string, string> = {}): RequestInit {
  return {
    method,
    headers: { 'Content-Type': 'application/json', ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  };
}

function binary(): string {
  const path = resolve(process.env.AEDILE_BIN ?? '../../target/debug/aedile');
  if (!existsSync(path)) throw new Error(`${path} is not there: cargo build -p aedile, or set AEDILE_BIN`);
  return path;
}

/** Below the ports that systems give to connections: one of those could be taken before the server has started. */
const PORTS = { from: 12_000, to: 32_000 };

/** A port that nobody listens on. Its number is part of the links that the server mails, so it cannot choose one by itself. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = PORTS.from + Math.floor(Math.random() * (PORTS.to - PORTS.from));
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const probe = createServer();
    probe.on('error', () => done(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => done(true)));
  });
}
