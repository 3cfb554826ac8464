-- The system tables, as a project of the supported version has them: names, types, defaults, references and indexes
-- are part of the interface. References come last: tables may refer to later ones.

create table "directus_access" (
    "id" uuid not null,
    "role" uuid,
    "user" uuid,
    "policy" uuid not null,
    "sort" integer,
    primary key ("id")
);
create table "directus_activity" (
    "id" serial not null,
    "action" character varying(45) not null,
    "user" uuid,
    "timestamp" timestamp with time zone default current_timestamp not null,
    "ip" character varying(50),
    "user_agent" text,
    "collection" character varying(64) not null,
    "item" character varying(255) not null,
    "origin" character varying(255),
    primary key ("id")
);
create table "directus_collections" (
    "collection" character varying(64) not null,
    "icon" character varying(64),
    "note" text,
    "display_template" character varying(255),
    "hidden" boolean default false not null,
    "singleton" boolean default false not null,
    "translations" json,
    "archive_field" character varying(64),
    "archive_app_filter" boolean default true not null,
    "archive_value" character varying(255),
    "unarchive_value" character varying(255),
    "sort_field" character varying(64),
    "accountability" character varying(255) default 'all',
    "color" character varying(255),
    "item_duplication_fields" json,
    "sort" integer,
    "group" character varying(64),
    "collapse" character varying(255) default 'open' not null,
    "preview_url" character varying(255),
    "versioning" boolean default false not null,
    primary key ("collection")
);
create table "directus_comments" (
    "id" uuid not null,
    "collection" character varying(64) not null,
    "item" character varying(255) not null,
    "comment" text not null,
    "date_created" timestamp with time zone default current_timestamp,
    "date_updated" timestamp with time zone default current_timestamp,
    "user_created" uuid,
    "user_updated" uuid,
    primary key ("id")
);
create table "directus_dashboards" (
    "id" uuid not null,
    "name" character varying(255) not null,
    "icon" character varying(64) default 'dashboard' not null,
    "note" text,
    "date_created" timestamp with time zone default current_timestamp,
    "user_created" uuid,
    "color" character varying(255),
    primary key ("id")
);
create table "directus_deployment_projects" (
    "id" uuid not null,
    "deployment" uuid not null,
    "external_id" character varying(255) not null,
    "name" character varying(255) not null,
    "date_created" timestamp with time zone default current_timestamp,
    "user_created" uuid,
    "url" character varying(255),
    "framework" character varying(255),
    "deployable" boolean default true not null,
    primary key ("id"),
    constraint "directus_deployment_projects_deployment_external_id_unique" unique ("deployment", "external_id")
);
create table "directus_deployment_runs" (
    "id" uuid not null,
    "project" uuid not null,
    "external_id" character varying(255) not null,
    "target" character varying(255) not null,
    "date_created" timestamp with time zone default current_timestamp,
    "user_created" uuid,
    "status" character varying(255),
    "url" character varying(255),
    "started_at" timestamp with time zone,
    "completed_at" timestamp with time zone,
    primary key ("id")
);
create table "directus_deployments" (
    "id" uuid not null,
    "provider" character varying(255) not null,
    "credentials" text,
    "options" text,
    "date_created" timestamp with time zone default current_timestamp,
    "user_created" uuid,
    "webhook_ids" json,
    "webhook_secret" character varying(255),
    "last_synced_at" timestamp with time zone,
    primary key ("id"),
    constraint "directus_deployments_provider_unique" unique ("provider")
);
create table "directus_extensions" (
    "enabled" boolean default true not null,
    "id" uuid not null,
    "folder" character varying(255) not null,
    "source" character varying(255) not null,
    "bundle" uuid,
    primary key ("id")
);
create table "directus_fields" (
    "id" serial not null,
    "collection" character varying(64) not null,
    "field" character varying(64) not null,
    "special" character varying(64),
    "interface" character varying(64),
    "options" json,
    "display" character varying(64),
    "display_options" json,
    "readonly" boolean default false not null,
    "hidden" boolean default false not null,
    "sort" integer,
    "width" character varying(30) default 'full',
    "translations" json,
    "note" text,
    "conditions" json,
    "required" boolean default false,
    "group" character varying(64),
    "validation" json,
    "validation_message" text,
    "searchable" boolean default true not null,
    primary key ("id")
);
create table "directus_files" (
    "id" uuid not null,
    "storage" character varying(255) not null,
    "filename_disk" character varying(255),
    "filename_download" character varying(255) not null,
    "title" character varying(255),
    "type" character varying(255),
    "folder" uuid,
    "uploaded_by" uuid,
    "created_on" timestamp with time zone default current_timestamp not null,
    "modified_by" uuid,
    "modified_on" timestamp with time zone default current_timestamp not null,
    "charset" character varying(50),
    "filesize" bigint,
    "width" integer,
    "height" integer,
    "duration" integer,
    "embed" character varying(200),
    "description" text,
    "location" text,
    "tags" text,
    "metadata" json,
    "focal_point_x" integer,
    "focal_point_y" integer,
    "tus_id" character varying(64),
    "tus_data" json,
    "uploaded_on" timestamp with time zone,
    primary key ("id")
);
create table "directus_flows" (
    "id" uuid not null,
    "name" character varying(255) not null,
    "icon" character varying(64),
    "color" character varying(255),
    "description" text,
    "status" character varying(255) default 'active' not null,
    "trigger" character varying(255),
    "accountability" character varying(255) default 'all',
    "options" json,
    "operation" uuid,
    "date_created" timestamp with time zone default current_timestamp,
    "user_created" uuid,
    primary key ("id"),
    constraint "directus_flows_operation_unique" unique ("operation")
);
create table "directus_folders" (
    "id" uuid not null,
    "name" character varying(255) not null,
    "parent" uuid,
    primary key ("id")
);
create table "directus_migrations" (
    "version" character varying(255) not null,
    "name" character varying(255) not null,
    "timestamp" timestamp with time zone default current_timestamp,
    primary key ("version")
);
create table "directus_notifications" (
    "id" serial not null,
    "timestamp" timestamp with time zone default current_timestamp,
    "status" character varying(255) default 'inbox',
    "recipient" uuid not null,
    "sender" uuid,
    "subject" character varying(255) not null,
    "message" text,
    "collection" character varying(64),
    "item" character varying(255),
    primary key ("id")
);
create table "directus_operations" (
    "id" uuid not null,
    "name" character varying(255),
    "key" character varying(255) not null,
    "type" character varying(255) not null,
    "position_x" integer not null,
    "position_y" integer not null,
    "options" json,
    "resolve" uuid,
    "reject" uuid,
    "flow" uuid not null,
    "date_created" timestamp with time zone default current_timestamp,
    "user_created" uuid,
    primary key ("id"),
    constraint "directus_operations_reject_unique" unique ("reject"),
    constraint "directus_operations_resolve_unique" unique ("resolve")
);
create table "directus_panels" (
    "id" uuid not null,
    "dashboard" uuid not null,
    "name" character varying(255),
    "icon" character varying(64) default NULL::character varying,
    "color" character varying(10),
    "show_header" boolean default false not null,
    "note" text,
    "type" character varying(255) not null,
    "position_x" integer not null,
    "position_y" integer not null,
    "width" integer not null,
    "height" integer not null,
    "options" json,
    "date_created" timestamp with time zone default current_timestamp,
    "user_created" uuid,
    primary key ("id")
);
create table "directus_permissions" (
    "id" serial not null,
    "collection" character varying(64) not null,
    "action" character varying(10) not null,
    "permissions" json,
    "validation" json,
    "presets" json,
    "fields" text,
    "policy" uuid not null,
    primary key ("id")
);
create table "directus_policies" (
    "id" uuid not null,
    "name" character varying(100) not null,
    "icon" character varying(64) default 'badge' not null,
    "description" text,
    "ip_access" text,
    "enforce_tfa" boolean default false not null,
    "admin_access" boolean default false not null,
    "app_access" boolean default false not null,
    primary key ("id")
);
create table "directus_presets" (
    "id" serial not null,
    "bookmark" character varying(255),
    "user" uuid,
    "role" uuid,
    "collection" character varying(64),
    "search" character varying(100),
    "layout" character varying(100) default 'tabular',
    "layout_query" json,
    "layout_options" json,
    "refresh_interval" integer,
    "filter" json,
    "icon" character varying(64) default 'bookmark',
    "color" character varying(255),
    primary key ("id")
);
create table "directus_relations" (
    "id" serial not null,
    "many_collection" character varying(64) not null,
    "many_field" character varying(64) not null,
    "one_collection" character varying(64),
    "one_field" character varying(64),
    "one_collection_field" character varying(64),
    "one_allowed_collections" text,
    "junction_field" character varying(64),
    "sort_field" character varying(64),
    "one_deselect_action" character varying(255) default 'nullify' not null,
    primary key ("id")
);
create table "directus_revisions" (
    "id" serial not null,
    "activity" integer not null,
    "collection" character varying(64) not null,
    "item" character varying(255) not null,
    "data" json,
    "delta" json,
    "parent" integer,
    "version" uuid,
    primary key ("id")
);
create table "directus_roles" (
    "id" uuid not null,
    "name" character varying(100) not null,
    "icon" character varying(64) default 'supervised_user_circle' not null,
    "description" text,
    "parent" uuid,
    primary key ("id")
);
create table "directus_sessions" (
    "token" character varying(64) not null,
    "user" uuid,
    "expires" timestamp with time zone not null,
    "ip" character varying(255),
    "user_agent" text,
    "share" uuid,
    "origin" character varying(255),
    "next_token" character varying(64),
    primary key ("token")
);
create table "directus_settings" (
    "id" serial not null,
    "project_name" character varying(100) default 'Directus' not null,
    "project_url" character varying(255),
    "project_color" character varying(255) default '#6644FF' not null,
    "project_logo" uuid,
    "public_foreground" uuid,
    "public_background" uuid,
    "public_note" text,
    "auth_login_attempts" integer default 25,
    "auth_password_policy" character varying(100),
    "storage_asset_transform" character varying(7) default 'all',
    "storage_asset_presets" json,
    "custom_css" text,
    "storage_default_folder" uuid,
    "basemaps" json,
    "mapbox_key" character varying(255),
    "module_bar" json,
    "project_descriptor" character varying(100),
    "default_language" character varying(255) default 'en-US' not null,
    "custom_aspect_ratios" json,
    "public_favicon" uuid,
    "default_appearance" character varying(255) default 'auto' not null,
    "default_theme_light" character varying(255),
    "theme_light_overrides" json,
    "default_theme_dark" character varying(255),
    "theme_dark_overrides" json,
    "report_error_url" character varying(255),
    "report_bug_url" character varying(255),
    "report_feature_url" character varying(255),
    "public_registration" boolean default false not null,
    "public_registration_verify_email" boolean default true not null,
    "public_registration_role" uuid,
    "public_registration_email_filter" json,
    "visual_editor_urls" json,
    "project_id" uuid,
    "mcp_enabled" boolean default false not null,
    "mcp_allow_deletes" boolean default false not null,
    "mcp_prompts_collection" character varying(255) default NULL::character varying,
    "mcp_system_prompt_enabled" boolean default true not null,
    "mcp_system_prompt" text,
    "project_owner" character varying(255),
    "project_usage" character varying(255),
    "org_name" character varying(255),
    "product_updates" boolean,
    "project_status" character varying(255),
    "ai_openai_api_key" text,
    "ai_anthropic_api_key" text,
    "ai_system_prompt" text,
    "ai_google_api_key" text,
    "ai_openai_compatible_api_key" text,
    "ai_openai_compatible_base_url" text,
    "ai_openai_compatible_name" text,
    "ai_openai_compatible_models" json,
    "ai_openai_compatible_headers" json,
    "ai_openai_allowed_models" json,
    "ai_anthropic_allowed_models" json,
    "ai_google_allowed_models" json,
    "collaborative_editing_enabled" boolean default false not null,
    primary key ("id")
);
create table "directus_shares" (
    "id" uuid not null,
    "name" character varying(255),
    "collection" character varying(64) not null,
    "item" character varying(255) not null,
    "role" uuid,
    "password" character varying(255),
    "user_created" uuid,
    "date_created" timestamp with time zone default current_timestamp,
    "date_start" timestamp with time zone,
    "date_end" timestamp with time zone,
    "times_used" integer default 0,
    "max_uses" integer,
    primary key ("id")
);
create table "directus_translations" (
    "id" uuid not null,
    "language" character varying(255) not null,
    "key" character varying(255) not null,
    "value" text not null,
    primary key ("id")
);
create table "directus_users" (
    "id" uuid not null,
    "first_name" character varying(50),
    "last_name" character varying(50),
    "email" character varying(128),
    "password" character varying(255),
    "location" character varying(255),
    "title" character varying(50),
    "description" text,
    "tags" json,
    "avatar" uuid,
    "language" character varying(255) default NULL::character varying,
    "tfa_secret" character varying(255),
    "status" character varying(16) default 'active' not null,
    "role" uuid,
    "token" character varying(255),
    "last_access" timestamp with time zone,
    "last_page" character varying(255),
    "provider" character varying(128) default 'default' not null,
    "external_identifier" character varying(255),
    "auth_data" json,
    "email_notifications" boolean default true,
    "appearance" character varying(255),
    "theme_dark" character varying(255),
    "theme_light" character varying(255),
    "theme_light_overrides" json,
    "theme_dark_overrides" json,
    "text_direction" character varying(255) default 'auto' not null,
    primary key ("id"),
    constraint "directus_users_email_unique" unique ("email"),
    constraint "directus_users_external_identifier_unique" unique ("external_identifier"),
    constraint "directus_users_token_unique" unique ("token")
);
create table "directus_versions" (
    "id" uuid not null,
    "key" character varying(64) not null,
    "name" character varying(255),
    "collection" character varying(64) not null,
    "item" character varying(255) not null,
    "hash" character varying(255),
    "date_created" timestamp with time zone default current_timestamp,
    "date_updated" timestamp with time zone default current_timestamp,
    "user_created" uuid,
    "user_updated" uuid,
    "delta" json,
    primary key ("id")
);

