// How somebody looks at a collection: layout, columns, order, search, filter. It begins with what they left, or with a stored view that
// was chosen; changes are kept for them alone until they store them under a name. The shapes are those that projects hold.
import { api } from '../../../lib/api';
import type { Filter, Item, Preset } from '../../../lib/model';
import { project } from '../../../lib/project.svelte';
import { router } from '../../../lib/router.svelte';
import { asksOf, beginning, isLayout, type Layout, type Options } from '../layouts/layouts';
import { asked, column, usual, type Column } from './columns';

/** How long changes rest before they are kept, in milliseconds. */
const REST = 1200;

export class View {
  readonly collection: string;
  search = $state('');
  filter = $state.raw<Filter | null>(null);
  sort = $state.raw<string[]>([]);
  fields = $state.raw<string[]>([]);
  widths = $state.raw<Record<string, number>>({});
  archived = $state<'without' | 'with' | 'only'>('without');
  layout = $state<Layout>('tabular');
  /** What was chosen for each layout, and what others have stored there. */
  #options = $state.raw<Record<string, Item>>({});
  #queries: Record<string, Item> = {};
  /** The stored view that is looked through. */
  bookmark = $state<number | null>(null);

  #timer: ReturnType<typeof setTimeout> | undefined;
  #kept: number | null = null;

  constructor(collection: string) {
    this.collection = collection;
    this.#begin();
  }

  columns: Column[] = $derived(
    this.fields.map((name) => column(this.collection, name, this.widths[name])).filter((own): own is Column => own !== null),
  );

  key = $derived.by(() => project.key(this.collection)?.field ?? 'id');

  /** What is asked for each row. */
  asks = $derived.by(() => {
    const meta = project.collection(this.collection)?.meta;
    const extra = [this.key, meta?.archive_field].filter((name): name is string => !!name && project.may('read', this.collection, name));
    const shown = this.layout === 'tabular' ? this.columns.flatMap(asked) : asksOf(this.collection, this.layout, this.options);
    return [...new Set([...extra, ...shown])];
  });

