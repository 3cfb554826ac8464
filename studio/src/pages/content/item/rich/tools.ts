// What can be done with formatted text, as far as the project wants it: fields may name the tools that they have.
import type { Command } from 'prosemirror-state';

import bold from 'icon:bold';
import bullets from 'icon:list';
import code from 'icon:code';
import image from 'icon:image';
import italic from 'icon:italic';
import link from 'icon:link';
import numbers from 'icon:list-ordered';
import quote from 'icon:text-quote';
import redo from 'icon:redo-2';
import rule from 'icon:minus';
import strike from 'icon:strikethrough';
import underline from 'icon:underline';
import undo from 'icon:undo-2';

import { t } from '../../../../lib/i18n.svelte';
import type { Tool } from '../Toolbar.svelte';
import { commands, type Here } from './editor';

type Run = (command: Command) => void;

export function toolsOf(here: Here, run: Run, ask: (what: 'link' | 'image') => void, wanted: unknown): Tool[] {
  const mark = (name: string) => ({ pressed: here.marks.has(name), run: () => run(commands.mark(name)) });
  const list = (name: string) => ({ pressed: here.lists.has(name), run: () => run(commands.list(name, here.lists.has(name))) });
  // By the names that fields know them by; those without one are always there.
  const all: (Tool & { name?: string })[] = [
    { name: 'bold', icon: bold, label: t('content.bold'), ...mark('strong') },
    { name: 'italic', icon: italic, label: t('content.italic'), ...mark('em') },
    { name: 'underline', icon: underline, label: t('content.underline'), ...mark('underline') },
    { name: 'strikethrough', icon: strike, label: t('content.strike'), ...mark('strike') },
    { name: 'code', icon: code, label: t('content.code'), ...mark('code') },
    { name: 'customLink', icon: link, label: t('content.link'), pressed: here.link !== null, run: () => ask('link') },
    { name: 'bullist', icon: bullets, label: t('content.bullets'), ...list('bullet_list') },
    { name: 'numlist', icon: numbers, label: t('content.numbered'), ...list('ordered_list') },
    { name: 'blockquote', icon: quote, label: t('content.quote'), pressed: here.lists.has('blockquote'), run: () => run(commands.quote(here.lists.has('blockquote'))) },
    { name: 'customImage', icon: image, label: t('content.picture'), run: () => ask('image') },
    { name: 'hr', icon: rule, label: t('content.rule'), run: () => run(commands.rule) },
    { icon: undo, label: t('common.undo'), run: () => run(commands.undo) },
    { icon: redo, label: t('content.redo'), run: () => run(commands.redo) },
  ];
  const names = Array.isArray(wanted) ? wanted : null;
  return all.filter((own) => !names || !own.name || names.includes(own.name));
}
