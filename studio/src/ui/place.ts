// Where something that floats stands: beside what opened it, inside the window, on the other side where there is no room.

/** Between what floats and what it belongs to, and between it and the window's edge, in pixels. */
const GAP = 4;
const EDGE = 8;

export type Side = 'below' | 'above' | 'right';

export interface Options {
  side?: Side;
  align?: 'start' | 'end';
  /** As wide as what it belongs to, at least. */
  match?: boolean;
}

/** Puts `floating` beside `anchor`. */
export function place(floating: HTMLElement, anchor: DOMRect, { side = 'below', align = 'start', match }: Options = {}): void {
  const { style } = floating;
  style.minWidth = match ? `${anchor.width}px` : '';
  style.maxHeight = '';
  const { innerWidth: width, innerHeight: height } = window;
  const own = floating.getBoundingClientRect();
  let [x, y] = [align === 'end' ? anchor.right - own.width : anchor.left, anchor.bottom + GAP];
  if (side === 'right') {
    x = anchor.right + GAP;
    y = anchor.top;
    if (x + own.width > width - EDGE) x = anchor.left - own.width - GAP;
  } else {
    const [below, above] = [height - anchor.bottom - GAP - EDGE, anchor.top - GAP - EDGE];
    const up = side === 'above' ? above >= Math.min(own.height, below) : own.height > below && above > below;
    style.maxHeight = `${Math.max(up ? above : below, 120)}px`;
    if (up) y = anchor.top - GAP - Math.min(own.height, above);
  }
  style.left = `${clamp(x, EDGE, width - own.width - EDGE)}px`;
  style.top = `${clamp(y, EDGE, Math.max(EDGE, height - EDGE - Math.min(own.height, height - 2 * EDGE)))}px`;
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most));
}
