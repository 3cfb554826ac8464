// Pages that hold something unsaved are not left without a word.
import { t } from '../lib/i18n.svelte';
import { router } from '../lib/router.svelte';
import { ask } from '../ui/confirm.svelte';

/** Asks whether to go on, though something is lost by it. */
export function askToLeave(yes = t('shell.leave')): Promise<boolean> {
  return ask({ title: t('shell.unsaved'), text: t('shell.unsavedText'), yes, danger: true });
}

/** For as long as the component lives: asks before its page is left while something is unsaved. */
export function holdUnsaved(unsaved: () => boolean): void {
  $effect(() => router.guard((to) => !unsaved() || to.split('?')[0] === router.path || askToLeave()));
}
