//! What a caller may read and write, said as plainly as possible: in memory, row by row, without SQL and without haste.
//! It shares the parsed queries, the values and the description of the schema with the product, and nothing else: it must
//! never use the product's access, plans or statements, because it is what they are compared with.

mod access;
mod condition;
mod groups;
mod read;
mod select;
mod test;
mod value;
mod write;

use std::{
    cell::{Cell as Flag, RefCell},
    collections::{BTreeMap, BTreeSet, HashMap},
    net::IpAddr,
};

use aedile_engine::{
    query::Limits,
    schema::{Collection, Schema},
    value::Param,
};
use serde_json::{Map, Value as Json};

use access::Case;
pub use read::Target;
pub use write::Change;

/// A row by field; a field without a value is null. Decimals are held as fractions, dates as text.
pub type Row = BTreeMap<String, Param>;
/// A JSON object.
type Object = Map<String, Json>;

/// A whole project: what its data looks like, its rows, and who may do what.
#[derive(Clone, Debug)]
pub struct World {
    /// Collections and relations, those of users and roles included.
    pub schema: Schema,
    /// Rows by collection, in the order of their keys.
    pub rows: HashMap<String, Vec<Row>>,
    /// `directus_policies`.
    pub policies: Vec<Policy>,
    /// `directus_access`.
    pub attachments: Vec<Attachment>,
    /// `directus_permissions`.
    pub permissions: Vec<Permission>,
    /// The moment of the request, in milliseconds since 1970.
    pub now: i64,
}

/// A stored policy.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Its id.
    pub id: String,
    /// Grants everything.
    pub admin: bool,
    /// Grants the Studio, and what that needs.
    pub app: bool,
    /// The addresses from which it counts; none for everywhere.
    pub ip: Option<Vec<String>>,
}

/// Where a policy is attached: to a user, to a role, or to neither, which is the public.
#[derive(Clone, Debug)]
pub struct Attachment {
    /// The user.
    pub user: Option<String>,
    /// The role.
    pub role: Option<String>,
    /// The policy.
    pub policy: String,
}

/// A stored permission, as JSON.
#[derive(Clone, Debug)]
pub struct Permission {
    /// The policy it belongs to.
    pub policy: String,
    /// The collection.
    pub collection: String,
    /// The action.
    pub action: String,
    /// The rows.
    pub rule: Json,
    /// What payloads must meet.
    pub validation: Json,
    /// What is filled in.
    pub presets: Json,
    /// The fields.
    pub fields: Json,
}

/// Who asks.
#[derive(Clone, Debug)]
pub enum Caller {
    /// Nobody known.
    Public {
        /// From where.
        ip: Option<IpAddr>,
    },
    /// A user, whose role stands in its row.
    User {
        /// Its id.
        id: String,
        /// From where.
        ip: Option<IpAddr>,
    },
}

/// Why nothing is answered. Which of the two is told first is not part of the meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Missing or forbidden.
    Forbidden,
    /// It makes no sense.
    Invalid,
    /// What was sent breaks a validation.
    Failed,
}

/// An answer or a refusal.
pub type Answer<T> = Result<T, Refusal>;

/// A cell: collection, the row's key as text, field.
pub type Cell = (String, String, String);

/// Through whose eyes a condition looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Eyes {
    /// The caller's: what it may not see does not count.
    Caller,
    /// A rule's, which an administrator wrote: it reads whatever it names.
    Rule,
}

/// One caller in one world.
pub struct Session<'w> {
    world: &'w World,
    user: Option<String>,
    admin: bool,
    /// The role and those above it, the nearest first.
    roles: Vec<String>,
    /// The policies that count here and now.
    policies: Vec<String>,
    cases: HashMap<(String, String), Vec<Case>>,
    limits: Limits,
    /// The cells that rules and their variables have looked at.
    looked_at: RefCell<BTreeSet<Cell>>,
    /// Whether some value was told as null for want of a right to it.
    masked: Flag<bool>,
}

impl<'w> Session<'w> {
    /// Everything by name: a collection that is not there is told as a forbidden one.
    fn collection(&self, name: &str) -> Answer<&'w Collection> {
        self.world.schema.collection(name).ok_or(Refusal::Forbidden)
    }

    fn rows(&self, c: &Collection) -> &'w [Row] {
        self.world.rows.get(&c.name).map_or(&[], Vec::as_slice)
    }

    /// The value of a row's field; a missing row is a row of nulls.
    fn cell(&self, c: &Collection, row: Option<&Row>, field: &str, eyes: Eyes) -> Param {
        let Some(row) = row else { return Param::Null };
        if eyes == Eyes::Rule {
            self.looked_at
                .borrow_mut()
                .insert((c.name.clone(), key_text(c, row), field.to_owned()));
        }
        row.get(field).cloned().unwrap_or(Param::Null)
    }

    /// The rows of `c` whose field holds this value. Looking for them looks at the field in every row.
    fn pointing(&self, c: &'w Collection, field: &str, value: &Param, eyes: Eyes) -> Vec<&'w Row> {
        let rows = self.rows(c).iter();
        rows.filter(|row| value::same(&self.cell(c, Some(row), field, eyes), value))
            .collect()
    }

    /// The row of `c` with this key.
    fn by_key(&self, c: &'w Collection, key: &Param) -> Option<&'w Row> {
        self.rows(c)
            .iter()
            .find(|row| row.get(&c.key).is_some_and(|k| value::same(k, key)))
    }

    /// Every cell the caller may read: some permission covers the row and grants the field.
    pub fn readable_cells(&self) -> BTreeSet<Cell> {
        let mut cells = BTreeSet::new();
        for c in self.world.schema.collections() {
            for row in self.rows(c) {
                // Every rule is asked, also one that grants no field: it shows that there is a row.
                self.visible(c, row, Eyes::Caller);
                let fields = c
                    .fields
                    .values()
                    .filter(|f| !f.is_concealed() && self.sees(c, row, &f.name));
                cells.extend(fields.map(|f| (c.name.clone(), key_text(c, row), f.name.clone())));
            }
        }
        cells
    }

    /// The cells that rules and their variables have looked at so far.
    pub fn looked_at(&self) -> BTreeSet<Cell> {
        self.looked_at.borrow().clone()
    }
}

/// A row's key as text.
pub fn key_text(c: &Collection, row: &Row) -> String {
    row.get(&c.key).map_or_else(String::new, value::text)
}

impl Session<'_> {
    /// Whether some value was masked since this was asked last.
    pub fn has_masked(&self) -> bool {
        self.masked.take()
    }

    /// Whether the caller may do this with a collection at all.
    pub fn allows(&self, c: &Collection, action: &str) -> bool {
        self.may(c, action)
    }

    /// Whether some permission to do this grants the field.
    pub fn writes(&self, c: &Collection, action: &str, field: &str) -> bool {
        self.admin || self.cases(c, action).iter().any(|case| case.grants(field))
    }

    /// Whether the caller may do everything.
    pub fn is_admin(&self) -> bool {
        self.admin
    }
}
