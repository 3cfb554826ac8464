//! Recorded set-up steps as rows and tables. What is not understood as a whole is left to be asked of the server.

use serde_json::{Map, Value, json};

use super::{Column, Dump, Engine, Foreign, Row, Table, cells};
use crate::scenario::Step;

/// Facts of a column that a dump knows how to write down.
const FACTS: [&str; 9] = [
    "is_primary_key",
    "has_auto_increment",
    "default_value",
    "is_nullable",
    "is_unique",
    "max_length",
    "numeric_precision",
    "numeric_scale",
    "length",
];

/// Types of fields that a dump knows how to write down.
const KINDS: [&str; 15] = [
    "alias",
    "bigInteger",
    "boolean",
    "csv",
    "date",
    "dateTime",
    "decimal",
    "float",
    "integer",
    "json",
    "string",
    "text",
    "time",
    "timestamp",
    "uuid",
];

type Object = Map<String, Value>;

impl Dump {
    /// Puts in what a step would have made; answers whether it could. If not, nothing of it was put in.
    pub fn take(&mut self, step: &Step) -> bool {
        let made = step.expect.get("status").and_then(Value::as_u64) == Some(200);
        // A query says what is answered, which nobody asks for here.
        let plain = step.who() == "admin" && step.save.is_empty() && step.headers.is_empty();
        if step.method != "POST" || !made || !plain {
            return false;
        }
        let mut next = self.clone();
        let body = step.body.as_ref();
        let taken = match step.path.split('/').collect::<Vec<_>>().as_slice() {
            ["", "collections"] => next.collection(body),
            ["", "fields", table] => next.field(table, body),
            ["", "relations"] => next.relation(body),
            ["", "items", table] => next.items(table, body),
            _ => None,
        };
        if taken.is_some() {
            *self = next;
        }
        taken.is_some()
    }

    fn collection(&mut self, body: Option<&Value>) -> Option<()> {
        let body = body?.as_object()?;
        let name = body.get("collection")?.as_str()?;
        body.get("schema")?.as_object().filter(|schema| schema.is_empty())?;
        let meta = body.get("meta")?.as_object()?;
        self.tables.push(Table {
            name: name.to_owned(),
            columns: Vec::new(),
            foreign: Vec::new(),
            next: 1,
        });
        self.describe("directus_collections", &[("collection", name.into())], meta)?;
        for (place, field) in body.get("fields")?.as_array()?.iter().enumerate() {
            self.add(name, field.as_object()?, Some(place + 1))?;
        }
        self.tables.last()?.key().map(drop)
    }

    fn field(&mut self, table: &str, body: Option<&Value>) -> Option<()> {
        self.add(table, body?.as_object()?, None)
    }

    fn add(&mut self, table: &str, field: &Object, sort: Option<usize>) -> Option<()> {
        let name = field.get("field")?.as_str()?.to_owned();
        let kind = field.get("type")?.as_str()?.to_owned();
        if !KINDS.contains(&kind.as_str()) {
            return None;
        }
        let schema = field
            .get("schema")
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default();
        if !schema.keys().all(|fact| FACTS.contains(&fact.as_str())) {
            return None;
        }
        let mut meta = field.get("meta")?.as_object()?.clone();
        if kind == "timestamp" && self.engine == Engine::Sqlite && !meta.contains_key("special") {
            // The column is a `datetime` there: the flag alone says what is meant.
            meta.insert("special".to_owned(), json!(["cast-timestamp"]));
        }
        if let Some(sort) = sort {
            meta.entry("sort").or_insert_with(|| sort.into());
        }
        self.describe(
            "directus_fields",
            &[("collection", table.into()), ("field", name.as_str().into())],
            &meta,
        )?;
        if kind != "alias" {
            self.table(table)?.columns.push(Column { name, kind, schema });
        }
        Some(())
    }

    fn relation(&mut self, body: Option<&Value>) -> Option<()> {
        let body = body?.as_object()?;
        let (many, field) = (body.get("collection")?.as_str()?, body.get("field")?.as_str()?);
        let one = body.get("related_collection")?;
        let known = [
            ("many_collection", many.into()),
            ("many_field", field.into()),
            ("one_collection", one.clone()),
        ];
        self.describe("directus_relations", &known, body.get("meta")?.as_object()?)?;
        let (Some(one), Some(schema)) = (one.as_str(), body.get("schema")?.as_object()) else {
            return Some(());
        };
        let on_delete = schema
            .get("on_delete")
            .and_then(Value::as_str)
            .unwrap_or("NO ACTION")
            .to_owned();
        // A key that counts is without a sign there, and what points at it has to be of the same type.
        let unsigned = self.engine == Engine::MariaDb && self.table(one)?.key()?.is_counting();
        let table = self.table(many)?;
        let column = table.columns.iter_mut().find(|column| column.name == field)?;
        if unsigned && column.kind == "integer" {
            column.kind = "unsigned".to_owned();
        }
        table.foreign.push(Foreign {
            column: field.to_owned(),
            table: one.to_owned(),
            on_delete,
        });
        Some(())
    }

    fn items(&mut self, name: &str, body: Option<&Value>) -> Option<()> {
        let rows = match body? {
            Value::Array(rows) => rows.clone(),
            row => vec![row.clone()],
        };
        let engine = self.engine;
        for row in rows {
            let mut row = row.as_object()?.clone();
            let table = self.table(name)?;
            let key = table.key()?.clone();
            if key.is_counting() {
                let id = row.get(&key.name).map_or(Some(table.next), Value::as_i64)?;
                table.next = table.next.max(id + 1);
                row.insert(key.name.clone(), id.into());
            }
            let mut cells = Vec::new();
            for (name, value) in &row {
                let column = table.columns.iter().find(|column| column.name == *name)?;
                cells.push((name.clone(), cells::cell(engine, &column.kind, value)?));
            }
            row.contains_key(&key.name).then_some(())?;
            self.rows.push(Row {
                table: name.to_owned(),
                cells,
            });
        }
        Some(())
    }

    /// A row of metadata.
    fn describe(&mut self, table: &str, known: &[(&str, Value)], meta: &Object) -> Option<()> {
        let mut names = Vec::new();
        let mut values = Vec::new();
        for (name, value) in known
            .iter()
            .map(|(name, value)| (*name, value))
            .chain(meta.iter().map(|(n, v)| (n.as_str(), v)))
        {
            let kind = match name {
                "special" | "one_allowed_collections" => "csv",
                "options" | "display_options" | "conditions" | "validation" | "translations" => "json",
                "hidden" | "readonly" | "required" | "singleton" => "boolean",
                _ => "string",
            };
            names.push(cells::quoted(self.engine, name));
            values.push(cells::cell(self.engine, kind, value)?);
        }
        self.statements.push(cells::insert(table, &names, &values));
        Some(())
    }

    fn table(&mut self, name: &str) -> Option<&mut Table> {
        self.tables.iter_mut().find(|table| table.name == name)
    }
}
