//! Indexes on foreign keys: relations are followed from both ends, and without an index each look back reads the whole
//! table. Only tables of the project get them; the system's tables keep the shape they have.

use aedile_db::Tx;
use aedile_engine::{
    Result,
    ddl::{self, Change},
    schema::{physical::Physical, system},
};

use super::edit::Edit;

/// The indexes that are missing, as changes, each with a name that is free.
pub(crate) fn missing(physical: &Physical) -> impl Iterator<Item = Change> {
    let mut seen = physical.clone();
    let mut changes = Vec::new();
    for table in physical.tables.iter().filter(|table| !system::is_system(&table.name)) {
        for key in &table.foreign_keys {
            let is_indexed = ddl::find(&seen, &table.name).is_some_and(|table| ddl::is_indexed(table, &key.column));
            if is_indexed {
                continue;
            }
            let index = ddl::index_on_key(&seen, &table.name, &key.column);
            if let Some(seen) = seen.tables.iter_mut().find(|other| other.name == table.name) {
                seen.indexes.push(index.clone());
            }
            changes.push(Change::CreateIndex {
                table: table.name.clone(),
                index,
            });
        }
    }
    changes.into_iter()
}

/// Adds them.
///
/// # Errors
/// What the database answers.
pub(crate) async fn add_missing(tx: &mut Tx) -> Result<()> {
    let mut edit = Edit::begin(tx).await?;
    let changes = missing(&edit.physical).collect();
    edit.change_tables(changes)?;
    edit.carry_out().await.map(drop)
}
