//! Changing the model: what is asked for, as data, and the one way in which it is planned and then shown or done.
//! All of a change happens in one transaction, or nothing of it.

use aedile_db::Tx;
use aedile_engine::{Error, Json, Result};

use super::{
    Everything, Model, collections,
    edit::Edit,
    fields, relations,
    snapshot::{self, Application},
};
use crate::{Cx, history};

/// A change that is asked for. Bodies are as they came.
#[derive(Clone, Debug)]
#[expect(
    missing_docs,
    reason = "the names are those of the routes' parts and say what they mean"
)]
pub enum Request {
    CreateCollections {
        input: Json,
    },
    UpdateCollections {
        input: Json,
    },
    UpdateCollection {
        collection: String,
        input: Json,
    },
    DeleteCollection {
        collection: String,
    },
    CreateField {
        collection: String,
        input: Json,
    },
    UpdateFields {
        collection: String,
        input: Json,
    },
    UpdateField {
        collection: String,
        field: String,
        input: Json,
    },
    DeleteField {
        collection: String,
        field: String,
    },
    CreateRelation {
        input: Json,
    },
    UpdateRelation {
        collection: String,
        field: String,
        input: Json,
    },
    DeleteRelation {
        collection: String,
        field: String,
    },
    /// Make the model as a snapshot says.
    Apply(Application),
}

/// What a change is about, and so what is told of it once it is made.
#[derive(Clone, Debug)]
pub(super) enum Subject {
    Nothing,
    Collection(String),
    Collections(Vec<String>),
    Field(String, String),
    Fields(String, Vec<String>),
    Relation(String, String),
}

impl Subject {
    /// As it stands in the model now.
    fn told(&self, model: &Model) -> Result<Option<Json>> {
        let told = match self {
            Subject::Nothing => return Ok(None),
            Subject::Collection(name) => collections::one(model, &Everything, name)?,
            Subject::Collections(names) => {
                let told = names.iter().map(|name| collections::one(model, &Everything, name));
                told.collect::<Result<_>>()?
            }
            Subject::Field(collection, name) => fields::one(model, &Everything, collection, name)?,
            Subject::Fields(collection, names) => {
                let told = names
                    .iter()
                    .map(|name| fields::one(model, &Everything, collection, name));
                told.collect::<Result<_>>()?
            }
            Subject::Relation(collection, field) => relations::one(model, &Everything, collection, field)?,
        };
        Ok(Some(told))
    }
}

/// Changes the model for an administrator, and records it; it is in force when this returns. Answers what is told of what was changed,
/// none where there is nothing to tell.
///
/// # Errors
/// `FORBIDDEN` for everybody else; what cannot be done, or would lose what is stored, is refused as a whole.
pub async fn change(cx: &Cx, request: Request) -> Result<Option<Json>> {
    admitted(cx)?;
    let inner = cx.clone();
    let told = cx
        .app
        .db()
        .write_ddl(move |tx| {
            Box::pin(async move {
                history::model::recorded(&inner, tx, |tx| Box::pin(async move { carry_out(tx, &request).await })).await
            })
        })
        .await?;
    cx.app.reload(cx.app.version().await?).await?;
    Ok(told)
}

/// Shows an administrator what a change would do, in words and as data: `changes`, `tables`, `rows` and `swept`. Nothing is
/// changed.
///
/// # Errors
/// Those of [`change`], as far as they can be known before.
pub async fn show(cx: &Cx, request: Request) -> Result<Json> {
    admitted(cx)?;
    cx.app
        .db()
        .write_ddl(move |tx| Box::pin(async move { shown(tx, &request).await }))
        .await
}

/// As [`show`], within a transaction.
pub(super) async fn shown(tx: &mut Tx, request: &Request) -> Result<Json> {
    let mut edit = Edit::begin(tx).await?;
    plan(&mut edit, request).await?;
    edit.show().await
}

/// Lets administrators in: nobody else changes the model, or sees all of it.
///
/// # Errors
/// `FORBIDDEN` for everybody else.
pub fn admitted(cx: &Cx) -> Result<()> {
    if cx.access.admin {
        Ok(())
    } else {
        Err(Error::forbidden())
    }
}

/// Changes the model within a transaction that belongs to somebody who may; the snapshot is theirs to reload.
///
/// # Errors
/// As [`change`].
pub async fn carry_out(tx: &mut Tx, request: &Request) -> Result<Option<Json>> {
    let mut edit = Edit::begin(tx).await?;
    let subject = plan(&mut edit, request).await?;
    let model = edit.carry_out().await?;
    subject.told(&model)
}

async fn plan(edit: &mut Edit<'_>, request: &Request) -> Result<Subject> {
    match request {
        Request::CreateCollections { input } => collections::create(edit, input),
        Request::UpdateCollections { input } => collections::update_many(edit, input),
        Request::UpdateCollection { collection, input } => collections::update(edit, collection, input),
        Request::DeleteCollection { collection } => collections::delete(edit, collection).await,
        Request::CreateField { collection, input } => fields::create(edit, collection, input).await,
        Request::UpdateFields { collection, input } => fields::update_many(edit, collection, input).await,
        Request::UpdateField {
            collection,
            field,
            input,
        } => fields::update(edit, collection, field, input).await,
        Request::DeleteField { collection, field } => fields::delete(edit, collection, field).await,
        Request::CreateRelation { input } => relations::create(edit, input).await,
        Request::UpdateRelation {
            collection,
            field,
            input,
        } => relations::update(edit, collection, field, input).await,
        Request::DeleteRelation { collection, field } => relations::delete(edit, collection, field).await,
        Request::Apply(application) => snapshot::apply(edit, application).await,
    }
}
