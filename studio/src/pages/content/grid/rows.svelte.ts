// The rows of a grid, as far as they are in sight: asked for in blocks as one scrolls. What is shown stays until what is newer
// has come; an answer to an older question is dropped.
import { whole } from '../../../lib/api';
import type { Item } from '../../../lib/model';
import type { View } from './view.svelte';

/** Rows asked for at a time: more than any window shows, so that one scroll is one question. */
export const BLOCK = 100;

/** Blocks that are kept. */
const MOST_BLOCKS = 40;

export class Rows {
  total = $state<number | null>(null);
  error = $state.raw<Error | null>(null);
  /** Another one whenever rows have to be asked for again: whoever shows them depends on it. */
  epoch = $state(0);
  /** Counts changes of the blocks below. */
  #stamp = $state(0);
  #blocks = new Map<number, Item[]>();
  #fresh = new Set<number>();
  #asked = new Map<number, AbortController>();
  #question = '';
  /** Where the rows began that were needed last. */
  #from = 0;

  constructor(readonly view: View) {}

  /** The row at a place; none as long as it is on its way. */
  at(index: number): Item | undefined {
    void this.#stamp;
    return this.#blocks.get(Math.floor(index / BLOCK))?.[index % BLOCK];
  }

  /**
   * Makes sure of these rows, and of those that come next where one scrolls. `question` is what they depend on: another one makes all
   * rows old.
   */
  need(from: number, to: number, question: string): void {
    if (question !== this.#question) {
      this.#question = question;
      this.refresh(true);
    }
    const before = from < this.#from ? BLOCK : 0;
    const after = from > this.#from ? BLOCK : 0;
    this.#from = from;
    const last = Math.min(Math.max(from, to - 1) + after, Math.max(to, this.total ?? to) - 1);
    for (let block = Math.floor(Math.max(0, from - before) / BLOCK); block <= Math.floor(last / BLOCK); block += 1) {
      if (!this.#fresh.has(block) && !this.#asked.has(block)) void this.#load(block);
    }
  }

  /** All the rows between two places, whether they are in sight or not. */
  async between(from: number, to: number): Promise<Item[]> {
    const [first, last] = [Math.floor(from / BLOCK), Math.floor(to / BLOCK)];
    const missing = [];
    for (let block = first; block <= last; block += 1) if (!this.#blocks.has(block)) missing.push(block);
    // One after the other: it is done for what is far more than is in sight.
    for (const block of missing) await this.#load(block);
    if (missing.length && this.error) throw this.error;
    const found = [];
    for (let index = from; index <= to; index += 1) {
      const row = this.at(index);
      if (row) found.push(row);
    }
    return found;
  }

  /** Everything is old. What is shown stays in the meantime, unless it answers another question. */
  refresh(otherwise = false): void {
    for (const asked of this.#asked.values()) asked.abort();
    this.#asked.clear();
    this.#fresh.clear();
    if (otherwise) {
      // The first rows stay until theirs are there, so that typing into the search does not flicker.
      const first = this.#blocks.get(0);
      this.#blocks.clear();
      if (first) this.#blocks.set(0, first);
    }
    this.epoch += 1;
    this.#stamp += 1;
  }

  /** Puts in what was saved, where it is in sight. */
  put(saved: Item[], key: string): void {
    const found = new Map(saved.map((item) => [String(item[key]), item]));
    for (const [at, items] of this.#blocks) {
      this.#blocks.set(
        at,
        items.map((item) => ({ ...item, ...found.get(String(item[key])) })),
      );
    }
    this.#stamp += 1;
  }

  async #load(block: number): Promise<void> {
    const asked = new AbortController();
    this.#asked.set(block, asked);
    const { view } = this;
    try {
      const answer = await whole<Item[]>(`/items/${view.collection}`, {
        signal: asked.signal,
        query: {
          fields: view.asks,
          filter: view.filters,
          search: view.search.trim() || undefined,
          sort: view.sorting,
          limit: BLOCK,
          offset: block * BLOCK,
          meta: block === 0 || this.total === null ? 'filter_count' : undefined,
        },
      });
      if (asked.signal.aborted) return;
      if (answer.meta?.filter_count !== undefined) this.total = answer.meta.filter_count;
      this.#blocks.set(block, answer.data);
      this.#fresh.add(block);
      this.#sweep(block);
      this.error = null;
      this.#stamp += 1;
    } catch (error) {
      if (!asked.signal.aborted) this.error = error as Error;
    } finally {
      if (this.#asked.get(block) === asked) this.#asked.delete(block);
    }
  }

  #sweep(near: number): void {
    if (this.#blocks.size <= MOST_BLOCKS) return;
    const farthest = [...this.#blocks.keys()].sort((a, b) => Math.abs(b - near) - Math.abs(a - near))[0];
    if (farthest === undefined) return;
    this.#blocks.delete(farthest);
    this.#fresh.delete(farthest);
  }
}
