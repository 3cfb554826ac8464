// How the Studio looks: light, dark or as the system has it; the project's colour; its own style sheet. Colours are custom
// properties, and what the project adds comes last and through the style sheets' own interface, which the page's policy allows.

export type Theme = 'light' | 'dark' | 'system';

const KEPT = 'aedile.theme';

/** The colour that projects have whose colour nobody has chosen. */
const UNCHOSEN = '#6644ff';

class Look {
  theme = $state<Theme>(kept() ?? 'system');
  #project: CSSStyleSheet | undefined;
  #custom: CSSStyleSheet | undefined;

  start(): void {
    this.#project = new CSSStyleSheet();
    this.#custom = new CSSStyleSheet();
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, this.#project, this.#custom];
    this.#apply();
  }

  choose(theme: Theme): void {
    this.theme = theme;
    localStorage.setItem(KEPT, theme);
    this.#apply();
  }

  /** Takes the project's colour, style sheet and appearance; only what is a colour is taken for one, and what was chosen here stays. */
  dress(color: string | null | undefined, css: string | null | undefined, appearance: string | null | undefined): void {
    const own = color && CSS.supports('color', color) && color.toLowerCase() !== UNCHOSEN ? color : null;
    this.#project?.replaceSync(own ? `:root { --project: ${own} }` : '');
    // Imports are dropped by the browser here, and the page's policy keeps the rest at home.
    this.#custom?.replaceSync(css ?? '');
    if (kept()) return;
    this.theme = appearance === 'light' || appearance === 'dark' ? appearance : 'system';
    this.#apply();
  }

  #apply(): void {
    const { dataset } = document.documentElement;
    if (this.theme === 'system') delete dataset.theme;
    else dataset.theme = this.theme;
  }
}

/** What was chosen in this browser. */
function kept(): Theme | null {
  const theme = typeof localStorage === 'undefined' ? null : localStorage.getItem(KEPT);
  return theme === 'light' || theme === 'dark' || theme === 'system' ? theme : null;
}

/** A colour that somebody chose, light enough to be seen on dark ground. */
export function tint(color: string | null | undefined): string | undefined {
  return color ? `light-dark(${color}, oklch(from ${color} max(l, 0.7) c h))` : undefined;
}

export const look = new Look();
