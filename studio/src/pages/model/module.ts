// The data model: collections, their fields, how they relate, and all of it as a file. Administrators alone change it.
import boxes from 'icon:boxes';
import file from 'icon:file-json-2';
import plus from 'icon:plus';
import table from 'icon:table-2';
import waypoints from 'icon:waypoints';

import { t } from '../../lib/i18n.svelte';
import type { Command, Module } from '../../lib/modules';
import { project } from '../../lib/project.svelte';
import { router } from '../../lib/router.svelte';
import { isSystem } from './known';

const command = (title: string, icon: string, path: string, words = ''): Command => ({
  title,
  icon,
  words,
  detail: t('model.title'),
  run: () => void router.go(path),
});

const module: Module = {
  id: 'model',
  label: 'model.title',
  icon: boxes,
  order: 50,
  path: '/model',
  visible: () => project.admin,
  navigation: () => import('./Navigation.svelte'),
  routes: [
    { path: '/model', load: () => import('./collections/Collections.svelte'), title: () => t('model.title') },
    { path: '/model/diagram', load: () => import('./diagram/Diagram.svelte'), title: () => t('model.diagram') },
    { path: '/model/snapshot', load: () => import('./snapshot/Snapshot.svelte'), title: () => t('model.snapshot') },
    { path: '/model/collections/:collection', load: () => import('./collections/Collection.svelte'), title: () => t('model.collection') },
  ],
  commands: () => [
    command(t('model.newCollection'), plus, '/model?new=1', 'create table'),
    command(t('model.diagram'), waypoints, '/model/diagram', 'erd relations'),
    command(t('model.snapshot'), file, '/model/snapshot', 'schema diff apply download migrate'),
    ...project.collections
      .filter((info) => !isSystem(info.collection))
      .map((info) => command(t('model.modelOf', { name: project.title(info.collection) }), table, `/model/collections/${info.collection}`, `${info.collection} fields`)),
  ],
};

export default module;
