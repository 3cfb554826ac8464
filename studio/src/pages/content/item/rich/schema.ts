// What the editor of formatted text knows: paragraphs, headings, lists, quotes, code, pictures and the usual marks. HTML that says
// more is not edited here (see `faithful`).
import { Schema, type DOMOutputSpec, type NodeSpec } from 'prosemirror-model';
import { schema as basic } from 'prosemirror-schema-basic';
import { addListNodes } from 'prosemirror-schema-list';

const image: NodeSpec = {
  inline: true,
  group: 'inline',
  draggable: true,
  attrs: { src: {}, alt: { default: null }, title: { default: null }, width: { default: null }, height: { default: null } },
  parseDOM: [
    {
      tag: 'img[src]',
      getAttrs: (dom) => Object.fromEntries(['src', 'alt', 'title', 'width', 'height'].map((name) => [name, dom.getAttribute(name)])),
    },
  ],
  toDOM: (node): DOMOutputSpec => ['img', { ...node.attrs }],
};

const link = {
  attrs: { href: {}, title: { default: null }, target: { default: null }, rel: { default: null } },
  inclusive: false,
  parseDOM: [
    {
      tag: 'a[href]',
      getAttrs: (dom: HTMLElement) => Object.fromEntries(['href', 'title', 'target', 'rel'].map((name) => [name, dom.getAttribute(name)])),
    },
  ],
  toDOM: (mark: { attrs: Record<string, unknown> }): DOMOutputSpec => ['a', { ...mark.attrs }, 0],
};

const plain = (tag: string, others: string[] = []) => ({
  parseDOM: [tag, ...others].map((own) => ({ tag: own })),
  toDOM: (): DOMOutputSpec => [tag, 0],
});

export const schema = new Schema({
  nodes: addListNodes(basic.spec.nodes.update('image', image), 'paragraph block*', 'block'),
  marks: basic.spec.marks
    .update('link', link)
    .addToEnd('underline', plain('u'))
    .addToEnd('strike', plain('s', ['del', 'strike']))
    .addToEnd('subscript', { ...plain('sub'), excludes: 'superscript' })
    .addToEnd('superscript', { ...plain('sup'), excludes: 'subscript' }),
});
