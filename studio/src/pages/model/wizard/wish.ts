// A wish as it begins, and when enough is said of it to be asked about.
import { language, t } from '../../../lib/i18n.svelte';
import { project } from '../../../lib/project.svelte';
import { known } from '../known';
import { free, singular } from '../naming';
import { intent, type Intent, type Wish } from './intents';
import { likely } from './languages';

/** What most statuses are. */
const STATUSES = () => [
  { value: 'draft', text: t('model.draft'), color: '#a2a8b3' },
  { value: 'published', text: t('model.published'), color: '#2f9e5f' },
  { value: 'archived', text: t('model.archived'), color: '#c08a2d' },
];

export function begun(collection: string, id: string, target?: string): Wish {
  const called = intent(id)?.name ?? (id === 'm2o' && target ? singular(target) : target);
  const wish: Wish = { collection, name: called ? free(called, known.fields(collection).map((own) => own.field)) : '' };
  if (target) wish.target = target;
  if (id === 'status') wish.choices = STATUSES();
  if (id === 'm2a') wish.sorted = true;
  if (id === 'translations') wish.spoken = likely([project.boot.project.default_language, ...navigator.languages], language.name);
  return wish;
}

/** Whether everything that it takes is said. */
export function isComplete(intent: Intent, wish: Wish): boolean {
  const has = (ask: Intent['asks'][number]) => intent.asks.includes(ask);
  if (!wish.name) return false;
  if (has('target') && !wish.target) return false;
  if (has('targets') && !wish.targets?.length) return false;
  if (has('choices') && !wish.choices?.some((own) => own.value !== '')) return false;
  return true;
}
