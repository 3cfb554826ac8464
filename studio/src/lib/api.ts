// Questions to the server: always this origin, always by the session's cookie. It knows three kinds of trouble that no page
// has to deal with: the session is over (a dialog asks for the password and the question is asked again), the server cannot be
// reached, and an answer that is an error. Must never put a token where a script could read it.

/** One error as the server tells it. */
export interface Fault {
  message: string;
  extensions: { code: string; field?: string; path?: string[]; type?: string; reason?: string; [fact: string]: unknown };
}

/** What was refused, or did not arrive. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly faults: Fault[],
  ) {
    super(faults[0]?.message ?? `The server answered with ${status}.`);
  }

  get code(): string {
    return this.faults[0]?.extensions.code ?? (this.status === 0 ? 'OFFLINE' : 'UNKNOWN');
  }
}

export interface Ask {
  method?: string;
  query?: Record<string, unknown>;
  body?: unknown;
  form?: FormData;
  signal?: AbortSignal;
  /** Not asked again after signing in anew: for the sign-in itself. */
  bare?: boolean;
  /** A view that this alone is asked through. */
  view?: string;
}

/** What happens around questions; the session and the connection put themselves here. */
export const hooks: {
  /** Signs in anew; answers whether that worked. */
  renew: () => Promise<boolean>;
  /** Whether the session is known to be over: browsers drop its cookie then, and questions would be asked as nobody. */
  over: () => boolean;
  reached: (there: boolean) => void;
} = { renew: async () => false, over: () => false, reached: () => {} };

/** The view that everything is asked through; none for oneself. */
let view: string | null = null;

export function lookAs(id: string | null): void {
  view = id;
}

/** Where the API is: the Studio stands one step below it. */
export function root(): URL {
  return new URL('..', document.baseURI);
}

/** Where the items of a collection are asked for. */
export function door(collection: string): string {
  return collection.startsWith('directus_') ? `/${collection.slice('directus_'.length)}` : `/items/${collection}`;
}

/** Codes of a session that is over; of other refusals nothing would come by signing in again. */
const OVER = new Set(['TOKEN_EXPIRED', 'INVALID_CREDENTIALS', 'INVALID_TOKEN']);

/** Longest query string that goes into an address. */
const LONGEST_QUERY = 8000;

/** Asks, and answers what is in the answer's `data`. */
export async function api<T = unknown>(path: string, ask: Ask = {}): Promise<T> {
  return (await whole<T>(path, ask)).data;
}

/** The same with what the answer says beside its data. */
export async function whole<T>(path: string, ask: Ask = {}): Promise<{ data: T; meta?: Record<string, number> }> {
  const response = await send(path, ask);
  if (response.status === 204) return { data: undefined as T };
  return response.json();
}

/** Asks, and answers the response whatever its type. Throws for everything but success. */
export async function send(path: string, ask: Ask = {}): Promise<Response> {
  if (!ask.bare && hooks.over() && !(await hooks.renew())) throw new ApiError(401, []);
  const response = await attempt(path, ask);
  if (response.ok) return response;
  const error = await refusal(response);
  if (!ask.bare && (await isOver(response.status, error.code)) && (await hooks.renew())) {
    const again = await attempt(path, ask);
    if (again.ok) return again;
    throw await refusal(again);
  }
  throw error;
}

/** Whether a refusal is one of the session, not of what was asked. Nobody is forbidden much: so one looks who one is. */
async function isOver(status: number, code: string): Promise<boolean> {
  if (status === 401 || code === 'INVALID_TOKEN') return OVER.has(code);
  if (status !== 403) return false;
  const who = await attempt('/users/me', { query: { fields: 'id' }, bare: true }).catch(() => null);
  return who?.status === 401;
}

async function attempt(path: string, ask: Ask): Promise<Response> {
  let method = ask.method ?? 'GET';
  let body: BodyInit | undefined = ask.form;
  const url = new URL(path.replace(/^\//, ''), root());
  const headers: Record<string, string> = {};
  const eyes = ask.view ?? (ask.bare ? null : view);
  if (eyes) headers['Aedile-View'] = eyes;
  const query = search(ask.query ?? {});
  if (query.length > LONGEST_QUERY && method === 'GET') {
    method = 'SEARCH';
    body = JSON.stringify({ query: ask.query });
    headers['Content-Type'] = 'application/json';
  } else {
    url.search = query;
  }
  if (ask.body !== undefined) {
    body = JSON.stringify(ask.body);
    headers['Content-Type'] = 'application/json';
  }
  try {
    const response = await fetch(url, { method, body, headers, signal: ask.signal, credentials: 'same-origin' });
    hooks.reached(true);
    return response;
  } catch (error) {
    if (ask.signal?.aborted) throw error;
    hooks.reached(false);
    throw new ApiError(0, []);
  }
}

async function refusal(response: Response): Promise<ApiError> {
  const told = await response.json().catch(() => ({}));
  return new ApiError(response.status, Array.isArray(told.errors) ? told.errors : []);
}

/** Parameters as the server reads them: lists with commas, everything nested as JSON. */
export function search(query: Record<string, unknown>): string {
  const out = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null || value === '') continue;
    if (Array.isArray(value)) {
      if (value.length) out.set(name, value.join(','));
    } else if (typeof value === 'object') {
      if (Object.keys(value).length) out.set(name, JSON.stringify(value));
    } else out.set(name, String(value));
  }
  return out.toString();
}
