// The editor of formatted text: ProseMirror with the Studio's keys. It knows a text and a cursor, and nothing of fields.
import { baseKeymap, chainCommands, exitCode, lift, setBlockType, toggleMark, wrapIn } from 'prosemirror-commands';
import { history, redo, undo } from 'prosemirror-history';
import { InputRule, inputRules, textblockTypeInputRule, wrappingInputRule } from 'prosemirror-inputrules';
import { keymap } from 'prosemirror-keymap';
import type { Attrs, MarkType, NodeType } from 'prosemirror-model';
import { liftListItem, sinkListItem, splitListItem, wrapInList } from 'prosemirror-schema-list';
import { EditorState, type Command, type Plugin } from 'prosemirror-state';
import { EditorView } from 'prosemirror-view';

import { read, write } from './html';
import { schema } from './schema';

const { marks, nodes } = schema;

/** What holds where the cursor is. */
export interface Here {
  marks: Set<string>;
  /** A paragraph, a heading of a level, or code. */
  block: string;
  lists: Set<string>;
  link: string | null;
}

export interface Writing {
  view: EditorView;
  set: (html: string) => void;
  end: () => void;
}

interface Wanted {
  html: string;
  label: string;
  describedby: string | undefined;
  onchange: (html: string) => void;
  onmove: (here: Here) => void;
}

export function begin(host: HTMLElement, wanted: Wanted): Writing {
  const attributes: Record<string, string> = { role: 'textbox', 'aria-multiline': 'true', 'aria-label': wanted.label, class: 'prose' };
  if (wanted.describedby) attributes['aria-describedby'] = wanted.describedby;
  const state = (html: string) => EditorState.create({ doc: read(html), plugins: plugins() });
  const view = new EditorView(host, {
    state: state(wanted.html),
    attributes,
    dispatchTransaction(change) {
      view.updateState(view.state.apply(change));
      if (change.docChanged) wanted.onchange(write(view.state.doc));
      wanted.onmove(here(view.state));
    },
  });
  wanted.onmove(here(view.state));
  const set = (html: string) => {
    view.updateState(state(html));
    wanted.onmove(here(view.state));
  };
  return { view, set, end: () => view.destroy() };
}

function plugins(): Plugin[] {
  const breakLine = chainCommands(exitCode, (state, dispatch) => {
    dispatch?.(state.tr.replaceSelectionWith(node('hard_break').create()).scrollIntoView());
    return true;
  });
  const keys: Record<string, Command> = {
    'Mod-z': undo,
    'Mod-y': redo,
    'Mod-Shift-z': redo,
    'Mod-b': toggleMark(mark('strong')),
    'Mod-i': toggleMark(mark('em')),
    'Mod-u': toggleMark(mark('underline')),
    'Mod-e': toggleMark(mark('code')),
    'Shift-Enter': breakLine,
    Enter: splitListItem(node('list_item')),
    'Mod-[': liftListItem(node('list_item')),
    'Mod-]': sinkListItem(node('list_item')),
  };
  for (const level of [1, 2, 3]) keys[`Mod-Alt-${level}`] = setBlockType(node('heading'), { level });
  keys['Mod-Alt-0'] = setBlockType(node('paragraph'));
  return [shortcuts(), keymap(keys), keymap(baseKeymap), history()];
}

/** What is typed as in plain text becomes what it stands for. */
function shortcuts(): Plugin {
  return inputRules({
    rules: [
      wrappingInputRule(/^\s*>\s$/, node('blockquote')),
      wrappingInputRule(/^\s*[-*]\s$/, node('bullet_list')),
      wrappingInputRule(/^(\d+)\.\s$/, node('ordered_list'), (found) => ({ order: Number(found[1]) })),
      textblockTypeInputRule(/^```$/, node('code_block')),
      textblockTypeInputRule(/^(#{1,6})\s$/, node('heading'), (found) => ({ level: found[1]?.length ?? 1 })),
      new InputRule(/--$/, '–'),
    ],
  });
}

function mark(name: string): MarkType {
  const found = marks[name];
  if (!found) throw new Error(`no mark ${name}`);
  return found;
}

function node(name: string): NodeType {
  const found = nodes[name];
  if (!found) throw new Error(`no node ${name}`);
  return found;
}

export function here(state: EditorState): Here {
  const { from, to, empty, $from } = state.selection;
  const held = (type: MarkType) => (empty ? !!type.isInSet(state.storedMarks ?? $from.marks()) : state.doc.rangeHasMark(from, to, type));
  const lists = new Set<string>();
  for (let depth = $from.depth; depth > 0; depth -= 1) lists.add($from.node(depth).type.name);
  const { parent } = $from;
  const link = mark('link').isInSet($from.marks())?.attrs.href ?? (empty ? null : linkWithin(state, from, to));
  return {
    marks: new Set(Object.keys(marks).filter((name) => held(mark(name)))),
    block: parent.type.name === 'heading' ? `heading${String(parent.attrs.level)}` : parent.type.name,
    lists,
    link: typeof link === 'string' ? link : null,
  };
}

function linkWithin(state: EditorState, from: number, to: number): unknown {
  let found: unknown = null;
  state.doc.nodesBetween(from, to, (own) => {
    found ??= mark('link').isInSet(own.marks)?.attrs.href;
  });
  return found;
}

/** Commands by what they are called. */
export const commands = {
  mark: (name: string, attributes?: Attrs): Command => toggleMark(mark(name), attributes),
  block: (name: string): Command => (name.startsWith('heading') ? setBlockType(node('heading'), { level: Number(name.slice(7)) }) : setBlockType(node(name))),
  list: (name: string, on: boolean): Command => (on ? liftListItem(node('list_item')) : wrapInList(node(name))),
  quote: (on: boolean): Command => (on ? lift : wrapIn(node('blockquote'))),
  rule: ((state, dispatch) => {
    dispatch?.(state.tr.replaceSelectionWith(node('horizontal_rule').create()));
    return true;
  }) satisfies Command,
  image:
    (src: string, alt: string): Command =>
    (state, dispatch) => {
      dispatch?.(state.tr.replaceSelectionWith(node('image').create({ src, alt })));
      return true;
    },
  /** Puts a link on what is selected, on the link that the cursor is in, or types the address; nothing takes the link away. */
  link:
    (href: string | null): Command =>
    (state, dispatch) => {
      const type = mark('link');
      let { from, to } = state.selection;
      if (state.selection.empty) [from, to] = around(state, type);
      const change = state.tr;
      if (from === to && href) change.insertText(href, from);
      if (from === to && href) to = from + href.length;
      change.removeMark(from, to, type);
      if (href) change.addMark(from, to, type.create({ href }));
      dispatch?.(change);
      return true;
    },
  undo,
  redo,
};

/** Where the mark that the cursor is in begins and ends. */
function around(state: EditorState, type: MarkType): [number, number] {
  const { $from } = state.selection;
  const { parent } = $from;
  let [start, end] = [$from.pos, $from.pos];
  parent.forEach((child, offset) => {
    const from = $from.start() + offset;
    const to = from + child.nodeSize;
    if (type.isInSet(child.marks) && from <= $from.pos && to >= $from.pos) [start, end] = [Math.min(start, from), Math.max(end, to)];
  });
  return [start, end];
}
