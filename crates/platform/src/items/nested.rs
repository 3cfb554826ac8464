//! Related items inside a payload: foreign keys first, then the item itself, then the lists that point at it.
//! Every nested create, update and delete goes through the same verbs, and so through the caller's own permissions.

use aedile_engine::{
    Code, Error, Json, Object, Result,
    schema::{Collection, Deselect, Ident, Link, Relation, Schema, Special},
    value::{Param, payload},
};

use crate::items::{Writing, create::create, delete::delete, keys, update::update};

/// How deep a payload may nest: each level is a call within a call.
const MAX_DEPTH: usize = 32;

/// A payload, taken apart.
pub struct Parts {
    /// Values of the row itself.
    pub values: Object,
    /// Objects in the place of foreign keys.
    pub ones: Vec<(String, Object)>,
    /// Lists of related items.
    pub lists: Vec<(String, Json)>,
}

/// Takes a payload apart; what is no field of the collection, or has no data, is dropped.
pub fn split(schema: &Schema, c: &Collection, input: Object) -> Result<Parts> {
    let mut parts = Parts {
        values: Object::new(),
        ones: Vec::new(),
        lists: Vec::new(),
    };
    if input.iter().all(|(name, value)| is_own(schema, c, name, value)) {
        parts.values = input;
        return Ok(parts);
    }
    for (name, value) in input.into_iter().filter(|(name, _)| c.field(name).is_some()) {
        if is_own(schema, c, &name, &value) {
            parts.values.insert(name, value);
            continue;
        }
        match (schema.link(&c.name, &name), value) {
            (Some(Link::Many { .. }), value) => parts.lists.push((name, value)),
            (Some(Link::One { .. } | Link::Any { .. }), Json::Object(object)) => parts.ones.push((name, object)),
            _ => {}
        }
    }
    Ok(parts)
}

/// Whether a value is one of the row itself.
fn is_own(schema: &Schema, c: &Collection, name: &str, value: &Json) -> bool {
    let column = c.field(name).and_then(|field| field.column.as_ref());
    let related = match schema.link(&c.name, name) {
        Some(Link::Many { .. }) => true,
        Some(Link::One { .. } | Link::Any { .. }) => value.is_object(),
        None => false,
    };
    column.is_some_and(|column| !column.generated) && !related
}

/// Counts changed items against the operator's limit of one request.
pub fn counted(w: &mut Writing<'_>, n: usize) -> Result<()> {
    w.count += n;
    match w.cx.app.settings().limits.batch_mutation {
        Some(limit) if w.count > limit => Err(Error::invalid_payload(format!(
            "at most {limit} items can be changed at once"
        ))),
        _ => Ok(()),
    }
}

/// The row's values as they are bound.
pub fn fitted(c: &Collection, values: &Object, path: &[String]) -> Result<Vec<(String, Param)>> {
    values
        .iter()
        .filter_map(|(name, value)| Some((name, c.field(name)?, value)))
        .map(|(name, field, value)| {
            let blank = field.is(Special::Hash) && value.as_str() == Some("");
            let value = if blank { &Json::Null } else { value };
            Ok((name.clone(), payload::payload(&c.name, field, value, path)?))
        })
        .collect()
}

/// Saves the items that foreign keys will point at, and puts their keys in their place.
pub async fn save_before(
    w: &mut Writing<'_>,
    c: &Collection,
    mut values: Object,
    ones: Vec<(String, Object)>,
) -> Result<Object> {
    let snapshot = w.cx.snapshot.clone();
    for (name, object) in ones {
        let target = match snapshot.model.schema.link(&c.name, &name) {
            Some(Link::One { target, .. }) => target,
            Some(Link::Any { relation }) => any_target(&snapshot.model.schema, relation, &values)?,
            _ => continue,
        };
        deeper(w, &name)?;
        let key = save_one(w, target, object).await?;
        w.path.pop();
        values.insert(name, keys::to_json(&key));
    }
    Ok(values)
}

