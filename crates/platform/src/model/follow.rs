//! What else must go when a field or a collection goes: metadata, permissions' field lists, stored views, history.
//! Nothing that names what is gone may stay, or a later namesake would inherit it.

use aedile_engine::{
    Json, Object, Result,
    ddl::{self, Change},
    schema::{Relation, system},
    value::Param,
};

use super::{
    edit::Edit,
    plan::Sweep,
    rows::{COLLECTIONS, FIELDS, PERMISSIONS, RELATIONS, text, words},
};
use crate::system::permissions::mention::{Gone, mentions};

/// Whether a row's columns hold these texts.
pub(super) fn holds<const N: usize>(pairs: [(&'static str, &str); N]) -> impl Fn(&Object) -> bool {
    let pairs = pairs.map(|(name, value)| (name, value.to_owned()));
    move |row| pairs.iter().all(|(name, value)| text(row, name) == Some(value))
}

/// Removes what hangs on a field, its metadata included; the column itself is the caller's.
pub(super) async fn drop_field(edit: &mut Edit<'_>, collection: &str, field: &str) -> Result<()> {
    edit.delete(&FIELDS, holds([("collection", collection), ("field", field)]));
    let grouped = holds([("collection", collection), ("group", field)]);
    edit.update(&FIELDS, grouped, &vec![("group", Param::Null)]);
    let sorted = holds([("collection", collection), ("sort_field", field)]);
    edit.update(&COLLECTIONS, sorted, &vec![("sort_field", Param::Null)]);
    let archived = holds([("collection", collection), ("archive_field", field)]);
    let archive = ["archive_field", "archive_value", "unarchive_value"].map(|name| (name, Param::Null));
    edit.update(&COLLECTIONS, archived, &archive.to_vec());
    for column in ["junction_field", "sort_field", "one_collection_field"] {
        let named = holds([("many_collection", collection), (column, field)]);
        edit.update(&RELATIONS, named, &vec![(column, Param::Null)]);
    }
    edit.delete(
        &RELATIONS,
        holds([("many_collection", collection), ("many_field", field)]),
    );
    let listed = holds([("one_collection", collection), ("one_field", field)]);
    edit.update(&RELATIONS, listed, &vec![("one_field", Param::Null)]);
    permitted(edit, collection, field).await?;
    unruled(edit, Gone::Field(collection, field)).await
}

/// Removes permissions whose rule or validation looks at what goes: they grant nothing without it, and must grant nothing
/// with a namesake. A preset of it goes alone.
pub(super) async fn unruled(edit: &mut Edit<'_>, gone: Gone<'_>) -> Result<()> {
    for row in edit.permissions().await? {
        let Some(of) = text(&row, "collection") else { continue };
        let same = |other: &Object| other.get("id") == row.get("id");
        let rules = ["permissions", "validation"].map(|name| row.get(name).unwrap_or(&Json::Null));
        if rules.iter().any(|rule| mentions(&edit.model.schema, of, rule, gone)) {
            edit.delete(&PERMISSIONS, same);
            continue;
        }
        let Some(Json::Object(presets)) = row.get("presets") else {
            continue;
        };
        let mut kept = presets.clone();
        kept.retain(|field, value| !gone.is_preset(of, field, value));
        if kept.len() < presets.len() {
            let values = vec![("presets", Param::from(Json::Object(kept).to_string()))];
            edit.update(&PERMISSIONS, same, &values);
        }
    }
    Ok(())
}

/// Takes a field out of every permission's list. A list that ends up empty permits nothing.
async fn permitted(edit: &mut Edit<'_>, collection: &str, field: &str) -> Result<()> {
    for row in edit.permissions().await? {
        let fields = words(&row, "fields");
        let named = fields.iter().any(|name| name.trim() == field);
        if !named || text(&row, "collection") != Some(collection) {
            continue;
        }
        let kept: Vec<String> = fields.into_iter().filter(|name| name.trim() != field).collect();
        let list = (!kept.is_empty()).then(|| kept.join(","));
        let same = |other: &Object| other.get("id") == row.get("id");
        edit.update(&PERMISSIONS, same, &vec![("fields", Param::from(list))]);
    }
    Ok(())
}

/// Rows of tables beside the metadata that speak of a collection by its name, children before parents: the table, the
/// column that is emptied where the row stays, and the condition around the name.
const OF_COLLECTION: [(&str, Option<&str>, [&str; 2]); 10] = [
    (
        "directus_sessions",
        None,
        ["share in (select id from directus_shares where collection = ", ")"],
    ),
    ("directus_shares", None, ["collection = ", ""]),
    (
        "directus_revisions",
        Some("parent"),
        ["parent in (select id from directus_revisions where collection = ", ")"],
    ),
    ("directus_revisions", None, ["collection = ", ""]),
    (
        "directus_revisions",
        None,
        ["activity in (select id from directus_activity where collection = ", ")"],
    ),
    (
        "directus_revisions",
        None,
        ["version in (select id from directus_versions where collection = ", ")"],
    ),
    ("directus_activity", None, ["collection = ", ""]),
    ("directus_versions", None, ["collection = ", ""]),
    ("directus_comments", None, ["collection = ", ""]),
    ("directus_presets", None, ["collection = ", ""]),
];

/// Removes what hangs on a collection, its metadata included, and lets go what points at it; the table itself is the
/// caller's.
pub(super) async fn drop_collection(edit: &mut Edit<'_>, collection: &str) -> Result<()> {
    let relations: Vec<Relation> = edit.model.schema.relations().to_vec();
    for relation in &relations {
        if relation.many == collection {
            drop_alias(edit, relation).await?;
        } else if relation.one.as_deref() == Some(collection) {
            let junction = holds([
                ("many_collection", &relation.many),
                ("junction_field", &relation.many_field),
            ]);
            edit.update(&RELATIONS, junction, &vec![("junction_field", Param::Null)]);
        } else if relation.one_allowed.iter().any(|allowed| allowed == collection) {
            disallow(edit, relation, collection);
        }
    }
    for (table, emptied, condition) in OF_COLLECTION {
        edit.sweep(Sweep {
            table,
            emptied,
            condition,
            collection: collection.to_owned(),
            found: 0,
        });
    }
    unruled(edit, Gone::Collection(collection)).await?;
    edit.permissions().await?;
    edit.delete(&PERMISSIONS, holds([("collection", collection)]));
    edit.delete(&RELATIONS, holds([("many_collection", collection)]));
    edit.delete(&RELATIONS, holds([("one_collection", collection)]));
    edit.delete(&FIELDS, holds([("collection", collection)]));
    edit.update(
        &COLLECTIONS,
        holds([("group", collection)]),
        &vec![("group", Param::Null)],
    );
    edit.delete(&COLLECTIONS, holds([("collection", collection)]));
    let pointing: Vec<(String, String)> = edit
        .physical
        .tables
        .iter()
        .filter(|table| table.name != collection)
        .flat_map(|table| {
            let keys = table.foreign_keys.iter();
            keys.filter(|key| key.table.eq_ignore_ascii_case(collection))
                .map(|key| (table.name.clone(), key.column.clone()))
        })
        .collect();
    for (table, column) in pointing {
        let_go(edit, &table, &column)?;
    }
    Ok(())
}

/// A foreign key goes, and with it the index that it got by itself.
pub(super) fn let_go(edit: &mut Edit<'_>, table: &str, column: &str) -> Result<()> {
    let facts = ddl::find(&edit.physical, table);
    let own = facts
        .into_iter()
        .flat_map(|facts| &facts.indexes)
        .filter(|index| index.is_own() && index.columns.first().is_some_and(|first| first == column));
    let mut changes: Vec<Change> = own
        .map(|index| Change::DropIndex {
            table: table.to_owned(),
            index: index.name.clone(),
        })
        .collect();
    // First the key: some databases keep an index for as long as a key needs it.
    changes.insert(
        0,
        Change::DropForeignKey {
            table: table.to_owned(),
            column: column.to_owned(),
        },
    );
    edit.change_tables(changes)
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
fn disallow(edit: &mut Edit<'_>, relation: &Relation, collection: &str) {
    let same = holds([
        ("many_collection", &relation.many),
        ("many_field", &relation.many_field),
    ]);
    let Some(row) = edit.rows().relations.iter().find(|row| same(row)) else {
        return;
    };
    let mut kept = words(row, "one_allowed_collections");
    kept.retain(|allowed| allowed != collection);
    edit.update(
        &RELATIONS,
        same,
        &vec![("one_allowed_collections", Param::from(kept.join(",")))],
    );
}
