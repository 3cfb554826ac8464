//! Makes a project of a template: the model, then who may do what, then the rows; by the ordinary verbs, in one transaction.
//! Must never leave a part of it behind.

use std::sync::Arc;

use aedile_db::Tx;
use aedile_engine::{
    Error, Json, Object, Result,
    access::{Caller, Reason},
    schema::system,
};
use parking_lot::Mutex;

use super::{
    Problems, Template, check,
    rows::{Loader, MASK},
    text,
};
use crate::{
    App, Cx, Origin,
    items::{self, Writing},
    model, system as verbs,
};

/// What was stored.
#[derive(Clone, Debug, Default)]
pub struct Applied {
    /// How many of what, in the order of storing.
    pub counts: Vec<(String, usize)>,
    /// What somebody should know, as sentences.
    pub notes: Vec<String>,
}

/// Why nothing was stored.
#[derive(Debug)]
pub enum Refusal {
    /// The template does not fit together, or not onto this project.
    Template(Problems),
    /// The database, or one of the product's own protections, refused.
    Failed(Error),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Refusal {
        Refusal::Failed(error)
    }
}

/// Stores everything, or nothing. `now` is in milliseconds since 1970.
///
/// # Errors
/// [`Refusal`].
pub async fn apply(app: &App, template: Template, now: i64) -> std::result::Result<Applied, Refusal> {
    let applied = run(app, template, now, true).await?;
    app.reload(app.version().await?).await?;
    Ok(applied)
}

/// Does the same, and undoes it.
///
/// # Errors
/// [`Refusal`].
pub async fn rehearse(app: &App, template: Template, now: i64) -> std::result::Result<Applied, Refusal> {
    run(app, template, now, false).await
}

async fn run(app: &App, template: Template, now: i64, keep: bool) -> std::result::Result<Applied, Refusal> {
    let snapshot = app.snapshot_at(app.version().await?).await?;
    check::check(&template, &snapshot).map_err(Refusal::Template)?;
    let cx = app.cx(snapshot, Caller::system(Reason::Loading), Origin::default(), now);
    let template = hashed(&cx, template).await?;
    let done: Arc<Mutex<Option<Applied>>> = Arc::default();
    let told = done.clone();
    let result = app
        .db()
        .write_ddl(move |tx| {
            Box::pin(async move {
                let applied = carry_out(&cx, tx, &template).await?;
                *told.lock() = Some(applied);
                if keep {
                    Ok(())
                } else {
                    Err(Error::unprocessable("it was only tried"))
                }
            })
        })
        .await;
    let applied = done.lock().take();
    match (result, applied) {
        (Ok(()), Some(applied)) => Ok(applied),
        (Err(_), Some(applied)) if !keep => Ok(applied),
        (Err(error), _) => Err(error.into()),
        (Ok(()), None) => Err(Error::internal("a template was applied and nothing is known of it").into()),
    }
}

/// Passwords are hashed before the transaction begins.
async fn hashed(cx: &Cx, mut template: Template) -> Result<Template> {
    // What would be filled in has no place in a template: each row says everything.
    let mut hashes = verbs::Hashes::default();
    for row in template.of_system_mut("directus_users").into_iter().flatten() {
        row.retain(|_, value| value.as_str() != Some(MASK));
        verbs::prepare(cx, "directus_users", row, &mut hashes).await?;
    }
    Ok(template)
}

async fn carry_out(cx: &Cx, tx: &mut Tx, template: &Template) -> Result<Applied> {
    make_model(tx, template).await?;
    let model = model::load_in(tx).await?;
    let cx = Cx {
        snapshot: Arc::new(cx.snapshot.with_model(model)),
        ..cx.clone()
    };
    let mut w = Writing::new(&cx, tx);
    let mut loader = Loader::new(template);
    for part in template.system.iter().chain(&template.content) {
        loader.load(&mut w, part).await?;
    }
    if let Some(settings) = &template.settings {
        save_settings(&mut w, &mut loader, settings).await?;
    }
    loader.finish(&mut w).await?;
    verbs::finish(&mut w).await?;
    let mut applied = loader.told();
    let own = |rows: &[Object]| {
        rows.iter()
            .filter(|row| text(row, "collection").is_some_and(|name| !system::is_system(name)))
            .count()
    };
    let mut counts = vec![
        ("collections".to_owned(), template.collections.len()),
        ("fields".to_owned(), own(&template.fields)),
        ("relations".to_owned(), own(&template.relations)),
    ];
    counts.append(&mut applied.counts);
    applied.counts = counts.into_iter().filter(|(_, count)| *count > 0).collect();
    applied.notes.splice(0..0, template.notes.iter().cloned());
    Ok(applied)
}

/// Collections with their fields, fields of the project's on other collections, relations.
async fn make_model(tx: &mut Tx, template: &Template) -> Result<()> {
    let mut collections = Vec::new();
    for collection in &template.collections {
        let mut collection = collection.clone();
        let fields: Vec<Json> = template
            .fields
            .iter()
            .filter(|field| field.get("collection") == collection.get("collection"))
            .map(|field| Json::Object(field.clone()))
            .collect();
        if collection.get("schema").is_some_and(|schema| !schema.is_null()) {
            collection.insert("fields".to_owned(), fields.into());
        }
        collections.push(Json::Object(collection));
    }
    let input = Json::Array(collections);
    model::change::carry_out(tx, &model::Request::CreateCollections { input }).await?;
    for field in &template.fields {
        let (Some(of), Some(name)) = (text(field, "collection"), text(field, "field")) else {
            continue;
        };
        if !template.has_collection(of) && system::field(of, name).is_none() {
            let (collection, input) = (of.to_owned(), Json::Object(field.clone()));
            model::change::carry_out(tx, &model::Request::CreateField { collection, input }).await?;
        }
    }
    for relation in &template.relations {
        if text(relation, "collection").is_some_and(|many| !is_of_the_system(many, relation)) {
            let input = Json::Object(relation.clone());
            model::change::carry_out(tx, &model::Request::CreateRelation { input }).await?;
        }
    }
    Ok(())
}

fn is_of_the_system(many: &str, relation: &Object) -> bool {
    system::is_system(many) && text(relation, "field").is_some_and(|field| system::field(many, field).is_some())
}

/// Settings are one row, which every project has: what the template does not name stays as it is.
async fn save_settings(w: &mut Writing<'_>, loader: &mut Loader<'_>, settings: &Object) -> Result<()> {
    const TABLE: &str = "directus_settings";
    let snapshot = w.cx.snapshot.clone();
    let c = snapshot
        .model
        .schema
        .collection(TABLE)
        .ok_or_else(|| Error::forbidden_collection(TABLE))?;
    let mut row = settings.clone();
    row.retain(|name, value| {
        let column = c.field(name).and_then(|field| field.column.as_ref());
        let fits = column.is_some_and(|column| column.nullable || !value.is_null());
        fits && name != "id" && name != "project_id" && value.as_str() != Some(MASK)
    });
    loader.settle(w, c, &mut row, "settings.json").await?;
    w.count = 0;
    w.revisions.clear();
    let mut sql = w.sql();
    sql.push("select id from directus_settings order by id limit 1");
    let known = w.fetch(sql.finish(Vec::new())).await?.into_iter().flatten().next();
    match known {
        Some(key) => items::update_in(w, TABLE, vec![key], row).await.map(|_| ()),
        None => items::create_in(w, TABLE, row).await.map(|_| ()),
    }
}
