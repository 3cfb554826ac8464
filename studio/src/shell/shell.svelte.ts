// What of the shell is open. Pages may open it too: the palette, the navigation on narrow windows.

const KEPT = 'aedile.navigation';

class ShellState {
  palette = $state(false);
  shortcuts = $state(false);
  viewAs = $state(false);
  /** On narrow windows the navigation lies over the page. */
  drawer = $state(false);
  navigation = $state(typeof localStorage === 'undefined' || localStorage.getItem(KEPT) !== 'closed');

  toggleNavigation(): void {
    this.navigation = !this.navigation;
    localStorage.setItem(KEPT, this.navigation ? 'open' : 'closed');
  }
}

export const shell = new ShellState();
