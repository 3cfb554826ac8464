// The Studio's modules: every folder of `pages/` has a `module.ts` that says which pages it has, so that a module can be added
// without touching another. Must never import a page itself: pages are loaded when they are visited.
import type { Component } from 'svelte';

import type { Key } from './i18n.svelte';
import type { Route } from './router.svelte';

/** Something that can be done from the command palette. */
export interface Command {
  title: string;
  detail?: string;
  /** Shapes of an icon. */
  icon?: string;
  /** Words that it is found by as well. */
  words?: string;
  run: () => void;
}

export interface Module {
  id: string;
  label: Key;
  /** Shapes of its icon. */
  icon: string;
  /** Its place in the bar; modules without one are not in it. */
  order?: number;
  /** Where its button leads. */
  path: string;
  routes: Route[];
  /** The column beside its pages. */
  navigation?: () => Promise<{ default: Component }>;
  /** Whether it is worth offering to this user. */
  visible?: () => boolean;
  commands?: () => Command[];
}

const found = import.meta.glob<{ default: Module }>('../pages/*/module.ts', { eager: true });

export const modules: Module[] = Object.values(found)
  .map((own) => own.default)
  .sort((a, b) => (a.order ?? 1e6) - (b.order ?? 1e6));

export const routes: Route[] = modules.flatMap((own) => own.routes);

/** The module that a page belongs to. */
export function moduleOf(route: Route | undefined): Module | undefined {
  return modules.find((own) => route && own.routes.includes(route));
}
