//! What else must go when a field or a collection goes: metadata, permissions' field lists, stored views, history.
//! Nothing that names what is gone may stay, or a later namesake would inherit it.

use aedile_engine::{
    Json, Object, Result,
    ddl::Change,
    schema::{Relation, system},
    sql::Sql,
    value::Param,
};

use super::{edit::Edit, rows::words};
use crate::system::permissions::mention::{Gone, mentions};

/// Removes what hangs on a field, its metadata included; the column itself is the caller's.
pub(super) async fn drop_field(edit: &mut Edit<'_>, collection: &str, field: &str) -> Result<()> {
    let mut gone = edit.sql();
    gone.push("delete from directus_fields where collection = ")
        .param(collection)
        .push(" and field = ")
        .param(field);
    edit.run(gone).await?;
    let mut group = edit.sql();
    group
        .push("update directus_fields set \"group\" = null where collection = ")
        .param(collection);
    group.push(" and \"group\" = ").param(field);
    edit.run(group).await?;
    let mut sort = edit.sql();
    sort.push("update directus_collections set sort_field = null where collection = ")
        .param(collection);
    sort.push(" and sort_field = ").param(field);
    edit.run(sort).await?;
    let mut archive = edit.sql();
    archive.push("update directus_collections set archive_field = null, archive_value = null, unarchive_value = null");
    archive
        .push(" where collection = ")
        .param(collection)
        .push(" and archive_field = ")
        .param(field);
    edit.run(archive).await?;
    for statement in [
        "update directus_relations set junction_field = null where junction_field = ",
        "update directus_relations set sort_field = null where sort_field = ",
        "update directus_relations set one_collection_field = null where one_collection_field = ",
    ] {
        let mut relation = edit.sql();
        relation
            .push(statement)
            .param(field)
            .push(" and many_collection = ")
            .param(collection);
        edit.run(relation).await?;
    }
    let mut many = edit.sql();
    many.push("delete from directus_relations where many_collection = ")
        .param(collection);
    many.push(" and many_field = ").param(field);
    edit.run(many).await?;
    let mut one = edit.sql();
    one.push("update directus_relations set one_field = null where one_collection = ")
        .param(collection);
    one.push(" and one_field = ").param(field);
    edit.run(one).await?;
    permitted(edit, collection, field).await?;
    unruled(edit, Gone::Field(collection, field)).await
}

/// Removes permissions whose rule or validation looks at what goes: they grant nothing without it, and must grant nothing
/// with a namesake. A preset of it goes alone.
pub(super) async fn unruled(edit: &mut Edit<'_>, gone: Gone<'_>) -> Result<()> {
    let mut all = edit.sql();
    all.push("select id, collection, permissions, validation, presets from directus_permissions");
    for row in edit.fetch(all).await? {
        let [id, Param::Text(of), rules @ .., presets] = row.as_slice() else {
            continue;
        };
        let parsed = |cell: &Param| match cell {
            Param::Text(text) => serde_json::from_str::<Json>(text).unwrap_or_default(),
            _ => Json::Null,
        };
        let mut presets = parsed(presets);
        let schema = &edit.model.schema;
        if rules.iter().map(parsed).any(|rule| mentions(schema, of, &rule, gone)) {
            let mut row = edit.sql();
            row.push("delete from directus_permissions where id = ")
                .param(id.clone());
            edit.run(row).await?;
            continue;
        }
        let Some(values) = presets.as_object_mut() else {
            continue;
        };
        let had = values.len();
        values.retain(|field, value| !gone.is_preset(of, field, value));
        if values.len() < had {
            let mut row = edit.sql();
            row.push("update directus_permissions set presets = ")
                .param(presets.to_string());
            row.push(" where id = ").param(id.clone());
            edit.run(row).await?;
        }
    }
    Ok(())
}

/// Takes a field out of every permission's list. A list that ends up empty permits nothing.
async fn permitted(edit: &mut Edit<'_>, collection: &str, field: &str) -> Result<()> {
    let mut lists = edit.sql();
    lists
        .push("select id, fields from directus_permissions where fields is not null and collection = ")
        .param(collection);
    for row in edit.fetch(lists).await? {
        let [id, Param::Text(fields)] = row.as_slice() else {
            continue;
        };
        let kept: Vec<&str> = fields.split(',').filter(|name| name.trim() != field).collect();
        if kept.len() == fields.split(',').count() {
            continue;
        }
        let list = (!kept.is_empty()).then(|| kept.join(","));
        let mut update = edit.sql();
        update
            .push("update directus_permissions set fields = ")
            .param(list)
            .push(" where id = ")
            .param(id.clone());
        edit.run(update).await?;
    }
    Ok(())
}

