// Activity: who did what, from where, to which item. Everybody who may read it sees what they may read of it.
import activity from 'icon:activity';

import { t } from '../../lib/i18n.svelte';
import type { Module } from '../../lib/modules';
import { project } from '../../lib/project.svelte';

const module: Module = {
  id: 'activity',
  label: 'activity.title',
  icon: activity,
  order: 60,
  path: '/activity',
  visible: () => project.may('read', 'directus_activity'),
  routes: [{ path: '/activity', load: () => import('./Activity.svelte'), title: () => t('activity.title') }],
};

export default module;