/// The collection that an item of any collection is meant to be of: named in the same payload.
fn any_target<'s>(schema: &'s Schema, relation: &Relation, values: &Object) -> Result<&'s Collection> {
    let named = relation
        .one_collection_field
        .as_ref()
        .and_then(|field| values.get(field))
        .and_then(Json::as_str);
    let named = named.ok_or_else(|| {
        Error::invalid_payload(format!(
            "\"{}\" needs the name of its collection beside it",
            relation.many_field
        ))
    })?;
    if !relation.one_allowed.iter().any(|allowed| allowed == named) {
        return Err(Error::invalid_payload(format!(
            "\"{}\" may not lead to \"{named}\"",
            relation.many_field
        )));
    }
    schema
        .collection(named)
        .ok_or_else(|| Error::invalid_payload(format!("there is no collection \"{named}\"")))
}

fn deeper(w: &mut Writing<'_>, name: &str) -> Result<()> {
    if w.path.len() >= MAX_DEPTH {
        return Err(Error::invalid_payload("the items are nested too deep"));
    }
    w.path.push(name.to_owned());
    Ok(())
}

/// Saves an object that may hold its key: makes the item, changes it, or (a key alone) leaves it as it is.
pub(crate) async fn save_one(w: &mut Writing<'_>, target: &Collection, mut object: Object) -> Result<Param> {
    let given = object.get(&target.key).filter(|key| !key.is_null()).cloned();
    let Some(given) = given else {
        object.remove(&target.key);
        return create(w, &target.name, object).await;
    };
    let key = keys::from_json(target, &given)?;
    if w.existing(target, std::slice::from_ref(&key)).await?.is_empty() {
        return create(w, &target.name, object).await;
    }
    object.remove(&target.key);
    if !object.is_empty() && update(w, &target.name, vec![key.clone()], object).await?.is_empty() {
        return Err(Error::forbidden());
    }
    Ok(key)
}

/// Saves the lists of items that point at this one.
pub async fn save_after(w: &mut Writing<'_>, c: &Collection, key: &Param, lists: Vec<(String, Json)>) -> Result<()> {
    let snapshot = w.cx.snapshot.clone();
    for (name, value) in lists {
        let Some(Link::Many { relation, target }) = snapshot.model.schema.link(&c.name, &name) else {
            continue;
        };
        deeper(w, &name)?;
        let list = List {
            relation,
            target,
            parent: key,
            name: &name,
        };
        match value {
            Json::Null => list.replace(w, Vec::new()).await?,
            Json::Array(items) => list.replace(w, items).await?,
            Json::Object(changes) => list.change(w, changes).await?,
            _ => return Err(Error::invalid_payload(format!("\"{name}\" needs a list of items"))),
        }
        w.path.pop();
    }
    Ok(())
}

/// A list of related items of one parent.
struct List<'a> {
    relation: &'a Relation,
    target: &'a Collection,
    parent: &'a Param,
    name: &'a str,
}

