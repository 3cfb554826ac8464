//! Removed items.

use aedile_engine::{
    Code, Error, Json, Result,
    access::Action,
    plan::write,
    schema::{Collection, Ident},
    sql::Dialect,
    value::Param,
};

use crate::{
    history,
    items::{Writing, nested, update},
    system,
};

/// Removes the items with these keys. What hangs on them goes by the database's own rules, and needs no permission.
pub(crate) async fn delete(w: &mut Writing<'_>, collection: &str, keys: Vec<Param>) -> Result<()> {
    let snapshot = w.cx.snapshot.clone();
    let c = snapshot
        .model
        .schema
        .collection(collection)
        .ok_or_else(|| Error::forbidden_collection(collection))?;
    nested::counted(w, keys.len())?;
    let grant = w.cx.access.grant(&c.name, Action::Delete);
    let covered = w.covered(c, Action::Delete, &keys, &[]).await?;
    let keys = update::complete(grant, keys, covered)?;
    if keys.is_empty() {
        return Ok(());
    }
    system::before_delete(w, c, &keys).await?;
    untie(w, c, &keys).await?;
    let plan = write::delete(&w.cx.access, c, keys.clone())?;
    if let Err(error) = w.execute(&plan).await {
        return Err(match error.code() {
            Code::InvalidForeignKey => Error::constraint(Code::InvalidForeignKey, &c.name, None, Json::Null),
            _ => error,
        });
    }
    w.touched.insert(c.name.clone());
    history::deleted(w, c, &keys).await
}

/// MariaDB judges references row by row: rows that go together must not point at each other any more then.
async fn untie(w: &mut Writing<'_>, c: &Collection, keys: &[Param]) -> Result<()> {
    if !matches!(w.sql().dialect(), Dialect::MySql(_)) {
        return Ok(());
    }
    let snapshot = w.cx.snapshot.clone();
    let schema = &snapshot.model.schema;
    let relations = schema
        .relations()
        .iter()
        .filter(|relation| relation.constraint.is_some());
    for relation in relations.filter(|relation| relation.many == c.name && relation.one.as_ref() == Some(&c.name)) {
        let column = c.field(&relation.many_field).and_then(|field| field.column.as_ref());
        let Some(column) = column.filter(|column| column.nullable) else {
            continue;
        };
        let mut sql = w.sql();
        sql.push("update ").ident(&c.table).push(" set ").ident(&column.name);
        sql.push(" = null where ").ident(&Ident::new(&c.key)).push(" in (");
        sql.params(keys.iter().cloned())
            .push(") and ")
            .ident(&column.name)
            .push(" in (");
        sql.params(keys.iter().cloned()).push(")");
        w.run(sql.finish(Vec::new())).await?;
    }
    Ok(())
}
