// What the server tells of the project, in its own words: the shapes of the answers that pages share.

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Item = Record<string, unknown>;
export type Key = string | number;
export type Action = 'create' | 'read' | 'update' | 'delete' | 'share';
export type Filter = { [key: string]: unknown };

export interface Grant {
  access: 'none' | 'partial' | 'full';
  fields?: string[];
  presets?: Item;
}

export interface Translation {
  language: string;
  translation: string;
  singular?: string;
  plural?: string;
}

export interface CollectionMeta {
  icon: string | null;
  note: string | null;
  color: string | null;
  display_template: string | null;
  hidden: boolean;
  singleton: boolean;
  sort_field: string | null;
  archive_field: string | null;
  archive_value: string | null;
  unarchive_value: string | null;
  archive_app_filter: boolean;
  group: string | null;
  sort: number | null;
  collapse: 'open' | 'closed' | 'locked';
  translations: Translation[] | null;
  accountability: 'all' | 'activity' | null;
  versioning: boolean;
  item_duplication_fields: string[] | null;
  preview_url: string | null;
  system?: boolean;
}

export interface CollectionInfo {
  collection: string;
  meta: CollectionMeta | null;
  schema: { name: string } | null;
}

export interface Condition {
  name?: string;
  rule: Filter;
  hidden?: boolean;
  readonly?: boolean;
  required?: boolean;
  options?: Item;
}

export interface FieldMeta {
  special: string[] | null;
  interface: string | null;
  options: Item | null;
  display: string | null;
  display_options: Item | null;
  readonly: boolean;
  hidden: boolean;
  sort: number | null;
  width: 'half' | 'half-left' | 'half-right' | 'half-space' | 'full' | 'fill' | null;
  translations: Translation[] | null;
  note: string | null;
  conditions: Condition[] | null;
  required: boolean;
  group: string | null;
  validation: Filter | null;
  validation_message: string | null;
  searchable?: boolean;
}

/** What holds of a field that nobody has said a word about. */
export const BARE: FieldMeta = {
  special: null,
  interface: null,
  options: null,
  display: null,
  display_options: null,
  readonly: false,
  hidden: false,
  sort: null,
  width: 'full',
  translations: null,
  note: null,
  conditions: null,
  required: false,
  group: null,
  validation: null,
  validation_message: null,
};

export interface FieldInfo {
  collection: string;
  field: string;
  type: string;
  meta: FieldMeta | null;
  schema: {
    data_type: string;
    default_value: unknown;
    max_length: number | null;
    numeric_precision: number | null;
    numeric_scale: number | null;
    is_generated: boolean;
    is_nullable: boolean;
    is_unique: boolean;
    is_indexed: boolean;
    is_primary_key: boolean;
    has_auto_increment: boolean;
    foreign_key_table: string | null;
    foreign_key_column: string | null;
  } | null;
}

export interface RelationInfo {
  collection: string;
  field: string;
  related_collection: string | null;
  schema: { on_delete: string } | null;
  meta: {
    one_field: string | null;
    one_collection_field: string | null;
    one_allowed_collections: string[] | null;
    junction_field: string | null;
    sort_field: string | null;
    one_deselect_action: 'nullify' | 'delete';
  } | null;
}

/** A stored view of a collection: of one user, of a role, or of everybody. */
export interface Preset {
  id: number;
  bookmark: string | null;
  user: string | null;
  role: string | null;
  collection: string;
  search: string | null;
  layout: string | null;
  layout_query: Item | null;
  layout_options: Item | null;
  refresh_interval: number | null;
  filter: Filter | null;
  icon: string | null;
  color: string | null;
}

export interface User extends Item {
  id: string;
  first_name?: string | null;
  last_name?: string | null;
  email?: string | null;
  role?: string | null;
  tfa_secret?: string | null;
  token?: string | null;
  language?: string | null;
  last_page?: string | null;
}

/** What of the settings everybody may know. */
export interface ProjectInfo {
  project_name: string;
  project_descriptor: string | null;
  project_logo: string | null;
  project_color: string | null;
  default_appearance: string;
  default_language: string;
  public_note: string | null;
  custom_css: string | null;
  public_registration: boolean;
  public_registration_verify_email?: boolean;
}

/** What the Studio begins with. */
export interface Boot {
  user: User | null;
  globals: { app_access: boolean; admin_access?: boolean; enforce_tfa?: boolean };
  roles: string[];
  permissions: Record<string, Record<Action, Grant>>;
  collections: CollectionInfo[];
  fields: FieldInfo[];
  relations: RelationInfo[];
  settings: Item | null;
  project: ProjectInfo;
  presets: Preset[] | null;
  version: number;
}
