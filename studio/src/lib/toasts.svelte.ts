// Short notices at the edge of the window. What went wrong stays until it is read; what went well leaves by itself.
import { ApiError } from './api';
import { maybe, t } from './i18n.svelte';

export interface Toast {
  id: number;
  kind: 'done' | 'note' | 'fault';
  text: string;
  detail?: string;
  action?: { label: string; run: () => void };
}

/** How long good news stays, in milliseconds; longer where something can still be done about it. */
const STAYS = 5000;
const STAYS_OFFERING = 12_000;

class Toasts {
  list = $state<Toast[]>([]);
  #next = 1;

  done(text: string, action?: Toast['action']): void {
    this.#add({ kind: 'done', text, action });
  }

  note(text: string): void {
    this.#add({ kind: 'note', text });
  }

  /** Says that something went wrong, and what the server said of it. */
  fault(text: string, error?: unknown): void {
    this.#add({ kind: 'fault', text, detail: error === undefined ? undefined : explain(error) });
  }

  close(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }

  #add(toast: Omit<Toast, 'id'>): void {
    const id = this.#next++;
    this.list = [...this.list.slice(-3), { ...toast, id }];
    if (toast.kind !== 'fault') setTimeout(() => this.close(id), toast.action ? STAYS_OFFERING : STAYS);
  }
}

/** An error as a sentence for people. */
export function explain(error: unknown): string {
  if (error instanceof ApiError) {
    if (error.status === 0) return t('errors.offline');
    return maybe(`errors.${error.code}`, error.message);
  }
  return error instanceof Error ? error.message : String(error);
}

export const toasts = new Toasts();
