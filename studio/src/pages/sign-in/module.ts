// Becoming somebody: the pages before the shell.
import user from 'icon:user';

import { t } from '../../lib/i18n.svelte';
import type { Module } from '../../lib/modules';

const module: Module = {
  id: 'sign-in',
  label: 'signIn.hello',
  icon: user,
  path: '/login',
  routes: [
    { path: '/login', open: true, load: () => import('./SignIn.svelte'), title: () => t('signIn.hello') },
    { path: '/forgot-password', open: true, load: () => import('./Forgot.svelte'), title: () => t('signIn.reset') },
    { path: '/reset-password', open: true, load: () => import('./Reset.svelte'), title: () => t('signIn.reset') },
    { path: '/accept-invite', open: true, load: () => import('./Accept.svelte'), title: () => t('signIn.accept') },
    { path: '/register', open: true, load: () => import('./Register.svelte'), title: () => t('signIn.register') },
    { path: '/setup-2fa', load: () => import('./SecondFactor.svelte'), title: () => t('signIn.setup') },
  ],
};

export default module;