impl List<'_> {
    /// The keys that are on the list now.
    async fn current(&self, w: &mut Writing<'_>) -> Result<Vec<Param>> {
        let mut sql = w.sql();
        let foreign = Ident::new(&self.relation.many_field);
        sql.push("select ")
            .ident(&Ident::new(&self.target.key))
            .push(" from ")
            .ident(&self.target.table);
        sql.push(" where ")
            .ident(&foreign)
            .push(" = ")
            .param(self.parent.clone());
        let rows = w.fetch(sql.finish(Vec::new())).await?;
        Ok(rows
            .into_iter()
            .filter_map(|row| row.into_iter().next())
            .map(|cell| keys::from_json(self.target, &keys::to_json(&cell)).unwrap_or(cell))
            .collect())
    }

    fn pointed(&self, mut object: Object) -> Object {
        object.insert(self.relation.many_field.clone(), keys::to_json(self.parent));
        object
    }

    /// Makes the list these items: what is left out is let go of.
    async fn replace(&self, w: &mut Writing<'_>, items: Vec<Json>) -> Result<()> {
        let current = self.current(w).await?;
        let mut kept = Vec::new();
        for item in items {
            match item {
                Json::Object(object) => kept.push(self.save(w, object, &current).await?),
                Json::Number(_) | Json::String(_) => kept.push(self.take(w, &item, &current).await?),
                _ => {
                    return Err(Error::invalid_payload(format!(
                        "\"{}\" holds something that is neither an item nor a key",
                        self.name
                    )));
                }
            }
        }
        let gone: Vec<Param> = current.into_iter().filter(|key| !kept.contains(key)).collect();
        self.let_go(w, gone).await
    }

    /// Takes an item over by its key alone.
    async fn take(&self, w: &mut Writing<'_>, item: &Json, current: &[Param]) -> Result<Param> {
        let key = keys::from_json(self.target, item)?;
        if !current.contains(&key) {
            let taken = update(w, &self.target.name, vec![key.clone()], self.pointed(Object::new())).await?;
            if taken.is_empty() {
                return Err(Error::forbidden());
            }
        }
        Ok(key)
    }

    /// Makes or changes an item of the list.
    async fn save(&self, w: &mut Writing<'_>, mut object: Object, current: &[Param]) -> Result<Param> {
        let given = object.get(&self.target.key).filter(|key| !key.is_null()).cloned();
        let Some(given) = given else {
            object.remove(&self.target.key);
            return create(w, &self.target.name, self.pointed(object)).await;
        };
        let key = keys::from_json(self.target, &given)?;
        let listed = current.contains(&key);
        if !listed && w.existing(self.target, std::slice::from_ref(&key)).await?.is_empty() {
            return create(w, &self.target.name, self.pointed(object)).await;
        }
        object.remove(&self.target.key);
        let object = if listed { object } else { self.pointed(object) };
        if !object.is_empty()
            && update(w, &self.target.name, vec![key.clone()], object)
                .await?
                .is_empty()
        {
            return Err(Error::forbidden());
        }
        Ok(key)
    }

    /// Makes, changes and lets go of what is named, and leaves the rest of the list.
    async fn change(&self, w: &mut Writing<'_>, mut changes: Object) -> Result<()> {
        let mut part = |name: &str| match changes.remove(name) {
            None | Some(Json::Null) => Ok(Vec::new()),
            Some(Json::Array(items)) => Ok(items),
            Some(_) => Err(Error::invalid_payload(format!("\"{}.{name}\" needs a list", self.name))),
        };
        let (created, updated, deleted) = (part("create")?, part("update")?, part("delete")?);
        if !changes.is_empty() {
            return Err(Error::invalid_payload(format!(
                "\"{}\" takes a list, or \"create\", \"update\" and \"delete\"",
                self.name
            )));
        }
        self.create_all(w, created).await?;
        let current = self.current(w).await?;
        for item in updated {
            let Json::Object(object) = item else {
                return Err(Error::invalid_payload(format!("\"{}.update\" needs items", self.name)));
            };
            if object.get(&self.target.key).is_none_or(Json::is_null) {
                return Err(Error::invalid_payload(format!(
                    "\"{}.update\" needs the key of each item",
                    self.name
                )));
            }
            self.save(w, object, &current).await?;
        }
        let mut gone = Vec::new();
        for item in deleted {
            let key = keys::from_json(self.target, &item)?;
            if current.contains(&key) {
                gone.push(key);
            }
        }
        self.let_go(w, gone).await
    }

    /// Makes items at the end of the list.
    async fn create_all(&self, w: &mut Writing<'_>, items: Vec<Json>) -> Result<()> {
        let order = self
            .relation
            .sort_field
            .as_deref()
            .filter(|field| self.target.field(field).is_some());
        let last = match order {
            Some(order) if !items.is_empty() => Some((order, self.last(w, order).await?)),
            _ => None,
        };
        for (i, item) in items.into_iter().enumerate() {
            let Json::Object(mut object) = item else {
                return Err(Error::invalid_payload(format!("\"{}.create\" needs items", self.name)));
            };
            if let Some((order, last)) = last
                && !object.contains_key(order)
            {
                let place = i64::try_from(i).unwrap_or(0) + 1;
                object.insert(order.to_owned(), (last + place).into());
            }
            create(w, &self.target.name, self.pointed(object)).await?;
        }
        Ok(())
    }

    /// The greatest place on the list so far.
    async fn last(&self, w: &mut Writing<'_>, order: &str) -> Result<i64> {
        let mut sql = w.sql();
        sql.push("select max(")
            .ident(&Ident::new(order))
            .push(") from ")
            .ident(&self.target.table)
            .push(" where ");
        sql.ident(&Ident::new(&self.relation.many_field))
            .push(" = ")
            .param(self.parent.clone());
        let rows = w.fetch(sql.finish(Vec::new())).await?;
        Ok(match rows.first().and_then(|row| row.first()) {
            Some(Param::Int(n)) => *n,
            _ => 0,
        })
    }

    async fn let_go(&self, w: &mut Writing<'_>, gone: Vec<Param>) -> Result<()> {
        if gone.is_empty() {
            return Ok(());
        }
        match self.relation.deselect {
            Deselect::Delete => delete(w, &self.target.name, gone).await,
            Deselect::Nullify => {
                let mut none = Object::new();
                none.insert(self.relation.many_field.clone(), Json::Null);
                update(w, &self.target.name, gone, none).await.map(|_| ())
            }
        }
    }
}

