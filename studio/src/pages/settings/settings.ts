// The settings that this server or its Studio goes by. What the project's settings hold beside them is kept, and not shown: it would
// change nothing.

export type Kind = 'text' | 'long' | 'url' | 'color' | 'logo' | 'css' | 'language' | 'appearance' | 'password' | 'number' | 'flag' | 'role' | 'filter';

export interface Setting {
  name:
    | 'project_name' | 'project_descriptor' | 'project_url' | 'default_language'
    | 'project_color' | 'project_logo' | 'default_appearance' | 'public_note' | 'custom_css'
    | 'auth_password_policy' | 'auth_login_attempts'
    | 'public_registration' | 'public_registration_verify_email' | 'public_registration_role' | 'public_registration_email_filter';
  kind: Kind;
}

export interface Section {
  id: 'project' | 'look' | 'security' | 'registration';
  fields: Setting[];
}

export const SECTIONS: Section[] = [
  {
    id: 'project',
    fields: [
      { name: 'project_name', kind: 'text' },
      { name: 'project_descriptor', kind: 'text' },
      { name: 'project_url', kind: 'url' },
      { name: 'default_language', kind: 'language' },
    ],
  },
  {
    id: 'look',
    fields: [
      { name: 'project_color', kind: 'color' },
      { name: 'project_logo', kind: 'logo' },
      { name: 'default_appearance', kind: 'appearance' },
      { name: 'public_note', kind: 'long' },
      { name: 'custom_css', kind: 'css' },
    ],
  },
  {
    id: 'security',
    fields: [
      { name: 'auth_password_policy', kind: 'password' },
      { name: 'auth_login_attempts', kind: 'number' },
    ],
  },
  {
    id: 'registration',
    fields: [
      { name: 'public_registration', kind: 'flag' },
      { name: 'public_registration_verify_email', kind: 'flag' },
      { name: 'public_registration_role', kind: 'role' },
      { name: 'public_registration_email_filter', kind: 'filter' },
    ],
  },
];

/** Rules for passwords that most want; any other is a regular expression. */
export const PASSWORDS = {
  weak: '/^.{8,}$/',
  strong: "/(?=^.{8,}$)(?=.*\\d)(?=.*[a-z])(?=.*[A-Z])(?=.*[!@#$%^&*()_+}{';'?>.<,])(?!.*\\s).*$/",
} as const;
