// View as: everything is asked through the eyes of somebody else, until one stops. The server answers as it would answer them
// and refuses every change; must never work out by itself what they may see.
import { api, ApiError, lookAs } from './api';
import { t } from './i18n.svelte';
import type { Action, Boot, Grant } from './model';
import { project } from './project.svelte';
import { forget } from './resource.svelte';
import { router } from './router.svelte';
import { toasts } from './toasts.svelte';

/** Whose eyes, as the server is asked. */
export type Subject = { user: string } | { role: string } | { public: true };

/** What is asked about each collection for those who have no Studio to be told of. */
const ACTIONS: Action[] = ['read', 'create', 'update', 'delete'];

interface Explanation {
  scope: 'none' | 'some' | 'all' | 'admin';
  fields: { field: string; granted: 'always' | 'sometimes' | 'never' }[];
}

class View {
  /** What the server calls it; nothing while one looks with one's own eyes. */
  id = $state<string | null>(null);
  subject = $state.raw<Subject | null>(null);
  name = $state('');
  #end: ReturnType<typeof setTimeout> | undefined;

  async open(subject: Subject, name: string): Promise<boolean> {
    // What one was looking at may be nothing for them, and what is not saved asks to stay.
    if (!(await router.go('/'))) return false;
    const own = project.boot;
    try {
      const made = await api<{ id: string; expires: string }>('/access/views', { method: 'POST', body: subject, bare: true });
      lookAs(made.id);
      await project.load().catch(async (error) => {
        if (!(error instanceof ApiError) || error.status !== 403) throw error;
        project.take(await pieces(own, subject));
      });
      forget();
      [this.id, this.subject, this.name] = [made.id, subject, name];
      this.#end = setTimeout(() => void this.#over(), new Date(made.expires).getTime() - Date.now());
      return true;
    } catch (error) {
      lookAs(null);
      project.take(own);
      toasts.fault(t('access.viewFailed'), error);
      return false;
    }
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
    [this.id, this.subject, this.name] = [null, null, ''];
  }

  async #over(): Promise<void> {
    await this.close();
    toasts.note(t('access.viewOver'));
  }
}

/** What the Studio begins with for somebody whom the server tells nothing of the model: of it, what they may read. */
async function pieces(own: Boot, subject: Subject): Promise<Boot> {
  const names = own.collections.filter((info) => info.schema && !info.collection.startsWith('directus_')).map((info) => info.collection);
  const permissions: Boot['permissions'] = {};
  const fields = new Set<string>();
  const ask = async (collection: string, action: Action): Promise<[Action, Grant]> => {
    const told = await api<Explanation>('/access/explain', { method: 'POST', body: { ...subject, collection, action }, bare: true });
    const granted = told.fields.filter((one) => one.granted !== 'never').map((one) => one.field);
    if (action === 'read') for (const field of granted) fields.add(`${collection}.${field}`);
    return [action, { access: told.scope === 'none' ? 'none' : told.scope === 'some' ? 'partial' : 'full', fields: granted }];
  };
  await Promise.all(
    names.map(async (collection) => {
      const grants = await Promise.all(ACTIONS.map((action) => ask(collection, action)));
      permissions[collection] = { ...Object.fromEntries(grants), share: { access: 'none' } } as Record<Action, Grant>;
    }),
  );
  const readable = (collection: string) => permissions[collection]?.read.access !== 'none' && collection in permissions;
  return {
    ...own,
    user: null,
    globals: { app_access: false },
    roles: [],
    permissions,
    // Folders have no items, so nobody is refused them.
    collections: own.collections.filter((info) => !info.schema || readable(info.collection)),
    fields: own.fields.filter((field) => fields.has(`${field.collection}.${field.field}`)),
    relations: own.relations.filter((relation) => fields.has(`${relation.collection}.${relation.field}`)),
    settings: null,
    presets: [],
  };
}

export const view = new View();