/// A constraint's error, told with the field and value that broke it.
pub async fn explained(w: &mut Writing<'_>, c: &Collection, values: &Object, error: Error) -> Error {
    let told = |field: &str| values.get(field).cloned().unwrap_or(Json::Null);
    match error.code() {
        Code::RecordNotUnique => match error_field(&error) {
            Some(field) if c.field(&field).is_some_and(aedile_engine::schema::Field::is_concealed) => {
                Error::constraint(Code::RecordNotUnique, &c.name, Some(&field), Json::Null)
            }
            Some(field) => Error::constraint(Code::RecordNotUnique, &c.name, Some(&field), told(&field)),
            None => error,
        },
        Code::InvalidForeignKey if error_field(&error).is_some() => {
            let field = error_field(&error);
            Error::constraint(
                Code::InvalidForeignKey,
                &c.name,
                field.as_deref(),
                field.as_deref().map_or(Json::Null, told),
            )
        }
        Code::InvalidForeignKey => match dangling(w, c, values).await {
            Ok(Some(field)) => Error::constraint(Code::InvalidForeignKey, &c.name, Some(&field), told(&field)),
            _ => Error::constraint(Code::InvalidForeignKey, &c.name, None, Json::Null),
        },
        _ => error,
    }
}

/// The field that the database itself names.
fn error_field(error: &Error) -> Option<String> {
    let told = error.faults().first()?.extensions.get("field")?;
    told.as_str().map(str::to_owned)
}

/// The first foreign key of the values that leads nowhere.
async fn dangling(w: &mut Writing<'_>, c: &Collection, values: &Object) -> Result<Option<String>> {
    let snapshot = w.cx.snapshot.clone();
    for (name, value) in values.iter().filter(|(_, value)| !value.is_null()) {
        let Some(Link::One { target, .. }) = snapshot.model.schema.link(&c.name, name) else {
            continue;
        };
        let there = match keys::from_json(target, value) {
            Ok(key) => !w.existing(target, &[key]).await?.is_empty(),
            Err(_) => false,
        };
        if !there {
            return Ok(Some(name.clone()));
        }
    }
    Ok(None)
}
