// The account of who is signed in.
import user from 'icon:user';

import { t } from '../../lib/i18n.svelte';
import type { Module } from '../../lib/modules';
import { router } from '../../lib/router.svelte';
import { view } from '../../lib/view.svelte';

const module: Module = {
  id: 'account',
  label: 'account.title',
  icon: user,
  path: '/account',
  // With somebody else's eyes nothing of theirs is changed.
  visible: () => view.id === null,
  routes: [{ path: '/account', load: () => import('./Account.svelte'), title: () => t('account.title') }],
  commands: () => [
    { title: t('account.title'), icon: user, detail: t('shell.account'), words: 'profile password two-factor sessions theme', run: () => void router.go('/account') },
  ],
};

export default module;
