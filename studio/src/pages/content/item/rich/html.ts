// From stored HTML to a document and back, and whether that loses anything.
import { DOMParser as Reader, DOMSerializer, type Node as Doc } from 'prosemirror-model';

import { hushed } from '../hush';
import { schema } from './schema';

const reader = Reader.fromSchema(schema);
const writer = DOMSerializer.fromSchema(schema);

/** Elements that mean the same. */
const SAME: Record<string, string> = { B: 'STRONG', I: 'EM', DEL: 'S', STRIKE: 'S' };

/** Elements that stand on lines of their own: blanks around them mean nothing. */
const BLOCKS = new Set(['P', 'H1', 'H2', 'H3', 'H4', 'H5', 'H6', 'UL', 'OL', 'LI', 'BLOCKQUOTE', 'PRE', 'HR', 'BODY']);

/** Nothing in it runs, and nothing is fetched: it belongs to no page. */
function inert(html: string): HTMLElement {
  return new DOMParser().parseFromString(`<body>${hushed(html)}`, 'text/html').body;
}

export function read(html: string): Doc {
  return reader.parse(inert(html));
}

export function write(doc: Doc): string {
  const body = inert('');
  const only = doc.childCount === 1 ? doc.firstChild : null;
  if (only?.type.name === 'paragraph' && only.childCount === 0) return '';
  body.append(writer.serializeFragment(doc.content, { document: body.ownerDocument }));
  // A list of single lines is written as one, as other editors do.
  for (const item of body.querySelectorAll('li')) {
    const [first, second] = item.children;
    if (first?.tagName === 'P' && item.firstChild === first && (!second || (second === item.lastChild && /^[UO]L$/.test(second.tagName)))) first.replaceWith(...first.childNodes);
  }
  return body.innerHTML;
}

/** Whether what is stored would be the same after the editor has read and written it. */
export function isFaithful(html: string): boolean {
  return shape(inert(html)) === shape(inert(write(read(html))));
}

/** What HTML says, whatever way it is written. */
function shape(body: HTMLElement): string {
  const out: string[] = [];
  walk(body, out, false);
  return out.join('').replace(/ ?(<\/?(?:P|H\d|UL|OL|LI|BLOCKQUOTE|PRE|HR|BR)\b[^>]*>) ?/g, '$1');
}

function walk(element: Element, out: string[], raw: boolean): void {
  for (const node of element.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) {
      const text = node.textContent ?? '';
      const blank = BLOCKS.has(element.tagName) && !raw && text.trim() === '' && (!node.previousSibling || !node.nextSibling || isBlock(node.previousSibling) || isBlock(node.nextSibling));
      if (!blank) out.push(raw ? text : text.replace(/[ \t\r\n]+/g, ' '));
    } else if (node instanceof Element || node.nodeType === Node.ELEMENT_NODE) one(node as Element, out, raw);
  }
}

function one(element: Element, out: string[], raw: boolean): void {
  const tag = SAME[element.tagName] ?? element.tagName;
  const parent = element.parentElement?.tagName;
  // A paragraph around a line of a list says nothing.
  const bare = tag === 'P' && parent === 'LI' && element.attributes.length === 0;
  const attributes = [...element.attributes].filter((own) => own.value !== '').map((own) => ` ${own.name}=${own.value}`).sort();
  if (!bare) out.push(`<${tag}${attributes.join('')}>`);
  walk(element, out, raw || tag === 'PRE');
  if (!bare) out.push(`</${tag}>`);
}

function isBlock(node: Node): boolean {
  return node.nodeType === Node.ELEMENT_NODE && BLOCKS.has((node as Element).tagName);
}
