// What the server said of single fields, as sentences that stand beside them: which check failed, and what it would take.
import type { ApiError, Fault } from './api';
import { maybe } from './i18n.svelte';
import { project } from './project.svelte';
import { choices } from './values';

/** By field, with the relations that lead to it before it. */
export function byField(error: ApiError, collection: string): Record<string, string> {
  const told = error.faults.filter((fault) => fault.extensions.field);
  return Object.fromEntries(told.map((fault) => [[...(fault.extensions.path ?? []), fault.extensions.field].join('.'), said(fault, collection)]));
}

function said(fault: Fault, collection: string): string {
  const { code, type, field, path, valid, invalid } = fault.extensions;
  const key = code === 'FAILED_VALIDATION' ? `errors.check_${type}` : `errors.field_${code}`;
  // Choices are told as people see them; those of nested items are not looked for.
  const info = path?.length ? undefined : project.field(collection, field ?? '');
  const named = (value: unknown) => (info && choices(info).find((own) => own.value === String(value))?.text) ?? String(value);
  const list = (value: unknown) => (Array.isArray(value) ? value : [value ?? '']).map(named).join(', ');
  return maybe(key, fault.message, { valid: list(valid), invalid: list(invalid) });
}