/// Rows of other tables that speak of a collection by its name, children before parents.
const OF_COLLECTION: [&str; 15] = [
    "delete from directus_sessions where share in (select id from directus_shares where collection = ",
    "delete from directus_shares where collection = ",
    "update directus_revisions set parent = null where parent in (select id from directus_revisions where collection = ",
    "delete from directus_revisions where collection = ",
    "delete from directus_revisions where activity in (select id from directus_activity where collection = ",
    "delete from directus_revisions where version in (select id from directus_versions where collection = ",
    "delete from directus_activity where collection = ",
    "delete from directus_versions where collection = ",
    "delete from directus_comments where collection = ",
    "delete from directus_presets where collection = ",
    "delete from directus_permissions where collection = ",
    "delete from directus_relations where many_collection = ",
    "delete from directus_relations where one_collection = ",
    "delete from directus_fields where collection = ",
    "update directus_collections set \"group\" = null where \"group\" = ",
];

/// Removes what hangs on a collection, and answers the changes of tables that let it go: keys of others that point at it.
pub(super) async fn drop_collection(edit: &mut Edit<'_>, collection: &str) -> Result<Vec<Change>> {
    let relations: Vec<Relation> = edit.model.schema.relations().to_vec();
    for relation in &relations {
        if relation.many == collection {
            drop_alias(edit, relation).await?;
        } else if relation.one.as_deref() == Some(collection) {
            let mut junction = edit.sql();
            junction.push("update directus_relations set junction_field = null where many_collection = ");
            junction
                .param(relation.many.as_str())
                .push(" and junction_field = ")
                .param(relation.many_field.as_str());
            edit.run(junction).await?;
        } else if relation.one_allowed.iter().any(|allowed| allowed == collection) {
            disallow(edit, relation, collection).await?;
        }
    }
    for statement in OF_COLLECTION {
        let mut of = edit.sql();
        of.push(statement).param(collection);
        if statement.contains(" in (") {
            of.push(")");
        }
        edit.run(of).await?;
    }
    unruled(edit, Gone::Collection(collection)).await?;
    let mut gone = edit.sql();
    gone.push("delete from directus_collections where collection = ")
        .param(collection);
    edit.run(gone).await?;
    let pointing = edit
        .physical
        .tables
        .iter()
        .filter(|table| table.name != collection)
        .flat_map(|table| {
            let keys = table
                .foreign_keys
                .iter()
                .filter(|key| key.table.eq_ignore_ascii_case(collection));
            keys.map(|key| Change::DropForeignKey {
                table: table.name.clone(),
                column: key.column.clone(),
            })
        });
    Ok(pointing.collect())
}

/// The list on the other side has nothing to list any more.
async fn drop_alias(edit: &mut Edit<'_>, relation: &Relation) -> Result<()> {
    let (Some(one), Some(alias)) = (relation.one.clone(), relation.one_field.clone()) else {
        return Ok(());
    };
    let has_column = edit
        .model
        .schema
        .collection(&one)
        .and_then(|collection| collection.field(&alias))
        .is_some_and(|field| field.column.is_some());
    if has_column || system::field(&one, &alias).is_some() {
        return Ok(());
    }
    drop_field(edit, &one, &alias).await
}

/// Takes a collection out of those that a relation to any may point at.
async fn disallow(edit: &mut Edit<'_>, relation: &Relation, collection: &str) -> Result<()> {
    let row: Option<&Object> = relation.meta.as_ref().and_then(Json::as_object);
    let Some(id) = row.and_then(|row| row.get("id")).and_then(Json::as_i64) else {
        return Ok(());
    };
    let kept: Vec<String> = row
        .map(|row| words(row, "one_allowed_collections"))
        .unwrap_or_default()
        .into_iter()
        .filter(|allowed| allowed != collection)
        .collect();
    let mut update: Sql = edit.sql();
    update
        .push("update directus_relations set one_allowed_collections = ")
        .param(kept.join(","));
    update.push(" where id = ").param(id);
    edit.run(update).await.map(drop)
}
