// The session: signing in and out, keeping it alive while somebody is there, and asking for the password again when it is
// over, so that nothing that was typed is lost. The token itself is in a cookie that no script sees.
import { api, hooks } from './api';

interface Expiry {
  expires: number;
}

/** Who signs in: an address, or what a directory calls somebody. */
export interface Who {
  name: string;
  directory?: string;
}

/** A session is renewed when this part of its life is over. */
const RENEW_AFTER = 0.5;

/** The longest time a browser can wait for. */
const LONGEST_WAIT = 2 ** 31 - 1;

class Session {
  /** Whether the dialog that asks for the password is open. */
  expired = $state(false);
  /** Whose session it was, so that the dialog need not ask. */
  email = $state('');

  /** Who signed in last; after the page was loaded anew the address is all that is known. */
  #who: Who | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #waiting: ((renewed: boolean) => void)[] = [];
  #refreshing: Promise<boolean> | undefined;
  #active = false;
  #until = Infinity;

  /** From now on a session is there to be kept. */
  begin(email: string): void {
    this.#active = true;
    this.email = email;
    void this.#refresh();
  }

  get who(): Who {
    return this.#who ?? { name: this.email };
  }

  async signIn(who: Who, password: string, otp?: string): Promise<void> {
    const { name, directory } = who;
    const told = await api<Expiry>(directory ? `/auth/login/${encodeURIComponent(directory)}` : '/auth/login', {
      method: 'POST',
      bare: true,
      body: { [directory ? 'identifier' : 'email']: name, password, mode: 'session', ...(otp ? { otp } : {}) },
    });
    this.#active = true;
    this.#who = who;
    if (!directory) this.email = name;
    this.#plan(told.expires);
    this.expired = false;
    for (const go of this.#waiting.splice(0)) go(true);
  }

  async signOut(): Promise<void> {
    this.#active = false;
    this.#who = undefined;
    clearTimeout(this.#timer);
    await api('/auth/logout', { method: 'POST', bare: true, body: { mode: 'session' } }).catch(() => undefined);
  }

  /** The session is not to be asked for again: everything that waited is refused. */
  giveUp(): void {
    this.#active = false;
    this.expired = false;
    for (const go of this.#waiting.splice(0)) go(false);
  }

  /** Whether its time has run out. */
  over(): boolean {
    return this.#active && Date.now() > this.#until;
  }

  /** Renews a session that a question found to be over; asks for the password when it has to. */
  async renew(): Promise<boolean> {
    if (!this.#active) return false;
    if (await this.#refresh()) return true;
    this.expired = true;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #refresh(): Promise<boolean> {
    this.#refreshing ??= api<Expiry>('/auth/refresh', { method: 'POST', bare: true, body: { mode: 'session' } })
      .then((told) => {
        this.#plan(told.expires);
        return true;
      })
      .catch(() => false)
      .finally(() => {
        this.#refreshing = undefined;
      });
    return this.#refreshing;
  }

  #plan(expires: number): void {
    this.#until = Date.now() + expires;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#refresh(), Math.min(expires * RENEW_AFTER, LONGEST_WAIT));
  }
}

export const session = new Session();

hooks.renew = () => session.renew();
hooks.over = () => session.over();
