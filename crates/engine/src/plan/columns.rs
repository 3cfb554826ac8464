//! What a plan's rows look like as a table: the question decides it, whatever the rows hold.

use super::{Node, Plan, Value};

/// Where a cell stands in a row: member names, from the outside in.
pub type Column = Vec<String>;

impl Plan {
    /// The columns of its rows. An item that is told inside a row has columns of its own; lists and JSON are cells.
    pub fn columns(&self) -> Vec<Column> {
        let mut columns = Vec::new();
        match self {
            Plan::Rows(node) => of_node(node, &[], &mut columns),
            Plan::Groups(groups) => {
                columns.extend(groups.keys.iter().map(|(name, ..)| vec![name.clone()]));
                for group in &groups.results {
                    for (field, _) in &group.fields {
                        columns.push(std::iter::once(&group.name).chain(field).cloned().collect());
                    }
                }
            }
            Plan::Count(_) | Plan::Value(..) | Plan::Insert(_) | Plan::Update(_) | Plan::Delete(_) => {}
        }
        columns
    }

    /// How many rows there are at most, if that is known.
    pub fn most_rows(&self) -> Option<u64> {
        match self {
            Plan::Rows(node) => node.limit,
            Plan::Groups(groups) => groups.limit,
            _ => None,
        }
    }
}

fn of_node(node: &Node, path: &[String], columns: &mut Vec<Column>) {
    for item in &node.items {
        let mut at = path.to_vec();
        at.push(item.name.clone());
        match &item.value {
            Value::One(inner) => of_node(inner, &at, columns),
            Value::Any { cases, others, .. } => {
                if cases.is_empty() || !others.is_empty() {
                    add(columns, at.clone());
                }
                for (_, inner) in cases {
                    of_node(inner, &at, columns);
                }
            }
            Value::Scalar(..) | Value::Many(_) => add(columns, at),
        }
    }
}

/// Items of several collections may share a field.
fn add(columns: &mut Vec<Column>, column: Column) {
    if !columns.contains(&column) {
        columns.push(column);
    }
}
