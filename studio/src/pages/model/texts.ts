// What the pages of the data model say, beyond what is said everywhere. Every piece that is loaded by itself imports it.
import { bring } from '../../lib/i18n.svelte';
import texts from '../../locales/en/late/model.json';

bring('model', texts);
