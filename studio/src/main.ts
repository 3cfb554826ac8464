// The beginning: how it looks, which page it is, who is there. One question tells everything that the first page needs.
import './styles/base.css';

import { mount } from 'svelte';

import { look } from './lib/theme.svelte';
import { router } from './lib/router.svelte';
import { shortcuts } from './lib/shortcuts.svelte';
import App from './shell/App.svelte';

look.start();
router.start();
shortcuts.start();

const target = document.getElementById('app');
if (target) mount(App, { target });
