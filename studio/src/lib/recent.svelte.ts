// What was opened last, for the command palette: names and addresses, in this browser alone, apart for each user.

export interface Visit {
  path: string;
  title: string;
  detail: string;
}

const MOST = 12;

class Recent {
  list = $state.raw<Visit[]>([]);
  #place = '';

  /** Takes up what this user left. */
  begin(user: string): void {
    this.#place = `aedile.recent.${user}`;
    try {
      this.list = JSON.parse(localStorage.getItem(this.#place) ?? '[]') as Visit[];
    } catch {
      this.list = [];
    }
  }

  add(visit: Visit): void {
    this.list = [visit, ...this.list.filter((own) => own.path !== visit.path)].slice(0, MOST);
    localStorage.setItem(this.#place, JSON.stringify(this.list));
  }
}

export const recent = new Recent();
