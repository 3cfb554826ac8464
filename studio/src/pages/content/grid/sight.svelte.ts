// What of a table is in sight, and where it stands. Rows are places that are used again: what leaves at one end comes in at the
// other with something else in it, which costs a browser a fraction of making it anew. While one scrolls no place moves among the
// others; when scrolling rests, they are put into the order in which rows are read. Where rows go by too fast to be read, their
// first column alone is told: it says where one is.
import type { Column } from './columns';

/** Measures, in pixels: a row, the head, the column of boxes. */
export const [ROW, HEAD, BOX] = [36, 36, 44];

/** Rows beyond the edges that exist as well, so that scrolling finds them there: where it goes to, and where it came from. */
const [AHEAD, BEHIND] = [7, 2];

/** The same for columns, in pixels. */
const ASIDE = 200;

/** Rows that are passed at once where they go by too fast to be read: several times what a wheel does. */
const FAR = 8;

/** How long after that they are told in full again, in milliseconds. */
const LANDING = 100;

export class Sight {
  top = $state(0);
  left = $state(0);
  /** Whether rows go by too fast to be read. */
  flies = $state(false);
  #leapt = -Infinity;
  /** Whether it went up last. */
  #up = $state(false);
  #landing: ReturnType<typeof setTimeout> | undefined;
  width = $state(0);
  height = $state(0);
  /** The row that stands first in the page. */
  #first = $state(0);

  constructor(
    readonly all: () => Column[],
    readonly total: () => number,
  ) {}

  /** Where columns begin, and at the end where the last one ends. */
  lefts = $derived.by(() => this.all().reduce<number[]>((sum, own) => [...sum, (sum.at(-1) ?? 0) + own.width], [0]));
  whole = $derived(BOX + (this.lefts.at(-1) ?? 0));
  /** Whether boxes and the first column stand over what is scrolled. */
  pinned = $derived(this.left > 0);

  /** How many rows exist at most: the same number wherever one is. */
  #places = $derived(Math.ceil(this.height / ROW) + 1 + AHEAD + BEHIND);
  first = $derived.by(() => Math.max(0, Math.min(Math.floor(this.top / ROW) - (this.#up ? AHEAD : BEHIND), this.total() - this.#places)));
  last = $derived.by(() => Math.min(this.total(), this.first + this.#places));

  /** The rows that exist, in the order of their places. */
  rows = $derived.by(() => {
    const { first, last } = this;
    return inPlaces(first, last, this.#places, this.#first);
  });

  /** The columns that exist, with the room before each for those that do not; the first one stays where it is, so it is always there. */
  columns = $derived.by(() => {
    const [from, to] = [this.left - ASIDE, this.left + this.width + ASIDE];
    const at = (index: number) => BOX + (this.lefts[index] ?? 0);
    const there = this.all()
      .map((own, index) => ({ own, at: index }))
      .filter(({ own, at: index }) => index === 0 || (at(index) + own.width > from && at(index) < to));
    return there.map((column, place) => ({ ...column, gap: place === 1 ? at(column.at) - at(1) : 0 }));
  });

  /** The place that a row takes. */
  place(row: number): number {
    return row % this.#places;
  }

  /** It has been scrolled. One leap is no flight: what it leads to is read. */
  scrolled(top: number, left: number, now: number): void {
    if (Math.abs(top - this.top) > FAR * ROW) {
      if (now - this.#leapt < LANDING) {
        this.flies = true;
        clearTimeout(this.#landing);
        this.#landing = setTimeout(() => (this.flies = false), LANDING);
      }
      this.#leapt = now;
    }
    if (top !== this.top) this.#up = top < this.top;
    [this.top, this.left] = [top, left];
  }

  /** Scrolling has come to rest. */
  rest(): void {
    this.#first = this.first;
  }
}

/** Rows in the order of their places, of which there are so many; the row `start` stands first if it is among them. */
export function inPlaces(first: number, last: number, places: number, start: number): number[] {
  const place = (row: number) => (((row - start) % places) + places) % places;
  return Array.from({ length: Math.max(0, last - first) }, (_, at) => first + at).sort((a, b) => place(a) - place(b));
}
