// What the access pages share: users, roles, policies and who has them. Attachments are read whole, since both ends need them.
import { api } from '../../lib/api';
import { person } from '../../lib/format';
import { t } from '../../lib/i18n.svelte';
import type { Item } from '../../lib/model';
import { invalidate, resource, type Resource } from '../../lib/resource.svelte';
import type { Permission } from './matrix/cells';

export interface Policy extends Item {
  id: string;
  name: string;
  icon: string | null;
  description: string | null;
  ip_access: string[] | null;
  enforce_tfa: boolean;
  admin_access: boolean;
  app_access: boolean;
  permissions: number[];
}

export interface Role extends Item {
  id: string;
  name: string;
  icon: string | null;
  description: string | null;
  parent: string | null;
}

export interface Account extends Item {
  id: string;
  first_name: string | null;
  last_name: string | null;
  email: string | null;
  status: string;
  role: string | null;
  tfa_secret: string | null;
  token: string | null;
  last_access: string | null;
}

/** One policy of one role or user; of neither for the public. */
export interface Attachment {
  id: string;
  role: string | null;
  user: string | null;
  policy: string;
  sort: number | null;
}

const ACCOUNT = ['id', 'first_name', 'last_name', 'email', 'status', 'role', 'tfa_secret', 'token', 'last_access', 'title', 'description'];

const list = <T>(key: string, tag: string, path: string, fields: string[]): Resource<T[]> =>
  resource(`access/${key}`, [tag], (signal) => api<T[]>(path, { query: { fields, limit: -1 }, signal }));

export const policies = () =>
  list<Policy>('policies', 'directus_policies', '/policies', [
    'id', 'name', 'icon', 'description', 'ip_access', 'enforce_tfa', 'admin_access', 'app_access', 'permissions',
  ]);
export const roles = () => list<Role>('roles', 'directus_roles', '/roles', ['id', 'name', 'icon', 'description', 'parent']);
export const users = () => list<Account>('users', 'directus_users', '/users', ACCOUNT);
export const attachments = () => list<Attachment>('access', 'directus_access', '/access', ['id', 'role', 'user', 'policy', 'sort']);

export const permissionsOf = (policy: string) =>
  resource(`access/permissions/${policy}`, ['directus_permissions'], (signal) =>
    api<Permission[]>('/permissions', {
      query: { filter: { policy: { _eq: policy } }, fields: ['id', 'collection', 'action', 'permissions', 'validation', 'presets', 'fields'], limit: -1, sort: 'id' },
      signal,
    }),
  );

/** Everything that access is made of is asked for again. */
export function changed(): void {
  invalidate('directus_policies', 'directus_roles', 'directus_users', 'directus_access', 'directus_permissions');
}

/** The public's own names are keys of texts. */
export function policyName(policy: { name: string } | undefined): string {
  return policy?.name === '$t:public_label' ? t('access.public') : (policy?.name ?? '');
}

/** What a policy or role is for; that of the first ones is a key of a text as well. */
export function textOf(own: { description: string | null }): string {
  if (own.description === '$t:public_description') return t('access.publicText');
  return own.description === '$t:admin_description' ? t('access.adminText') : (own.description ?? '');
}

export const byName = <T extends { name: string }>(all: T[]): T[] => [...all].sort((a, b) => a.name.localeCompare(b.name));

export const accountName = (account: Account | undefined): string => (account ? person(account) : '');

/** The roles above one, nearest first; a ring ends where it began. */
export function above(role: string | null | undefined, all: Role[]): Role[] {
  const found: Role[] = [];
  for (let at = all.find((own) => own.id === role)?.parent; at; ) {
    const next = all.find((own) => own.id === at);
    if (!next || next.id === role || found.includes(next)) break;
    found.push(next);
    at = next.parent;
  }
  return found;
}

/** A role with those below it. */
export interface Twig {
  role: Role;
  depth: number;
}

/** The roles as a tree, told in the order of its lines. */
export function tree(all: Role[]): Twig[] {
  const known = new Set(all.map((role) => role.id));
  const lines: Twig[] = [];
  const walk = (parent: string | null, depth: number) => {
    const below = all.filter((role) => (role.parent && known.has(role.parent) ? role.parent : null) === parent);
    for (const role of byName(below)) {
      lines.push({ role, depth });
      walk(role.id, depth + 1);
    }
  };
  walk(null, 0);
  // Roles in a ring hang on nothing; they are told all the same.
  for (const role of all) if (!lines.some((line) => line.role === role)) lines.push({ role, depth: 0 });
  return lines;
}

/** Users and roles that have a policy by themselves. */
export function holders(policy: string, all: Attachment[]): { users: string[]; roles: string[]; public: boolean } {
  const own = all.filter((one) => one.policy === policy);
  return {
    users: own.flatMap((one) => (one.user ? [one.user] : [])),
    roles: own.flatMap((one) => (one.role ? [one.role] : [])),
    public: own.some((one) => !one.user && !one.role),
  };
}

/** Who has a policy, in a few words. */
export function heldBy(policy: string, all: Attachment[]): string {
  const own = holders(policy, all);
  const parts = [
    own.public ? t('access.public') : '',
    own.roles.length ? t('access.heldByRoles', { n: own.roles.length }) : '',
    own.users.length ? t('access.heldByUsers', { n: own.users.length }) : '',
  ];
  return parts.filter(Boolean).join(', ') || t('access.heldByNobody');
}
