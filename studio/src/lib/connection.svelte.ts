// Whether the server can be reached: told by the questions themselves, and while it cannot, asked every few seconds.
import { hooks, root } from './api';

/** Between two looks at a server that was not there, in milliseconds. */
const LOOK = 3000;

class Connection {
  offline = $state(false);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #back = new Set<() => void>();

  /** Called when the server is there again. */
  onBack(then: () => void): () => void {
    this.#back.add(then);
    return () => this.#back.delete(then);
  }

  told(there: boolean): void {
    if (there && this.offline) {
      this.offline = false;
      for (const then of this.#back) then();
    }
    if (!there && !this.offline) {
      this.offline = true;
      this.#look();
    }
  }

  #look(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(async () => {
      const there = await fetch(new URL('server/ping', root()), { cache: 'no-store' }).then(
        (response) => response.ok,
        () => false,
      );
      if (there) this.told(true);
      else this.#look();
    }, LOOK);
  }
}

export const connection = new Connection();

hooks.reached = (there) => connection.told(there);
