// Access: who there is, and who may do what.
import eye from 'icon:eye';
import key from 'icon:key-round';
import scan from 'icon:shield-check';
import shield from 'icon:shield';
import user from 'icon:user';
import users from 'icon:users';

import { t } from '../../lib/i18n.svelte';
import type { Command, Module } from '../../lib/modules';
import { project } from '../../lib/project.svelte';
import { router } from '../../lib/router.svelte';
import { shell } from '../../shell/shell.svelte';

const command = (title: string, icon: string, path: string, words = ''): Command => ({
  title,
  icon,
  words,
  detail: t('access.title'),
  run: () => void router.go(path),
});

const module: Module = {
  id: 'access',
  label: 'access.title',
  icon: key,
  order: 40,
  path: '/access/policies',
  visible: () => project.admin,
  navigation: () => import('./Navigation.svelte'),
  routes: [
    { path: '/access', load: () => import('./Policies.svelte'), title: () => t('access.policies') },
    { path: '/access/policies', load: () => import('./Policies.svelte'), title: () => t('access.policies') },
    { path: '/access/policies/:id', load: () => import('./Policy.svelte'), title: () => t('access.policy') },
    { path: '/access/roles', load: () => import('./Roles.svelte'), title: () => t('access.roles') },
    { path: '/access/roles/:id', load: () => import('./Role.svelte'), title: () => t('access.role') },
    { path: '/access/users', load: () => import('./Users.svelte'), title: () => t('access.users') },
    { path: '/access/users/:id', load: () => import('./User.svelte'), title: () => t('access.user') },
    { path: '/access/audit', load: () => import('./Audit.svelte'), title: () => t('access.audit') },
  ],
  commands: () => [
    command(t('access.users'), users, '/access/users', 'people accounts invite'),
    command(t('access.roles'), user, '/access/roles'),
    command(t('access.policies'), shield, '/access/policies', 'permissions rights'),
    command(t('access.audit'), scan, '/access/audit', 'security check'),
    { title: t('access.viewAs'), icon: eye, detail: t('access.title'), words: 'impersonate preview', run: () => (shell.viewAs = true) },
  ],
};

export default module;
