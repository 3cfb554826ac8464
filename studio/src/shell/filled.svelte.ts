// What is filled in, beginning with what is stored. What others store meanwhile arrives in the fields that nobody has touched;
// must never undo what is being typed.
import { untrack } from 'svelte';

import { holdUnsaved } from './unsaved.svelte';

export class Filled<T extends object> {
  form = $state() as T;
  #stored: () => T;
  /** What the fields held when they were last known to be nobody's. */
  #seen: T;

  /** For a component, as long as it lives; its page is not left without a word while something is touched. */
  constructor(stored: () => T) {
    this.#stored = stored;
    this.form = stored();
    this.#seen = stored();
    const told = $derived(JSON.stringify(stored()));
    $effect(() => {
      const next = JSON.parse(told) as T;
      untrack(() => {
        this.form = follow($state.snapshot(this.form) as T, this.#seen, next);
        this.#seen = next;
      });
    });
    holdUnsaved(() => this.touched);
  }

  /** What differs from what is stored. */
  get changes(): Partial<T> {
    const stored = this.#stored();
    return Object.fromEntries(Object.entries($state.snapshot(this.form) as T).filter(([name, value]) => !same(value, stored[name as keyof T]))) as Partial<T>;
  }

  get touched(): boolean {
    return Object.keys(this.changes).length > 0;
  }

  /** What was touched is given up. */
  reset(): void {
    this.form = this.#stored();
  }

  /** What is filled in is stored: how it is stored may differ, and arrives with the next answer. */
  saved(): void {
    this.#seen = $state.snapshot(this.form) as T;
  }
}

/** The fields when something else is stored: those that still hold what was seen hold the new. */
export function follow<T extends object>(form: T, seen: T, next: T): T {
  const kept = Object.entries(form).filter(([name, value]) => !same(value, seen[name as keyof T]));
  return { ...next, ...Object.fromEntries(kept) };
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
