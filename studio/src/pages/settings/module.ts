// Settings: what holds for the whole project, and what this server is.
import cog from 'icon:settings';
import server from 'icon:server';

import { t } from '../../lib/i18n.svelte';
import type { Module } from '../../lib/modules';
import { project } from '../../lib/project.svelte';
import { router } from '../../lib/router.svelte';
import { SECTIONS } from './settings';

const module: Module = {
  id: 'settings',
  label: 'settings.title',
  icon: cog,
  order: 70,
  path: '/settings',
  visible: () => project.admin,
  navigation: () => import('./Navigation.svelte'),
  routes: [
    { path: '/settings', load: () => import('./Settings.svelte'), title: () => t('settings.title') },
    { path: '/settings/system', load: () => import('./System.svelte'), title: () => t('settings.system') },
  ],
  commands: () => [
    ...SECTIONS.map((section) => ({
      title: t(`settings.section_${section.id}`),
      icon: cog,
      detail: t('settings.title'),
      words: section.fields.map((field) => t(`settings.${field.name}`)).join(' '),
      run: () => void router.go(`/settings?section=${section.id}`),
    })),
    { title: t('settings.system'), icon: server, detail: t('settings.title'), words: 'version database limits information', run: () => void router.go('/settings/system') },
  ],
};

export default module;
