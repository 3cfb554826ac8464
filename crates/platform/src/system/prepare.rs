//! Before a transaction begins: passwords and other hashed fields are judged and hashed, at any depth of the body, and what
//! may be filled in for them with it. Hashing takes long on purpose, so it never happens while the database waits; and what
//! was not hashed here is not stored.

use std::collections::HashMap;

use aedile_db::BoxFuture;
use aedile_engine::{
    Error, Json, Object, Result,
    access::Action,
    query::filter,
    schema::{Collection, Field, Link, Special},
};

use crate::Cx;

/// Hashes in one body: each costs tens of milliseconds and megabytes.
const MAX_HASHES: usize = 200;

/// What readers see in the place of a secret. Sent back, it means that nothing changes.
pub(crate) const MASK: &str = "**********";

/// Hashes of values that nobody sent: presets of permissions and defaults of fields, by what they are hashes of. They are
/// made once for a whole body, and so have one salt among them: that they are equal is no secret. Cannot be printed.
#[derive(Clone, Default)]
pub(crate) struct Hashes(HashMap<String, String>);

impl Hashes {
    /// A value that is filled in for a hashed field, as it is stored.
    ///
    /// # Errors
    /// `UNPROCESSABLE_CONTENT` for one that could not be hashed beforehand: it depends on who asks, or is not let through by
    /// the policy of passwords.
    pub fn of(&self, field: &Field, value: &Json) -> Result<Json> {
        if is_blank(value) {
            return Ok(Json::Null);
        }
        let hash = plain(value).and_then(|plain| self.0.get(&plain));
        hash.map(|hash| hash.as_str().into())
            .ok_or_else(|| Error::unprocessable(format!("what is filled in for \"{}\" cannot be hashed", field.name)))
    }
}

/// Gets one item of a body ready to be stored, and adds to the hashes what its transaction may fill in.
pub(crate) async fn prepare(cx: &Cx, collection: &str, item: &mut Object, hashes: &mut Hashes) -> Result<()> {
    let mut preparation = Preparation {
        cx,
        hashes,
        path: Vec::new(),
        left: MAX_HASHES,
    };
    preparation.walk(collection, item).await
}

struct Preparation<'a> {
    cx: &'a Cx,
    hashes: &'a mut Hashes,
    /// The relation fields that lead to the item at hand.
    path: Vec<String>,
    /// Hashes that may still be made.
    left: usize,
}

impl Preparation<'_> {
    fn walk<'s>(&'s mut self, collection: &'s str, item: &'s mut Object) -> BoxFuture<'s, Result<()>> {
        Box::pin(async move {
            let cx = self.cx;
            let Some(c) = cx.schema().collection(collection) else {
                return Ok(());
            };
            let concealed = |name: &str| c.field(name).is_some_and(Field::is_concealed);
            item.retain(|name, value| !(concealed(name) && value.as_str() == Some(MASK)));
            self.fill(c, item).await?;
            let names: Vec<String> = item.keys().cloned().collect();
            for name in names {
                let Some(field) = c.field(&name) else { continue };
                if field.is(Special::Hash) {
                    self.replace(c, item, &name).await?;
                    continue;
                }
                let target = match cx.schema().link(&c.name, &name) {
                    Some(Link::One { target, .. } | Link::Many { target, .. }) => target.name.clone(),
                    Some(Link::Any { relation }) => {
                        let which = relation
                            .one_collection_field
                            .as_ref()
                            .and_then(|f| item.get(f))
                            .and_then(Json::as_str);
                        let Some(which) = which else { continue };
                        which.to_owned()
                    }
                    None => continue,
                };
                self.path.push(name.clone());
                if let Some(value) = item.get_mut(&name) {
                    self.nested(&target, value).await?;
                }
                self.path.pop();
            }
            Ok(())
        })
    }

    async fn nested(&mut self, target: &str, value: &mut Json) -> Result<()> {
        // An item that is named by its key, or let go of, is changed as well.
        if let Some(c) = self.cx.schema().collection(target) {
            self.fill(c, &Object::new()).await?;
        }
        let mut lists: Vec<&mut Vec<Json>> = Vec::new();
        match value {
            Json::Object(object) if is_changes(object) => {
                lists.extend(
                    object
                        .iter_mut()
                        .filter(|(name, _)| *name != "delete")
                        .filter_map(|(_, list)| list.as_array_mut()),
                );
            }
            Json::Object(object) => return self.walk(target, object).await,
            Json::Array(list) => lists.push(list),
            _ => {}
        }
        for item in lists.into_iter().flatten().filter_map(Json::as_object_mut) {
            self.walk(target, item).await?;
        }
        Ok(())
    }

    /// Hashes what may be filled in where nothing is sent. Whether the item is made or changed is known in the transaction.
    async fn fill(&mut self, c: &Collection, item: &Object) -> Result<()> {
        let cx = self.cx;
        let hashed = |field: &&Field| field.is(Special::Hash) && !item.contains_key(&field.name);
        for field in c.fields.values().filter(hashed) {
            let cases = [Action::Create, Action::Update]
                .into_iter()
                .flat_map(|action| cx.access.grant(&c.name, action).cases());
            let presets = cases.filter_map(|case| case.presets.get(&field.name));
            let default = field.column.as_ref().and_then(|column| column.default.as_ref());
            for secret in presets
                .chain(default)
                .filter(|value| !is_blank(value))
                .filter_map(plain)
            {
                let depends = filter::variable(&secret).is_some();
                if depends || self.hashes.0.contains_key(&secret) || !self.accepts(c, field, &secret) {
                    continue;
                }
                let hash = self.hash(secret.clone()).await?;
                self.hashes.0.insert(secret, hash);
            }
        }
        Ok(())
    }

    /// Puts a hash in the place of what was sent.
    async fn replace(&mut self, c: &Collection, item: &mut Object, name: &str) -> Result<()> {
        let (Some(value), Some(field)) = (item.get(name), c.field(name)) else {
            return Ok(());
        };
        if value.is_null() {
            return Ok(());
        }
        let secret = plain(value).ok_or_else(|| Error::invalid_payload(format!("\"{name}\" takes a text")))?;
        // A password without a letter is one that the policy may refuse, and none to hash.
        if !self.accepts(c, field, &secret) {
            // What was sent is not repeated: errors end up in logs.
            return Err(Error::validation(name, &self.path, "regex"));
        }
        if secret.is_empty() {
            return Ok(());
        }
        let hash = self.hash(secret).await?;
        item.insert(name.to_owned(), hash.into());
        Ok(())
    }

    /// Whether the policy of passwords lets a secret through, if it is one.
    fn accepts(&self, c: &Collection, field: &Field, secret: &str) -> bool {
        c.name != "directus_users" || field.name != "password" || self.cx.app.accepts(secret)
    }

    async fn hash(&mut self, secret: String) -> Result<String> {
        self.left = self
            .left
            .checked_sub(1)
            .ok_or_else(|| Error::invalid_payload("too many values to hash at once"))?;
        self.cx.app.hash(secret).await
    }
}

/// `{create, update, delete}` rather than an item.
fn is_changes(object: &Object) -> bool {
    !object.is_empty()
        && object.iter().all(|(name, value)| {
            matches!(name.as_str(), "create" | "update" | "delete") && (value.is_array() || value.is_null())
        })
}

/// Nothing is no secret.
fn is_blank(value: &Json) -> bool {
    value.is_null() || value.as_str() == Some("")
}

/// A secret as the text that is hashed; none for what is no single value.
fn plain(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(_) | Json::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}
