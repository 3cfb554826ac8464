//! What there is of collections, fields and relations, and what of it is served differently or not at all.

use aedile_engine::{
    access::Rule,
    schema::{
        Collection, Field, Kind,
        physical::{Physical, Table},
        system,
    },
};

use super::{Count, Finding, Level};
use crate::model::Model;

/// How much there is.
pub(super) fn counts(model: &Model) -> Vec<Count> {
    let collections: Vec<&Collection> = model.schema.collections().filter(|c| !c.system).collect();
    let fields = || collections.iter().flat_map(|c| c.fields.values());
    let of = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    let folders = model.collections.keys().filter(|name| model.is_folder(name)).count();
    let relations = model.schema.relations().iter().filter(|r| !system::is_system(&r.many));
    vec![
        Count {
            what: "collections",
            count: of(collections.len()),
            of_these: vec![(
                of(collections.iter().filter(|c| !c.managed).count()),
                "that no metadata describes",
            )],
        },
        Count {
            what: "folders",
            count: of(folders),
            of_these: Vec::new(),
        },
        Count {
            what: "fields",
            count: of(fields().count()),
            of_these: vec![(
                of(fields().filter(|f| f.meta.is_none()).count()),
                "that no metadata describes",
            )],
        },
        Count {
            what: "relations",
            count: of(relations.count()),
            of_these: Vec::new(),
        },
    ]
}

/// What somebody has to know of them.
pub(super) fn findings(physical: &Physical, model: &Model) -> Vec<Finding> {
    let left_out = model
        .problems
        .iter()
        .map(|problem| Finding::new(Level::NotServed, problem.clone()));
    let mut found: Vec<Finding> = left_out.collect();
    for collection in model.schema.collections() {
        if !collection.system {
            described(collection, &mut found);
        }
        for field in collection.fields.values() {
            found.extend(field_finding(collection, field));
        }
    }
    found.extend(model.strays.iter().map(|row| {
        let named = |key: &str| row.get(key).and_then(|name| name.as_str()).unwrap_or_default();
        let (collection, field) = (named("collection"), named("field"));
        Finding::new(
            Level::NotServed,
            format!(
                "the field \"{collection}.{field}\" is left out: metadata describes it, and there is no such column"
            ),
        )
    }));
    found.extend(unbound(physical, model));
    found
}

fn described(collection: &Collection, found: &mut Vec<Finding>) {
    let name = &collection.name;
    if !collection.managed {
        let text = format!("the table \"{name}\" has no metadata: it is shown to administrators, as it always was");
        found.push(Finding::new(Level::Note, text));
        return;
    }
    let bare: Vec<&str> = collection
        .fields
        .values()
        .filter(|field| field.meta.is_none())
        .map(|field| field.name.as_str())
        .collect();
    if !bare.is_empty() {
        let text = format!("in \"{name}\", these columns have no metadata: {}", bare.join(", "));
        found.push(Finding::new(Level::Note, text));
    }
}

fn field_finding(collection: &Collection, field: &Field) -> Option<Finding> {
    let name = format!("\"{}.{}\"", collection.name, field.name);
    if matches!(field.validation, Some(Rule::Broken)) {
        return Some(Finding::new(
            Level::Attention,
            format!("the validation of {name} can not be understood: no value is accepted for it"),
        ));
    }
    let column = field.column.as_ref().filter(|_| field.kind == Kind::Unknown)?;
    Some(Finding::new(
        Level::Attention,
        format!(
            "the type \"{}\" of {name} is not known: its values are told as the database writes them",
            column.data_type
        ),
    ))
}

/// Relations that no foreign key stands behind.
fn unbound(physical: &Physical, model: &Model) -> Vec<Finding> {
    let table = |name: &str| physical.tables.iter().find(|table: &&Table| table.name == name);
    let mut found = Vec::new();
    for relation in model.schema.relations() {
        let Some(one) = relation.one.as_ref().filter(|_| !system::is_system(&relation.many)) else {
            continue;
        };
        let is_column = table(&relation.many).is_some_and(|table| {
            table
                .columns
                .iter()
                .any(|column| column.name.as_str() == relation.many_field)
        });
        if relation.constraint.is_none() && is_column {
            let (many, field) = (&relation.many, &relation.many_field);
            let text = format!(
                "the relation \"{many}.{field}\" to \"{one}\" has no foreign key: the database does not keep its ends together"
            );
            found.push(Finding::new(Level::Attention, text));
        }
    }
    found
}
