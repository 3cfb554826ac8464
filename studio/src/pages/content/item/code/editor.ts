// The editor of code: CodeMirror, dressed in the Studio's colours. Languages come when they are spoken.
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting, type LanguageSupport } from '@codemirror/language';
import { Compartment, EditorState, type Extension } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';

const LANGUAGES: Record<string, () => Promise<LanguageSupport>> = {
  json: async () => (await import('@codemirror/lang-json')).json(),
  javascript: async () => (await import('@codemirror/lang-javascript')).javascript({ jsx: true }),
  typescript: async () => (await import('@codemirror/lang-javascript')).javascript({ typescript: true }),
  html: async () => (await import('@codemirror/lang-html')).html(),
  css: async () => (await import('@codemirror/lang-css')).css(),
  sql: async () => (await import('@codemirror/lang-sql')).sql(),
  yaml: async () => (await import('@codemirror/lang-yaml')).yaml(),
  markdown: async () => (await import('@codemirror/lang-markdown')).markdown(),
};

/** Other names of the same. */
const ALIASES: Record<string, string> = { js: 'javascript', ts: 'typescript', htmlmixed: 'html', md: 'markdown', yml: 'yaml', xml: 'html', vue: 'html' };

export interface Editing {
  set: (text: string) => void;
  allow: (writable: boolean) => void;
  speak: (language: string) => void;
  end: () => void;
}

interface Wanted {
  text: string;
  label: string;
  language: string;
  numbers: boolean;
  writable: boolean;
  onchange: (text: string) => void;
}

const look = EditorView.theme({
  '&': { height: '100%', maxHeight: '60vh', fontSize: 'var(--text-s)', color: 'var(--text)', backgroundColor: 'transparent' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '20px', overflow: 'auto' },
  '.cm-content': { padding: '6px 0', caretColor: 'var(--text)' },
  '.cm-line': { padding: '0 10px' },
  '.cm-gutters': { backgroundColor: 'transparent', color: 'var(--text-3)', border: 'none', paddingLeft: '4px' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--hover)' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'var(--accent-soft)' },
  '.cm-matchingBracket': { backgroundColor: 'var(--press)', outline: '1px solid var(--line-strong)' },
});

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.modifier, tags.operatorKeyword], color: 'var(--accent)' },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: 'var(--good)' },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: 'var(--warn)' },
  { tag: [tags.comment, tags.meta], color: 'var(--text-3)', fontStyle: 'italic' },
  { tag: [tags.propertyName, tags.attributeName, tags.tagName], color: 'var(--text-2)', fontWeight: '500' },
  { tag: tags.heading, fontWeight: '600' },
  { tag: tags.invalid, color: 'var(--bad)' },
]);

/** Puts an editor into an element. */
export function begin(host: HTMLElement, wanted: Wanted): Editing {
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open', delegatesFocus: true });
  const [speech, right] = [new Compartment(), new Compartment()];
  const may = (writable: boolean): Extension => [EditorState.readOnly.of(!writable), EditorView.contentAttributes.of({ 'aria-label': wanted.label, 'aria-readonly': String(!writable) })];
  let quiet = false;
  const view = new EditorView({
    parent: root,
    root,
    state: EditorState.create({
      doc: wanted.text,
      extensions: [
        wanted.numbers ? lineNumbers() : [],
        history(),
        drawSelection(),
        indentOnInput(),
        bracketMatching(),
        highlightActiveLine(),
        EditorView.lineWrapping,
        syntaxHighlighting(colours),
        // Tab leaves the field, as everywhere else on the page.
        keymap.of([...defaultKeymap, ...historyKeymap]),
        look,
        speech.of([]),
        right.of(may(wanted.writable)),
        EditorView.updateListener.of((update) => {
          if (update.docChanged && !quiet) wanted.onchange(update.state.doc.toString());
        }),
      ],
    }),
  });
  let ended = false;
  const speak = (language: string) => {
    const load = LANGUAGES[ALIASES[language] ?? language];
    void load?.().then((own) => !ended && view.dispatch({ effects: speech.reconfigure(own) }), () => undefined);
  };
  return {
    set: (text) => {
      quiet = true;
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
      quiet = false;
    },
    allow: (writable) => view.dispatch({ effects: right.reconfigure(may(writable)) }),
    speak,
    end: () => {
      ended = true;
      view.destroy();
    },
  };
}
