// A drawing for each intent, and for each kind of field that comes of one.
import alignLeft from 'icon:align-left';
import arrowRight from 'icon:arrow-right';
import badge from 'icon:badge-check';
import braces from 'icon:braces';
import calendar from 'icon:calendar';
import calendarClock from 'icon:calendar-clock';
import clock from 'icon:clock';
import code from 'icon:code';
import chevrons from 'icon:chevrons-up-down';
import file from 'icon:file';
import files from 'icon:files';
import fingerprint from 'icon:fingerprint';
import group from 'icon:group';
import hash from 'icon:hash';
import image from 'icon:image';
import info from 'icon:info';
import languages from 'icon:languages';
import layers from 'icon:layers';
import link from 'icon:link';
import list from 'icon:list';
import checks from 'icon:list-checks';
import order from 'icon:arrow-down-narrow-wide';
import minus from 'icon:minus';
import palette from 'icon:palette';
import percent from 'icon:percent';
import shapes from 'icon:shapes';
import share from 'icon:share-2';
import tags from 'icon:tags';
import toggle from 'icon:toggle-right';
import type from 'icon:type';
import user from 'icon:user';
import userPen from 'icon:user-pen';

import type { FieldInfo } from '../../../lib/model';
import { sort } from '../fields/interfaces';

export const ICONS: Record<string, string> = {
  text: type, long: alignLeft, rich: alignLeft, markdown: hash, slug: link, integer: hash, decimal: percent, boolean: toggle,
  date: calendar, dateTime: calendarClock, timestamp: calendarClock, time: clock, color: palette, icon: shapes, code: code, json: braces, uuid: fingerprint,
  status: badge, choice: chevrons, choices: checks, tags: tags,
  m2o: arrowRight, o2m: list, m2m: share, m2a: layers, translations: languages, user: user, image: image, file: file, files: files,
  createdAt: calendarClock, createdBy: user, updatedAt: calendarClock, updatedBy: userPen, sort: order,
  group: group, divider: minus, notice: info,
};

const SORTS: Record<string, string> = {
  string: type, text: alignLeft, integer: hash, bigInteger: hash, float: percent, decimal: percent, csv: tags, hash: fingerprint, none: minus,
};

/** The drawing of a field that is there. */
export function iconOf(field: FieldInfo): string {
  const shown = field.meta?.interface ?? '';
  if (shown === 'select-dropdown' || shown === 'select-radio') return chevrons;
  const own = sort(field);
  return SORTS[own] ?? ICONS[own] ?? type;
}
