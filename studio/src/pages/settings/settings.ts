// The settings that this server or its Studio goes by. What the project's settings hold beside them is kept, and not shown: it would
// change nothing.

export type Kind = 'text' | 'long' | 'url' | 'color' | 'logo' | 'css' | 'language' | 'appearance' | 'password' | 'number' | 'flag' | 'role' | 'filter';

const TABLE = {
  project: { project_name: 'text', project_descriptor: 'text', project_url: 'url', default_language: 'language' },
  look: { project_color: 'color', project_logo: 'logo', default_appearance: 'appearance', public_note: 'long', custom_css: 'css' },
  security: { auth_password_policy: 'password', auth_login_attempts: 'number' },
  registration: {
    public_registration: 'flag',
    public_registration_verify_email: 'flag',
    public_registration_role: 'role',
    public_registration_email_filter: 'filter',
  },
} as const satisfies Record<string, Record<string, Kind>>;

type Table = typeof TABLE;

export interface Setting {
  name: { [Section in keyof Table]: keyof Table[Section] }[keyof Table];
  kind: Kind;
}

export interface Section {
  id: keyof Table;
  fields: Setting[];
}

export const SECTIONS = Object.entries(TABLE).map(([id, fields]) => ({
  id,
  fields: Object.entries(fields).map(([name, kind]) => ({ name, kind })),
})) as Section[];

/** Rules for passwords that most want; any other is a regular expression. */
export const PASSWORDS = {
  weak: '/^.{8,}$/',
  strong: "/(?=^.{8,}$)(?=.*\\d)(?=.*[a-z])(?=.*[A-Z])(?=.*[!@#$%^&*()_+}{';'?>.<,])(?!.*\\s).*$/",
} as const;