  /** What the layout shows, and where: as it was chosen, else as it begins. */
  options: Options = $derived.by(() => ({ ...beginning(this.collection, this.layout), ...(this.#options[this.layout] as Options | undefined) }));

  /** The filter as it is asked, with what belongs to the archive. */
  filters = $derived.by((): Filter | undefined => {
    const meta = project.collection(this.collection)?.meta;
    const parts: Filter[] = this.filter && Object.keys(this.filter).length ? [this.filter] : [];
    // Who may not read a field may not ask by it either.
    if (meta?.archive_field && meta.archive_app_filter && this.archived !== 'with' && this.#reads(meta.archive_field)) {
      const value = meta.archive_value === 'true' ? true : meta.archive_value;
      // What has no value is not archived.
      const rule: Filter =
        this.archived === 'only'
          ? { [meta.archive_field]: { _eq: value } }
          : { _or: [{ [meta.archive_field]: { _neq: value } }, { [meta.archive_field]: { _null: true } }] };
      parts.push(rule);
    }
    return parts.length > 1 ? { _and: parts } : parts[0];
  });

  sorting = $derived.by(() => {
    if (this.sort.length) return this.sort;
    const by = project.collection(this.collection)?.meta?.sort_field;
    return [by && this.#reads(by) ? by : this.key];
  });

  bookmarks = $derived(project.presets.filter((own) => own.collection === this.collection && own.bookmark !== null));

  #reads(field: string): boolean {
    return project.may('read', this.collection, field);
  }

  /** Sorts by a field; again the other way; again not at all. */
  sortBy(field: string): void {
    if (this.sort[0] === field) this.sort = [`-${field}`];
    else if (this.sort[0] === `-${field}`) this.sort = [];
    else this.sort = [field];
    this.keep();
  }

  resize(field: string, width: number): void {
    this.widths = { ...this.widths, [field]: Math.round(width) };
    this.keep();
  }

  /** Puts a column before another, or at the end. */
  move(field: string, before: string | null): void {
    const rest = this.fields.filter((own) => own !== field);
    const at = before === null ? rest.length : rest.indexOf(before);
    this.fields = [...rest.slice(0, at), field, ...rest.slice(at)];
    this.keep();
  }

  toggle(field: string): void {
    const has = this.fields.includes(field);
    if (has && this.fields.length === 1) return;
    this.fields = has ? this.fields.filter((own) => own !== field) : [...this.fields, field];
    this.keep();
  }

  setLayout(layout: Layout): void {
    this.layout = layout;
    this.keep();
  }

  setOption(name: string, value: unknown): void {
    this.#options = { ...this.#options, [this.layout]: { ...this.#options[this.layout], [name]: value } };
    this.keep();
  }

  setSearch(text: string): void {
    this.search = text;
    router.setQuery({ search: text || null });
  }

  setFilter(filter: Filter | null): void {
    this.filter = filter;
    this.keep();
  }

  /** Looks through a stored view; none is one's own. */
  choose(bookmark: Preset | null): void {
    clearTimeout(this.#timer);
    router.setQuery({ view: bookmark ? String(bookmark.id) : null, search: null });
    this.bookmark = bookmark?.id ?? null;
    this.#take(bookmark ?? this.#own());
  }

  /** Stores what is looked at under a name: for oneself, a role or everybody. */
  async store(name: string, scope: { user?: string | null; role?: string | null }): Promise<void> {
    const body = { ...this.#shape(), collection: this.collection, bookmark: name, user: scope.user ?? null, role: scope.role ?? null };
    const made = await api<Preset | undefined>('/presets', { method: 'POST', body });
    if (made) project.presets = [...project.presets, made];
    this.bookmark = made?.id ?? null;
    router.setQuery({ view: made ? String(made.id) : null });
  }

  /** Makes a stored view what is looked at, or gives it another name or to others. */
  async change(bookmark: Preset, changes: Partial<Pick<Preset, 'bookmark' | 'user' | 'role'>> | null): Promise<void> {
    const body = changes ?? this.#shape();
    await api(`/presets/${bookmark.id}`, { method: 'PATCH', body });
    project.presets = project.presets.map((own) => (own.id === bookmark.id ? { ...own, ...body } : own));
  }

  async drop(bookmark: Preset): Promise<void> {
    await api(`/presets/${bookmark.id}`, { method: 'DELETE' });
    project.presets = project.presets.filter((own) => own.id !== bookmark.id);
    if (this.bookmark === bookmark.id) this.choose(null);
  }

  /** Keeps what is looked at, as one's own: quietly, for it is no matter if it fails. */
  keep(): void {
    clearTimeout(this.#timer);
    if (this.bookmark !== null) return;
    this.#timer = setTimeout(() => void this.#save().catch(() => undefined), REST);
  }

  async #save(): Promise<void> {
    if (!project.may('create', 'directus_presets')) return;
    const body = this.#shape();
    if (this.#kept !== null) {
      await api(`/presets/${this.#kept}`, { method: 'PATCH', body });
      project.presets = project.presets.map((own) => (own.id === this.#kept ? { ...own, ...body } : own));
      return;
    }
    const whole = { ...body, collection: this.collection, bookmark: null, user: project.user.id };
    const made = await api<Preset | undefined>('/presets', { method: 'POST', body: whole });
    this.#kept = made?.id ?? null;
    if (made) project.presets = [...project.presets, made];
  }

  #shape() {
    return {
      layout: this.layout,
      search: null,
      filter: this.filter,
      layout_query: { ...this.#queries, tabular: { fields: this.fields, sort: this.sort } } as Item,
      layout_options: { ...this.#options, tabular: { ...this.#options.tabular, widths: this.widths } } as Item,
    };
  }

  #begin(): void {
    const wanted = Number(router.query.get('view'));
    const chosen = project.presets.find((own) => own.id === wanted && own.collection === this.collection && own.bookmark !== null);
    this.bookmark = chosen?.id ?? null;
    const own = this.#own();
    this.#kept = own && own.user === project.user.id ? own.id : null;
    this.#take(chosen ?? own);
    this.search = router.query.get('search') ?? this.search;
  }

  /** What was kept for the user; else for their role; else for everybody. */
  #own(): Preset | null {
    const kept = project.presets.filter((own) => own.collection === this.collection && own.bookmark === null);
    return (
      kept.find((own) => own.user === project.user.id) ??
      kept.find((own) => own.role && project.boot.roles.includes(own.role)) ??
      kept.find((own) => !own.user && !own.role) ??
      null
    );
  }

  #take(preset: Preset | null): void {
    this.#queries = { ...(preset?.layout_query as Record<string, Item> | null) };
    this.#options = { ...(preset?.layout_options as Record<string, Item> | null) };
    this.layout = isLayout(preset?.layout) ? preset.layout : 'tabular';
    const query = tabular(preset?.layout_query);
    const options = tabular(preset?.layout_options);
    const fields = strings(query?.fields).filter((name) => column(this.collection, name, undefined) !== null);
    this.fields = fields.length ? fields : usual(this.collection);
    this.sort = strings(query?.sort);
    const widths = options?.widths;
    this.widths = typeof widths === 'object' && widths !== null ? (widths as Record<string, number>) : {};
    this.filter = preset?.filter ?? null;
    this.search = preset?.search ?? '';
  }
}

function tabular(of: Item | null | undefined): Item | null {
  const own = of?.tabular;
  return typeof own === 'object' && own !== null ? (own as Item) : null;
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((own): own is string => typeof own === 'string') : [];
}