create index "directus_activity_timestamp_index" on "directus_activity" ("timestamp");
create index "directus_revisions_activity_index" on "directus_revisions" ("activity");
create index "directus_revisions_parent_index" on "directus_revisions" ("parent");

alter table "directus_access" add constraint "directus_access_policy_foreign" foreign key ("policy") references "directus_policies" ("id") on delete cascade;
alter table "directus_access" add constraint "directus_access_role_foreign" foreign key ("role") references "directus_roles" ("id") on delete cascade;
alter table "directus_access" add constraint "directus_access_user_foreign" foreign key ("user") references "directus_users" ("id") on delete cascade;
alter table "directus_collections" add constraint "directus_collections_group_foreign" foreign key ("group") references "directus_collections" ("collection");
alter table "directus_comments" add constraint "directus_comments_user_created_foreign" foreign key ("user_created") references "directus_users" ("id") on delete set null;
alter table "directus_comments" add constraint "directus_comments_user_updated_foreign" foreign key ("user_updated") references "directus_users" ("id");
alter table "directus_dashboards" add constraint "directus_dashboards_user_created_foreign" foreign key ("user_created") references "directus_users" ("id") on delete set null;
alter table "directus_deployment_projects" add constraint "directus_deployment_projects_deployment_foreign" foreign key ("deployment") references "directus_deployments" ("id") on delete cascade;
alter table "directus_deployment_projects" add constraint "directus_deployment_projects_user_created_foreign" foreign key ("user_created") references "directus_users" ("id") on delete set null;
alter table "directus_deployment_runs" add constraint "directus_deployment_runs_project_foreign" foreign key ("project") references "directus_deployment_projects" ("id") on delete cascade;
alter table "directus_deployment_runs" add constraint "directus_deployment_runs_user_created_foreign" foreign key ("user_created") references "directus_users" ("id") on delete set null;
alter table "directus_deployments" add constraint "directus_deployments_user_created_foreign" foreign key ("user_created") references "directus_users" ("id") on delete set null;
alter table "directus_files" add constraint "directus_files_folder_foreign" foreign key ("folder") references "directus_folders" ("id") on delete set null;
alter table "directus_files" add constraint "directus_files_modified_by_foreign" foreign key ("modified_by") references "directus_users" ("id");
alter table "directus_files" add constraint "directus_files_uploaded_by_foreign" foreign key ("uploaded_by") references "directus_users" ("id");
alter table "directus_flows" add constraint "directus_flows_user_created_foreign" foreign key ("user_created") references "directus_users" ("id") on delete set null;
alter table "directus_folders" add constraint "directus_folders_parent_foreign" foreign key ("parent") references "directus_folders" ("id");
alter table "directus_notifications" add constraint "directus_notifications_recipient_foreign" foreign key ("recipient") references "directus_users" ("id") on delete cascade;
alter table "directus_notifications" add constraint "directus_notifications_sender_foreign" foreign key ("sender") references "directus_users" ("id");
alter table "directus_operations" add constraint "directus_operations_flow_foreign" foreign key ("flow") references "directus_flows" ("id") on delete cascade;
alter table "directus_operations" add constraint "directus_operations_reject_foreign" foreign key ("reject") references "directus_operations" ("id");
alter table "directus_operations" add constraint "directus_operations_resolve_foreign" foreign key ("resolve") references "directus_operations" ("id");
alter table "directus_operations" add constraint "directus_operations_user_created_foreign" foreign key ("user_created") references "directus_users" ("id") on delete set null;
alter table "directus_panels" add constraint "directus_panels_dashboard_foreign" foreign key ("dashboard") references "directus_dashboards" ("id") on delete cascade;
alter table "directus_panels" add constraint "directus_panels_user_created_foreign" foreign key ("user_created") references "directus_users" ("id") on delete set null;
alter table "directus_permissions" add constraint "directus_permissions_policy_foreign" foreign key ("policy") references "directus_policies" ("id") on delete cascade;
alter table "directus_presets" add constraint "directus_presets_role_foreign" foreign key ("role") references "directus_roles" ("id") on delete cascade;
alter table "directus_presets" add constraint "directus_presets_user_foreign" foreign key ("user") references "directus_users" ("id") on delete cascade;
alter table "directus_revisions" add constraint "directus_revisions_activity_foreign" foreign key ("activity") references "directus_activity" ("id") on delete cascade;
alter table "directus_revisions" add constraint "directus_revisions_parent_foreign" foreign key ("parent") references "directus_revisions" ("id");
alter table "directus_revisions" add constraint "directus_revisions_version_foreign" foreign key ("version") references "directus_versions" ("id") on delete cascade;
alter table "directus_roles" add constraint "directus_roles_parent_foreign" foreign key ("parent") references "directus_roles" ("id");
alter table "directus_sessions" add constraint "directus_sessions_share_foreign" foreign key ("share") references "directus_shares" ("id") on delete cascade;
alter table "directus_sessions" add constraint "directus_sessions_user_foreign" foreign key ("user") references "directus_users" ("id") on delete cascade;
alter table "directus_settings" add constraint "directus_settings_project_logo_foreign" foreign key ("project_logo") references "directus_files" ("id");
alter table "directus_settings" add constraint "directus_settings_public_background_foreign" foreign key ("public_background") references "directus_files" ("id");
alter table "directus_settings" add constraint "directus_settings_public_favicon_foreign" foreign key ("public_favicon") references "directus_files" ("id");
alter table "directus_settings" add constraint "directus_settings_public_foreground_foreign" foreign key ("public_foreground") references "directus_files" ("id");
alter table "directus_settings" add constraint "directus_settings_public_registration_role_foreign" foreign key ("public_registration_role") references "directus_roles" ("id") on delete set null;
alter table "directus_settings" add constraint "directus_settings_storage_default_folder_foreign" foreign key ("storage_default_folder") references "directus_folders" ("id") on delete set null;
alter table "directus_shares" add constraint "directus_shares_collection_foreign" foreign key ("collection") references "directus_collections" ("collection") on delete cascade;
alter table "directus_shares" add constraint "directus_shares_role_foreign" foreign key ("role") references "directus_roles" ("id") on delete cascade;
alter table "directus_shares" add constraint "directus_shares_user_created_foreign" foreign key ("user_created") references "directus_users" ("id") on delete set null;
alter table "directus_users" add constraint "directus_users_role_foreign" foreign key ("role") references "directus_roles" ("id") on delete set null;
alter table "directus_versions" add constraint "directus_versions_collection_foreign" foreign key ("collection") references "directus_collections" ("collection") on delete cascade;
alter table "directus_versions" add constraint "directus_versions_user_created_foreign" foreign key ("user_created") references "directus_users" ("id") on delete set null;
alter table "directus_versions" add constraint "directus_versions_user_updated_foreign" foreign key ("user_updated") references "directus_users" ("id");
