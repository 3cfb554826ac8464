// Noticing what others change: what is looked at is asked for again while the window is in sight. How it is noticed is known
// here alone, so that an event stream can take its place. Answers carry tags: one that is still true costs almost nothing.
import { api } from './api';
import { project } from './project.svelte';
import { invalidate } from './resource.svelte';

/** Between two looks, in milliseconds. */
const LOOK = 10_000;

/** Every so many looks, what has no mark is asked for as well. */
const UNMARKED = 3;

/** A mark for each collection that the user reads whole, and one for the model and their own rights. */
interface Changes {
  model: string;
  collections: Record<string, string>;
}

class Live {
  #timer: ReturnType<typeof setInterval> | undefined;
  #last: Changes | null = null;
  #looks = 0;

  start(): void {
    this.stop();
    this.#timer = setInterval(() => void this.look(), LOOK);
    document.addEventListener('visibilitychange', this.#seen);
  }

  stop(): void {
    clearInterval(this.#timer);
    document.removeEventListener('visibilitychange', this.#seen);
    this.#last = null;
  }

  #seen = () => void this.look();

  async look(): Promise<void> {
    if (document.hidden) return;
    const told = await api<Changes>('/studio/changes').catch(() => null);
    if (!told) return;
    const last = this.#last;
    this.#last = told;
    if (!last) return;
    const changed = Object.keys(told.collections).filter((name) => last.collections[name] !== told.collections[name]);
    this.#looks += 1;
    if (this.#looks % UNMARKED === 0) {
      const readable = project.collections.map((info) => info.collection);
      changed.push(...readable.filter((name) => !(name in told.collections)));
    }
    if (told.model !== last.model) await project.load().catch(() => undefined);
    if (changed.length) invalidate(...changed);
  }
}

export const live = new Live();
