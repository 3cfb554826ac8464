// The fields of a repeater's rows, described as a collection's fields are, so that the same controls serve them.
import { BARE, type FieldInfo, type FieldMeta, type Item } from '../../../../lib/model';

/** As they are given in the options; their names take the place of notes. */
export function innerFields(given: unknown): FieldInfo[] {
  if (!Array.isArray(given)) return [];
  return given
    .filter((own): own is Item => typeof own === 'object' && own !== null && typeof (own as Item).field === 'string')
    .map((own) => {
      const meta = (own.meta ?? {}) as Partial<FieldMeta>;
      const name = typeof own.name === 'string' && own.name && !own.name.startsWith('$t:') ? own.name : null;
      const nothing = { default_value: (own.schema as Item | undefined)?.default_value ?? null, is_nullable: true };
      return {
        collection: '',
        field: String(own.field),
        type: String(own.type ?? meta.interface ?? 'string'),
        meta: { ...BARE, ...meta, note: name },
        schema: nothing as FieldInfo['schema'],
      };
    });
}
