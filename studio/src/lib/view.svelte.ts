// View as: everything is asked through the eyes of somebody else, until one stops. The server answers as it would answer them
// and refuses every change; must never work out by itself what they may see.
import { api, lookAs } from './api';
import { t } from './i18n.svelte';
import { project } from './project.svelte';
import { forget } from './resource.svelte';
import { router } from './router.svelte';
import { toasts } from './toasts.svelte';

/** Whose eyes, as the server is asked. */
export type Subject = { user: string } | { role: string } | { public: true };

/** A view as this tab keeps it, so that loading the page anew does not end it. The id opens nothing by itself. */
interface Kept {
  id: string;
  subject: Subject;
  name: string;
  /** When the server ends it, in milliseconds since 1970. */
  ends: number;
}

const KEPT = 'aedile.view';

class View {
  /** What the server calls it; nothing while one looks with one's own eyes. */
  id = $state<string | null>(null);
  subject = $state.raw<Subject | null>(null);
  name = $state('');
  #end: ReturnType<typeof setTimeout> | undefined;

  async open(subject: Subject, name: string): Promise<boolean> {
    // What one was looking at may be nothing for them, and what is not saved asks to stay.
    if (!(await router.go('/'))) return false;
    try {
      const made = await api<{ id: string; expires: string }>('/access/views', { method: 'POST', body: subject, bare: true });
      await this.#look({ id: made.id, subject, name, ends: new Date(made.expires).getTime() });
      return true;
    } catch (error) {
      toasts.fault(t('access.viewFailed'), error);
      return false;
    }
  }

  /** Goes on with the view that was open in this tab before the page was loaded. */
  async resume(): Promise<void> {
    const kept = read();
    if (!kept) return;
    const ended = kept.ends <= Date.now() || !project.admin;
    if (ended || !(await this.#look(kept).then(() => true, () => false))) sessionStorage.removeItem(KEPT);
  }

  async close(): Promise<void> {
    const { id } = this;
    if (!id) return;
    this.forget();
    forget();
    await project.load();
    await api(`/access/views/${id}`, { method: 'DELETE', bare: true }).catch(() => undefined);
  }

  /** Whoever comes next looks with their own eyes. The server ends the view by itself. */
  forget(): void {
    clearTimeout(this.#end);
    lookAs(null);
    sessionStorage.removeItem(KEPT);
    [this.id, this.subject, this.name] = [null, null, ''];
  }

  async #look(kept: Kept): Promise<void> {
    lookAs(kept.id);
    try {
      await project.load();
    } catch (error) {
      lookAs(null);
      throw error;
    }
    forget();
    [this.id, this.subject, this.name] = [kept.id, kept.subject, kept.name];
    sessionStorage.setItem(KEPT, JSON.stringify(kept));
    this.#end = setTimeout(() => void this.#over(), kept.ends - Date.now());
  }

  async #over(): Promise<void> {
    await this.close();
    toasts.note(t('access.viewOver'));
  }
}

function read(): Kept | null {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT) ?? 'null') as Kept | null;
  } catch {
    return null;
  }
}

export const view = new View();
