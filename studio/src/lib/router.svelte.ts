// Which page an address stands for. Addresses are relative to the page's base, so that the Studio can be below any path.
// A page may hold on to its place while something is not saved; must never leave it without asking then.
import type { Component } from 'svelte';

/** A page: its address below the Studio, with `:names` for what varies, and how its code is loaded. */
export interface Route {
  path: string;
  // What a page is given is read from the address, so it cannot be checked here.
  load: () => Promise<{ default: Component<any> }>;
  /** For whoever is not signed in as well, without the shell around it. */
  open?: boolean;
  /** A key of the page's title, for the window and for screen readers. */
  title?: () => string;
}

export interface Match {
  route: Route;
  params: Record<string, string>;
}

/** Asked before a page is left; answers whether it may be. */
type Guard = (to: string) => boolean | Promise<boolean>;

class Router {
  /** Below the base, beginning with a slash. */
  path = $state('/');
  query = $state.raw(new URLSearchParams());
  /** Counts visits, so that the same address visited again can be noticed. */
  visit = $state(0);

  #guards = new Set<Guard>();
  #held = '';

  start(): void {
    this.#read();
    addEventListener('popstate', () => void this.#back());
    document.addEventListener('click', (event) => this.#click(event));
  }

  /** The address that a path below the Studio has for links. */
  href(path: string): string {
    return below(path, document.baseURI).href.slice(location.origin.length);
  }

  /** Goes to a page, if the one that is open lets go. */
  async go(path: string, { replace = false } = {}): Promise<boolean> {
    if (!(await this.#mayLeave(path))) return false;
    history[replace ? 'replaceState' : 'pushState']({}, '', this.href(path));
    this.#read();
    return true;
  }

  /** Changes the query of this page without leaving it. */
  setQuery(changes: Record<string, string | null>, { replace = true } = {}): void {
    const query = new URLSearchParams(this.query);
    for (const [name, value] of Object.entries(changes)) {
      if (value === null || value === '') query.delete(name);
      else query.set(name, value);
    }
    const text = query.toString();
    history[replace ? 'replaceState' : 'pushState']({}, '', this.href(this.path) + (text ? `?${text}` : ''));
    this.query = query;
    this.#held = location.href;
  }

  /** Asks before this page is left. */
  guard(guard: Guard): () => void {
    this.#guards.add(guard);
    return () => this.#guards.delete(guard);
  }

  #read(): void {
    const base = new URL(document.baseURI).pathname;
    const path = location.pathname.startsWith(base) ? location.pathname.slice(base.length - 1) : '/';
    this.path = path.replace(/(.)\/$/, '$1');
    this.query = new URLSearchParams(location.search);
    this.#held = location.href;
    this.visit += 1;
  }

  async #back(): Promise<void> {
    if (this.#guards.size) {
      const to = location.href;
      history.pushState({}, '', this.#held);
      if (!(await this.#mayLeave(to))) return;
      history.replaceState({}, '', to);
    }
    this.#read();
  }

  async #mayLeave(to: string): Promise<boolean> {
    for (const guard of this.#guards) if (!(await guard(to))) return false;
    return true;
  }

  #click(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
      return;
    const link = (event.target as Element | null)?.closest?.('a');
    if (!link?.href || link.target || link.hasAttribute('download')) return;
    const base = new URL(document.baseURI);
    const to = new URL(link.href);
    if (to.origin !== base.origin || !to.pathname.startsWith(base.pathname)) return;
    event.preventDefault();
    void this.go(to.pathname.slice(base.pathname.length - 1) + to.search);
  }
}

/** What a path means below a base. A dot before it keeps it a path, whatever it looks like. */
function below(path: string, base: string): URL {
  return new URL(`./${path.replace(/^\//, '')}`, base);
}

/** The page that somebody asked to be led to, who may be a stranger's link: the beginning for whatever is no page of ours. */
export function inside(to: string | null, base: string = document.baseURI): string {
  if (!to?.startsWith('/')) return '/';
  const [url, root] = [below(to, base), new URL(base)];
  const path = url.pathname.slice(root.pathname.length - 1);
  const ours = url.origin === root.origin && url.pathname.startsWith(root.pathname) && !path.startsWith('//');
  return ours ? path + url.search + url.hash : '/';
}

/** The route that a path fits, with what its variable parts hold; the first one counts. */
export function match(routes: Route[], path: string): Match | null {
  const given = path.split('/').filter(Boolean);
  for (const route of routes) {
    const own = route.path.split('/').filter(Boolean);
    if (own.length !== given.length) continue;
    const params: Record<string, string> = {};
    const fits = own.every((part, at) => {
      const value = given[at] ?? '';
      if (!part.startsWith(':')) return part === value;
      params[part.slice(1)] = decode(value);
      return true;
    });
    if (fits) return { route, params };
  }
  return null;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export const router = new Router();
