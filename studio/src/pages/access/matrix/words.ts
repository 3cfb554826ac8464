// What a cell says of its permissions, in a few words.
import { t } from '../../../lib/i18n.svelte';
import { isEmpty } from '../rules/rule';
import { modelOf } from '../rules/model';
import { told } from '../rules/words';
import { isFull, level, type Permission } from './cells';

/** One permission: which items, which fields, and what else it asks. */
export function describe(own: Permission): string {
  if (isFull(own)) return t('access.everything');
  const rule = told(own.permissions, modelOf(own.collection));
  const fields = own.fields ?? [];
  const parts = [rule];
  if (!fields.length && ['create', 'read', 'update'].includes(own.action)) parts.push(t('access.fieldsNone'));
  else if (!fields.includes('*') && fields.length) parts.push(t('access.fieldsSome', { n: fields.length }));
  if (!isEmpty(own.validation)) parts.push(t('access.checked'));
  if (Object.keys(own.presets ?? {}).length) parts.push(t('access.presetting'));
  return parts.filter(Boolean).join(' · ');
}

/** All of a cell. */
export function cellWords(rows: Permission[]): string {
  if (level(rows) === 'none') return t('access.none');
  if (level(rows) === 'all') return t('access.all');
  return rows.map(describe).join(' / ');
}
