// Content: the items of the project's collections.
import box from 'icon:box';

import { t } from '../../lib/i18n.svelte';
import type { Command, Module } from '../../lib/modules';
import { project } from '../../lib/project.svelte';
import { router } from '../../lib/router.svelte';
import { icon } from './icons';
import { readable } from './tree';

const module: Module = {
  id: 'content',
  label: 'content.title',
  icon: box,
  order: 10,
  path: '/content',
  navigation: () => import('./Navigation.svelte'),
  routes: [
    { path: '/', load: () => import('./Home.svelte'), title: () => t('content.title') },
    { path: '/content', load: () => import('./Home.svelte'), title: () => t('content.title') },
    { path: '/content/:collection', load: () => import('./Collection.svelte'), title: () => t('content.title') },
    { path: '/content/:collection/:id', load: () => import('./ItemPage.svelte'), title: () => t('content.item') },
  ],
  commands: (): Command[] =>
    readable().map((info) => ({
      title: project.title(info.collection),
      detail: t('shell.collections'),
      icon: icon(info.meta?.icon),
      words: info.collection,
      run: () => void router.go(`/content/${info.collection}`),
    })),
};

export default module;
