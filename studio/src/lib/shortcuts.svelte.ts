// Keys that do something wherever one is on a page. `mod` is the command key on Macs and control elsewhere. A key alone is
// left to whoever is typing; `g c` means one key after the other.
import { untrack } from 'svelte';

import type { Key } from './i18n.svelte';

export interface Shortcut {
  keys: string;
  label: Key;
  run: (event: KeyboardEvent) => void;
  /** Under which heading it is listed. */
  group: Key;
}

/** How long the second key of two may take, in milliseconds. */
const SECOND = 1200;

const mac = typeof navigator !== 'undefined' && /Mac|iP(hone|ad)/.test(navigator.platform);

class Shortcuts {
  list = $state.raw<Shortcut[]>([]);
  #first: { key: string; at: number } | null = null;

  start(): void {
    addEventListener('keydown', (event) => this.#press(event));
  }

  /** Adds keys for as long as the component lives: to be used in an `$effect`. */
  add(...added: Shortcut[]): () => void {
    // Adding reads the list, but whoever adds does not depend on it.
    untrack(() => (this.list = [...this.list, ...added]));
    return () => {
      this.list = this.list.filter((own) => !added.includes(own));
    };
  }

  #press(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing) return;
    const pressed = name(event);
    const typing = isTyping(event.target);
    const open = document.querySelector('dialog[open]');
    const chord = this.#first && performance.now() - this.#first.at < SECOND ? `${this.#first.key} ${pressed}` : '';
    this.#first = null;
    const fits = (own: Shortcut) => own.keys === chord || own.keys === pressed;
    // What came last is nearest to what one is doing.
    const found = this.list.findLast(fits);
    if (found && !(typing && !found.keys.includes('mod+')) && !(open && !found.keys.includes('mod+'))) {
      event.preventDefault();
      found.run(event);
    } else if (!typing && this.list.some((own) => own.keys.startsWith(`${pressed} `))) {
      this.#first = { key: pressed, at: performance.now() };
    }
  }
}

function name(event: KeyboardEvent): string {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const mod = mac ? event.metaKey : event.ctrlKey;
  const shift = event.shiftKey && event.key.length > 1;
  return `${mod ? 'mod+' : ''}${event.altKey ? 'alt+' : ''}${shift || (mod && event.shiftKey) ? 'shift+' : ''}${key}`;
}

export function isTyping(target: EventTarget | null): boolean {
  const element = target as HTMLElement | null;
  return !!element?.closest?.('input:not([type=checkbox],[type=radio],[type=button]), textarea, select, [contenteditable=true]');
}

const SIGNS: Record<string, string> = {
  mod: mac ? '⌘' : 'Ctrl',
  alt: mac ? '⌥' : 'Alt',
  shift: mac ? '⇧' : 'Shift',
  Enter: '↵',
  Escape: 'Esc',
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
};

/** Keys as they are printed on keyboards, one entry for each press. */
export function printed(keys: string): string[] {
  return keys.split(/[+ ]/).map((key) => SIGNS[key] ?? (key.length === 1 ? key.toUpperCase() : key));
}

export const shortcuts = new Shortcuts();
