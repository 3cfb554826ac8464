// Which control a field is typed into by: the interface that was chosen for it, else what suits its kind. Large ones come when the
// first of them is shown. A control knows a field and a value and no more, so that it works in forms, lists and dialogs alike.
import type { Component } from 'svelte';

import type { FieldInfo } from '../../../lib/model';
import { kind, type Kind } from '../../../lib/values';
import Boxes from './controls/Boxes.svelte';
import Choice from './controls/Choice.svelte';
import Color from './controls/Color.svelte';
import IconName from './controls/IconName.svelte';
import Long from './controls/Long.svelte';
import Moment from './controls/Moment.svelte';
import Numeric from './controls/Numeric.svelte';
import OnOff from './controls/OnOff.svelte';
import Radio from './controls/Radio.svelte';
import Repeater from './controls/Repeater.svelte';
import Several from './controls/Several.svelte';
import Slider from './controls/Slider.svelte';
import Tags from './controls/Tags.svelte';
import Text from './controls/Text.svelte';
import Tree from './controls/Tree.svelte';

export interface ControlProps {
  id: string;
  label: string;
  /** With the options that hold at the moment. */
  info: FieldInfo;
  value: unknown;
  writable: boolean;
  required: boolean;
  invalid: boolean;
  describedby: string | undefined;
  onchange: (value: unknown) => void;
}

export type Control = Component<ControlProps>;
type Later = () => Promise<{ default: Control }>;

const BY_INTERFACE: Record<string, Control> = {
  'select-radio': Radio,
  'select-multiple-checkbox': Boxes,
  'select-multiple-dropdown': Several,
  'select-multiple-checkbox-tree': Tree,
  'select-icon': IconName,
  'select-color': Color,
  slider: Slider,
  tags: Tags,
  list: Repeater,
};

const BY_KIND: Partial<Record<Kind, Control>> = {
  boolean: OnOff,
  choice: Choice,
  choices: Boxes,
  color: Color,
  date: Moment,
  time: Moment,
  dateTime: Moment,
  timestamp: Moment,
  long: Long,
  number: Numeric,
  tags: Tags,
};

const code: Later = () => import('./controls/Code.svelte');
const LATER: Record<string, Later> = {
  'input-code': code,
  'input-rich-text-html': () => import('./controls/RichText.svelte'),
  'input-rich-text-md': () => import('./controls/Markdown.svelte'),
};

/** Interfaces that make no sense without something to choose from. */
const CHOOSING = new Set(['select-radio', 'select-multiple-checkbox', 'select-multiple-dropdown', 'select-multiple-checkbox-tree']);

export function controlOf(info: FieldInfo): { now: Control } | { later: Later } {
  const shown = info.meta?.interface ?? '';
  const own = kind(info);
  const later = LATER[shown] ?? (own === 'json' && shown !== 'list' ? code : undefined);
  if (later) return { later };
  const wanted = CHOOSING.has(shown) && own !== 'choice' && own !== 'choices' ? undefined : BY_INTERFACE[shown];
  return { now: wanted ?? BY_KIND[own] ?? Text };
}
