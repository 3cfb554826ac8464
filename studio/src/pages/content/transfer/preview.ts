// A file before it is imported: what its columns are, which of them the collection has, and its first rows.
import { project } from '../../../lib/project.svelte';
import { sheet } from './csv';

/** As much of a CSV file as is read to look at it, in bytes. */
const LOOK = 256 * 1024;

/** JSON has no beginning that could be read alone; larger files are imported without being looked at. */
const MOST_JSON = 20 * 1024 * 1024;

/** Rows that are shown. */
export const ROWS = 5;

export interface Preview {
  /** How many rows there are, where that is known. */
  rows: number | null;
  columns: Column[];
}

export interface Column {
  name: string;
  /** `field`: it goes in. `none`: there is no such field. `denied`: it is not the user's to write. */
  is: 'field' | 'none' | 'denied';
  label: string;
  values: string[];
}

/** A file that is none of those that can be imported: a key of a message. */
export class Unfit extends Error {}

export function typeOf(file: File): 'text/csv' | 'application/json' {
  if (/\.json$/i.test(file.name) || file.type === 'application/json') return 'application/json';
  if (/\.(csv|tsv|txt)$/i.test(file.name) || file.type === 'text/csv') return 'text/csv';
  throw new Unfit('importType');
}

export async function preview(file: File, collection: string): Promise<Preview> {
  if (typeOf(file) === 'application/json') return json(file, collection);
  const whole = file.size <= LOOK;
  const text = await file.slice(0, LOOK).text();
  const { names, rows } = sheet(text, whole ? Infinity : ROWS, whole);
  if (!names.length) throw new Unfit('importEmpty');
  const columns = names.map((name, at) => column(collection, name, rows.slice(0, ROWS).map((row) => row[at] ?? '')));
  return { rows: whole ? rows.length : null, columns };
}

async function json(file: File, collection: string): Promise<Preview> {
  if (file.size > MOST_JSON) return { rows: null, columns: [] };
  const told = await file.text().then(JSON.parse).catch(() => null);
  const rows = Array.isArray(told) ? told : null;
  if (!rows?.every((row) => typeof row === 'object' && row !== null && !Array.isArray(row))) throw new Unfit('importJson');
  const names = [...new Set(rows.flatMap((row) => Object.keys(row as object)))];
  const text = (value: unknown) => (value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value));
  const columns = names.map((name) => column(collection, name, rows.slice(0, ROWS).map((row) => text((row as Record<string, unknown>)[name]))));
  return { rows: rows.length, columns };
}

function column(collection: string, name: string, values: string[]): Column {
  const [first = '', ...rest] = name.split('.');
  const field = project.field(collection, first);
  const may = project.may('create', collection, first) && project.may('update', collection, first);
  const label = field ? [project.label(collection, first), ...rest].join(' · ') : name;
  return { name, is: !field ? 'none' : may ? 'field' : 'denied', label, values };
}
