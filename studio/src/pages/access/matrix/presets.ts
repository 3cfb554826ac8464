// What app access brings by itself, and what is usual beside it: the two starting points for the system's collections.
import type { Action, Filter } from '../../../lib/model';
import { full, type Permission } from './cells';

const own = (field: string): Filter => ({ [field]: { _eq: '$CURRENT_USER' } });

function grant(collection: string, action: Action, rule: Filter = {}, fields = ['*'], validation: Filter = {}): Permission {
  return { ...full({ collection, action }), permissions: rule, fields, validation };
}

const USER_MINIMUM = [
  'id', 'first_name', 'last_name', 'last_page', 'email', 'password', 'location', 'title', 'description', 'tags', 'provider',
  'preferences_divider', 'avatar', 'language', 'appearance', 'theme_light', 'theme_dark', 'tfa_secret', 'status', 'role',
];

const USER_OWN = [
  'first_name', 'last_name', 'email', 'password', 'location', 'title', 'description', 'avatar', 'language', 'appearance',
  'theme_light', 'theme_dark', 'theme_light_overrides', 'theme_dark_overrides', 'tfa_secret',
];

/** Granted with app access, without anything being stored. */
export const MINIMUM: Permission[] = [
  grant('directus_activity', 'read', own('user')),
  grant('directus_collections', 'read'),
  grant('directus_fields', 'read'),
  grant('directus_relations', 'read'),
  grant('directus_comments', 'read', own('user_created')),
  grant('directus_comments', 'create', {}, ['*'], { comment: { _nnull: true } }),
  grant('directus_comments', 'update', own('user_created'), ['comment']),
  grant('directus_comments', 'delete', own('user_created')),
  grant('directus_presets', 'read', {
    _or: [
      own('user'),
      { _and: [{ user: { _null: true } }, { role: { _eq: '$CURRENT_ROLE' } }] },
      { _and: [{ user: { _null: true } }, { role: { _null: true } }] },
    ],
  }),
  grant('directus_presets', 'create', {}, ['*'], own('user')),
  grant('directus_presets', 'update', own('user'), ['*'], own('user')),
  grant('directus_presets', 'delete', own('user')),
  grant('directus_roles', 'read', { id: { _in: '$CURRENT_ROLES' } }),
  grant('directus_settings', 'read'),
  grant('directus_translations', 'read'),
  grant('directus_notifications', 'read', own('recipient')),
  grant('directus_notifications', 'update', own('recipient'), ['status']),
  grant('directus_shares', 'read', own('user_created')),
  grant('directus_users', 'read', own('id'), USER_MINIMUM),
];

const CRUD: Action[] = ['create', 'read', 'update', 'delete'];

/** Stored as permissions like any other. */
export const RECOMMENDED: Permission[] = [
  grant('directus_comments', 'read'),
  ...['directus_files', 'directus_folders', 'directus_dashboards', 'directus_panels'].flatMap((collection) =>
    CRUD.map((action) => grant(collection, action)),
  ),
  grant('directus_users', 'read'),
  grant('directus_users', 'update', own('id'), USER_OWN),
  grant('directus_roles', 'read'),
  grant('directus_shares', 'read', { _or: [{ role: { _eq: '$CURRENT_ROLE' } }, { role: { _null: true } }] }),
  grant('directus_shares', 'create'),
  grant('directus_shares', 'update', own('user_created')),
  grant('directus_shares', 'delete', own('user_created')),
  grant('directus_flows', 'read', { trigger: { _eq: 'manual' } }, ['id', 'status', 'name', 'icon', 'color', 'options', 'trigger']),
];

/** Collections of the system that permissions can say something about. */
export const SYSTEM = [
  'directus_users', 'directus_roles', 'directus_policies', 'directus_permissions', 'directus_access', 'directus_files',
  'directus_folders', 'directus_comments', 'directus_activity', 'directus_revisions', 'directus_versions', 'directus_presets',
  'directus_notifications', 'directus_shares', 'directus_settings', 'directus_translations', 'directus_collections',
  'directus_fields', 'directus_relations', 'directus_dashboards', 'directus_panels', 'directus_flows', 'directus_operations',
];
