// What the forms before the shell share: one attempt at a time, and what went wrong with it.
import { ApiError } from '../../lib/api';
import { explain } from '../../lib/toasts.svelte';

export class Form {
  busy = $state(false);
  error = $state('');

  /** Tries; answers whether it worked. `refused` may deal with an error itself. */
  async try(attempt: () => Promise<unknown>, refused: (error: ApiError) => boolean = () => false): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.error = '';
    try {
      await attempt();
      return true;
    } catch (error) {
      if (!(error instanceof ApiError && refused(error))) this.error = explain(error);
      return false;
    } finally {
      this.busy = false;
    }
  }
}
