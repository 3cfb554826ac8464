// Answers that pages share: asked for once, shown at once when they are there already, asked for again when something that
// they are of has changed. A change can be shown before the server has confirmed it, and is taken back if it does not.
import type { ApiError } from './api';
import { connection } from './connection.svelte';

/** Answers that nobody looks at are kept for this long, in milliseconds. */
const KEPT = 5 * 60_000;

/** How many of those at most. */
const MOST = 200;

export class Resource<T> {
  data = $state.raw<T | undefined>();
  error = $state.raw<ApiError | Error | undefined>();
  loading = $state(false);

  /** How many pages look at it. */
  watchers = 0;
  stale = true;
  left = 0;
  #asked: AbortController | undefined;

  constructor(
    readonly tags: string[],
    readonly fetcher: (signal: AbortSignal) => Promise<T>,
  ) {}

  async load(): Promise<void> {
    this.#asked?.abort();
    const asked = new AbortController();
    this.#asked = asked;
    this.loading = true;
    this.stale = false;
    try {
      const data = await this.fetcher(asked.signal);
      if (asked.signal.aborted) return;
      this.data = data;
      this.error = undefined;
    } catch (error) {
      if (asked.signal.aborted) return;
      this.error = error as Error;
      this.stale = true;
    } finally {
      if (this.#asked === asked) this.loading = false;
    }
  }

  /** Shows what `change` makes of it, until `saved` says what is true. */
  async optimistic(change: (data: T) => T, saved: () => Promise<unknown>): Promise<void> {
    const before = this.data;
    if (before !== undefined) this.data = change(before);
    try {
      await saved();
    } catch (error) {
      if (before !== undefined) this.data = before;
      throw error;
    }
  }
}

const known = new Map<string, Resource<unknown>>();

/** The answer to a question. `tags` say what it is of: changing one of them makes it ask again. */
export function resource<T>(key: string, tags: string[], fetcher: (signal: AbortSignal) => Promise<T>): Resource<T> {
  let found = known.get(key) as Resource<T> | undefined;
  if (!found) {
    found = new Resource<T>(tags, fetcher);
    known.set(key, found as Resource<unknown>);
    if (known.size > MOST) sweep();
  }
  return found;
}

/** Keeps an answer fresh for as long as the component lives; asks when it changes to another. */
export function watch<T>(wanted: () => Resource<T> | null): { readonly current: Resource<T> | null } {
  const current = $derived(wanted());
  $effect(() => {
    const own = current;
    if (!own) return;
    own.watchers += 1;
    if (own.stale) void own.load();
    return () => {
      own.watchers -= 1;
      own.left = Date.now();
    };
  });
  return {
    get current() {
      return current;
    },
  };
}

/** Something has changed: what is looked at is asked for again now, the rest when somebody looks. */
export function invalidate(...tags: string[]): void {
  for (const own of known.values()) {
    if (!own.tags.some((tag) => tags.includes(tag))) continue;
    own.stale = true;
    if (own.watchers > 0) void own.load();
  }
}

/** Forgets everything: somebody else may sign in. */
export function forget(): void {
  known.clear();
}

function sweep(): void {
  const now = Date.now();
  for (const [key, own] of known) if (own.watchers === 0 && (now - own.left > KEPT || known.size > MOST)) known.delete(key);
}

connection.onBack(() => {
  for (const own of known.values()) if (own.watchers > 0 && (own.stale || own.error)) void own.load();
});
