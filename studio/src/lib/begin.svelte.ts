// Who is there: at the beginning, after signing in, after signing out. It decides between the sign-in and the shell, and must
// never show a page of the shell before the server has said who asks.
import { api, ApiError } from './api';
import { live } from './live.svelte';
import { project } from './project.svelte';
import { recent } from './recent.svelte';
import { forget } from './resource.svelte';
import { inside, router } from './router.svelte';
import { session } from './session.svelte';
import { view } from './view.svelte';

/** `held-up`: signed in, and served nothing else until a second factor is set up. */
export type Stage = 'asking' | 'signed-out' | 'held-up' | 'signed-in' | 'unreachable';

class Begin {
  stage = $state<Stage>('asking');

  /** Asks who is there; goes to the sign-in where nobody is. */
  async ask(): Promise<void> {
    this.stage = 'asking';
    try {
      await this.#enter();
      if (router.path === '/login') await router.go('/', { replace: true });
    } catch (error) {
      if (error instanceof ApiError && error.status !== 0 && error.status < 500) await this.#out();
      else this.stage = 'unreachable';
    }
  }

  /** Somebody has just signed in. */
  async entered(): Promise<void> {
    await this.#enter();
    // Where one wanted to go stays in the address until there is a second factor.
    if (this.stage === 'held-up') return;
    await router.go(inside(router.query.get('to')), { replace: true });
  }

  async leave(): Promise<void> {
    await session.signOut();
    await this.left();
  }

  /** The session is over and nobody is to be asked for the password. */
  async left(): Promise<void> {
    live.stop();
    view.forget();
    project.forget();
    forget();
    this.stage = 'signed-out';
    await router.go('/login', { replace: true });
  }

  async #enter(): Promise<void> {
    const told = await project.load().catch(async (error: unknown) => {
      if (await this.#isHeldUp(error)) return null;
      throw error;
    });
    if (!told) {
      this.stage = 'held-up';
      return;
    }
    session.begin(told.user?.email ?? '');
    recent.begin(told.user?.id ?? '');
    await view.resume();
    live.start();
    this.stage = 'signed-in';
  }

  /** Whether what was refused will be there once a second factor is set up. */
  async #isHeldUp(error: unknown): Promise<boolean> {
    if (!(error instanceof ApiError) || error.status !== 403) return false;
    const globals = await api<{ enforce_tfa: boolean }>('/policies/me/globals', { bare: true }).catch(() => null);
    if (!globals?.enforce_tfa) return false;
    await project.loadPublic().catch(() => undefined);
    return true;
  }

  async #out(): Promise<void> {
    await project.loadPublic().catch(() => undefined);
    this.stage = 'signed-out';
  }
}

export const begin = new Begin();
