//! Writes, judged by the evaluator and by the platform's own verbs on a real project: installed tables, stored metadata
//! and permissions, everything read back from the database as a server would.

use std::sync::Arc;

use aedile_engine::{
    Code, Object, Result,
    query::Query,
    schema::{Collection, Field, Kind, Link},
};
use aedile_platform::{Cx, Origin, items};
use serde_json::{Value as Json, json};

use super::{
    compare,
    finding::{Finding, Place},
    ground, product,
    project::Project,
    random::Random,
    report::Report,
    values, worlds,
};
use crate::{
    evaluator::{self, Change, Session},
    world::{Attachment, Caller, Permission, Policy, World},
};

/// How deep items are nested in a payload.
const DEPTH: usize = 2;
/// Writes that each caller of a world tries, one after another.
const WRITES: usize = 25;
/// Writes in each world, by its two callers.
pub(super) const PER_WORLD: u64 = 50;

impl Project<'_> {
    fn write(&self, cx: &Cx, c: &Collection, change: &Change) -> Result<()> {
        let none = Query::default();
        let counts = cx.schema().collections().filter(|c| worlds::is_made(&c.name));
        let counts = counts.filter(|c| c.key_field().is_some_and(|key| key.kind == Kind::Integer));
        self.run(ground::counted(self.dialect(), counts))?;
        self.runtime.block_on(async {
            match change {
                Change::Create(sent) => items::create(cx, &c.name, Json::Object(sent.clone()), &none)
                    .await
                    .map(drop),
                Change::Update(of, sent) => items::update_many(cx, &c.name, json!({"keys": of, "data": sent}), &none)
                    .await
                    .map(drop),
                Change::Delete(of) => items::delete_many(cx, &c.name, json!({"keys": of})).await,
            }
        })
    }

    /// Everything a collection holds, as an administrator is told.
    fn everything(&self, cx: &Cx, c: &Collection) -> Result<Vec<u8>> {
        let system = cx.as_system(aedile_engine::access::Reason::Bookkeeping);
        let answer = self
            .runtime
            .block_on(items::list(&system, &c.name, &Query::default()))?;
        Ok([b"{\"data\":".to_vec(), answer.data.unwrap_or_default(), b"}".to_vec()].concat())
    }
}

/// Writes in one world: verdicts and rows must be alike.
pub(super) fn probe(project: &Project<'_>, (seed, number): Place, report: &mut Report) -> Result<()> {
    let mut random = Random::new(seed ^ 0x5772_6974_6573, number);
    let (mut world, callers) = worlds::world(&mut random, project.dialect(), values::NOW);
    permissions(&mut random, &mut world);
    let app = project.load(&world)?;
    world.schema = Arc::new(app.snapshot().model.schema.clone());
    for caller in &callers {
        let cx = app.cx(
            app.snapshot(),
            product::known(&world, caller),
            Origin::default(),
            values::NOW,
        );
        for _ in 0..WRITES {
            if let Some((c, change)) = change(&mut random, &world, caller)
                && let Some(text) = one_write(project, &cx, &mut world, caller, &c, &change, report)
            {
                report.findings.push(Finding {
                    again: format!("--seed {seed} --world {number}"),
                    text,
                });
                return Ok(());
            }
        }
    }
    Ok(())
}

/// One write on both sides; what there is to tell if they are not alike.
fn one_write(
    project: &Project<'_>,
    cx: &Cx,
    world: &mut World,
    caller: &Caller,
    c: &Collection,
    change: &Change,
    report: &mut Report,
) -> Option<String> {
    let ours = project.write(cx, c, change);
    let theirs = evaluator::write(world, caller, &c.name, change.clone());
    report.writes += 1;
    report.written += u64::from(theirs.is_some());
    let alike = match (&ours, theirs) {
        (Err(error), None) => error.code() != Code::Internal,
        (Ok(()), Some(after)) => {
            *world = after;
            true
        }
        _ => false,
    };
    let id = worlds::USERS.last().copied().unwrap_or_default().to_owned();
    let all = administered(world, &id);
    let session = Session::new(
        &all,
        &Caller {
            user: Some(id),
            ip: None,
        },
    );
    // A write may have reached any collection: all of them must be as they should.
    let mut wrong = None;
    for other in world.schema.collections().filter(|other| worlds::is_made(&other.name)) {
        let stored = project.everything(cx, other);
        let expected = session
            .read(&other.name, &Query::default())
            .map(|told| json!({ "data": told }));
        if !(alike && compare::agree(&stored, &expected)) {
            wrong = Some((other.name.clone(), stored, expected));
            break;
        }
    }
    let (other, stored, expected) = wrong?;
    let told = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let permissions: Vec<_> = world.permissions.iter().filter(|p| p.action != "read").collect();
    Some(format!(
        "caller    {caller:?}\nwrite     {} {change:?}\nproduct   {ours:?}\nstored    {other} {}\nevaluator {}\npermits   {permissions:?}\nattached  {:?}\n",
        c.name,
        stored.as_deref().map_or_else(|e| format!("{e:?}"), told),
        expected.map_or_else(|| "refused".to_owned(), |json| json.to_string()),
        world.attachments,
    ))
}

/// The world with somebody in it who may read everything.
fn administered(world: &World, user: &str) -> World {
    let mut world = world.clone();
    world.policies.push(Policy {
        id: "all".into(),
        admin: true,
        app: false,
        ip: None,
    });
    world.attachments.push(Attachment {
        user: Some(user.to_owned()),
        role: None,
        policy: "all".into(),
    });
    world
}

/// A random write that has a chance of being allowed.
fn change(random: &mut Random, world: &World, caller: &Caller) -> Option<(Collection, Change)> {
    let session = Session::new(world, caller);
    let collections: Vec<&Collection> = world
        .schema
        .collections()
        .filter(|c| !c.system && worlds::is_made(&c.name))
        .collect();
    let action = random.pick(&["create", "update", "update", "delete"]);
    let open: Vec<&Collection> = collections.iter().copied().filter(|c| session.may(c, action)).collect();
    let from = if open.is_empty() || random.chance(5) {
        &collections
    } else {
        &open
    };
    let c = *random.one(from)?;
    let rows = world.rows.get(&c.name).map_or(&[][..], Vec::as_slice);
    let mut keys: Vec<Json> = Vec::new();
    for _ in 0..random.between(1, 2) {
        keys.extend(
            random
                .one(rows)
                .and_then(|row| row.get(&c.key).cloned())
                .filter(|key| !keys.contains(key)),
        );
    }
    let key = c.key_field().map_or(Kind::Integer, |field| field.kind);
    if random.chance(3) || keys.is_empty() {
        keys.push(worlds::key(key, 9_000));
    }
    let sent = sent(random, world, &session, c, action, 0);
    Some((
        c.clone(),
        match action {
            "create" => Change::Create(sent),
            "update" => Change::Update(keys, sent),
            _ => Change::Delete(keys),
        },
    ))
}

/// Values for some fields, mostly such as may be written; related items among them.
fn sent(
    random: &mut Random,
    world: &World,
    session: &Session<'_>,
    c: &Collection,
    action: &str,
    depth: usize,
) -> Object {
    let mut sent = Object::new();
    for field in c.fields.values().filter(|field| field.name != c.key) {
        let often = match (session.grants(c, action, &field.name), action) {
            (false, _) => 1,
            (true, "create") => 80,
            (true, _) => 35,
        };
        if !random.chance(often) {
            continue;
        }
        let value = match world.schema.link(&c.name, &field.name) {
            Some(Link::Many { target, .. }) if depth < DEPTH && !target.system && random.chance(60) => {
                Some(list(random, world, session, target, depth + 1))
            }
            Some(Link::One { target, .. }) if depth < DEPTH && !target.system && random.chance(30) => {
                Some(item(random, world, session, target, depth + 1))
            }
            _ => field.column.as_ref().map(|_| payload(random, world, c, field)),
        };
        sent.extend(value.map(|value| (field.name.clone(), value)));
    }
    let key = c.key_field().map_or(Kind::Integer, |field| field.kind);
    if action == "create" && (key != Kind::Integer || random.chance(10)) {
        sent.insert(c.key.clone(), worlds::key(key, random.between(1, 60)));
    }
    if random.chance(2) {
        sent.insert("unheard_of".into(), 1.into());
    }
    sent
}

/// A related item: a new one, or one that is there with changes.
fn item(random: &mut Random, world: &World, session: &Session<'_>, c: &Collection, depth: usize) -> Json {
    if random.chance(40) {
        return sent(random, world, session, c, "create", depth).into();
    }
    let mut changed = sent(random, world, session, c, "update", depth);
    if random.chance(20) {
        changed.clear();
    }
    changed.insert(c.key.clone(), some_key(random, world, c));
    changed.into()
}

/// A list of related items: all of them, or what is to be done.
fn list(random: &mut Random, world: &World, session: &Session<'_>, c: &Collection, depth: usize) -> Json {
    let several = |random: &mut Random, make: &dyn Fn(&mut Random) -> Json| -> Json {
        (0..random.between(0, 2)).map(|_| make(random)).collect()
    };
    let any = |random: &mut Random| match random.below(3) {
        0 => some_key(random, world, c),
        _ => item(random, world, session, c, depth),
    };
    if random.chance(35) {
        return several(random, &any);
    }
    let changed = |random: &mut Random| {
        let mut changed = sent(random, world, session, c, "update", depth);
        changed.insert(c.key.clone(), some_key(random, world, c));
        changed.into()
    };
    let mut parts = Object::new();
    if random.chance(60) {
        let new = |random: &mut Random| sent(random, world, session, c, "create", depth).into();
        parts.insert("create".into(), several(random, &new));
    }
    if random.chance(40) {
        parts.insert("update".into(), several(random, &changed));
    }
    if random.chance(30) {
        parts.insert("delete".into(), several(random, &|random| some_key(random, world, c)));
    }
    parts.into()
}

/// The key of a row that is there; now and then of none.
fn some_key(random: &mut Random, world: &World, c: &Collection) -> Json {
    let rows = world.rows.get(&c.name).map_or(&[][..], Vec::as_slice);
    let found = random
        .one(rows)
        .and_then(|row| row.get(&c.key))
        .filter(|_| random.chance(96));
    let kind = c.key_field().map_or(Kind::Integer, |field| field.kind);
    found.cloned().unwrap_or_else(|| worlds::key(kind, 70))
}

/// A value as a client would send it.
fn payload(random: &mut Random, world: &World, c: &Collection, field: &Field) -> Json {
    match worlds::cell(random, &world.schema, c, field) {
        Json::String(text) if field.kind == Kind::Csv => text.split(',').filter(|part| !part.is_empty()).collect(),
        value => value,
    }
}

/// Permissions to write, with presets and validations.
fn permissions(random: &mut Random, world: &mut World) {
    for policy in world.policies.clone() {
        let names: Vec<String> = world
            .schema
            .collections()
            .filter(|c| !c.system)
            .map(|c| c.name.clone())
            .collect();
        for (name, action) in names
            .iter()
            .flat_map(|name| ["create", "update", "delete"].map(|action| (name, action)))
        {
            while random.chance(55) {
                let mut permission = worlds::permission(random, world, &policy.id, name);
                action.clone_into(&mut permission.action);
                if let Some(c) = world.schema.collection(name) {
                    decorate(random, world, c, &mut permission);
                }
                world.permissions.push(permission);
            }
        }
    }
}

/// Presets and validations.
fn decorate(random: &mut Random, world: &World, c: &Collection, permission: &mut Permission) {
    let plain: Vec<&Field> = c
        .fields
        .values()
        .filter(|f| f.column.is_some() && f.name != c.key && world.schema.link(&c.name, &f.name).is_none())
        .filter(|f| !matches!(f.kind, Kind::Json | Kind::Csv))
        .filter(|f| f.name != "collection")
        .collect();
    if let Some(field) = random.one(&plain).filter(|_| random.chance(30)) {
        let preset = match field.kind {
            Kind::Uuid if random.chance(60) => "$CURRENT_USER".into(),
            Kind::String if random.chance(40) => "$CURRENT_USER.first_name".into(),
            Kind::Integer if random.chance(40) => "$CURRENT_USER.level".into(),
            _ => payload(random, world, c, field),
        };
        permission.presets = json!({ field.name.clone(): preset });
    }
    let open: Vec<&Field> = plain.into_iter().filter(|field| !field.is_concealed()).collect();
    let mut parts: Vec<Json> = Vec::new();
    while random.chance(if parts.is_empty() { 35 } else { 25 }) {
        parts.extend(
            random
                .one(&open)
                .map(|field| json!({ field.name.clone(): validation(random, field) })),
        );
    }
    if parts.len() > 1 {
        let name = random.pick(&["_and", "_or"]);
        permission.validation = json!({ name: parts });
    } else if let Some(part) = parts.pop() {
        permission.validation = part;
    }
}

/// A test of a value that is sent.
fn validation(random: &mut Random, field: &Field) -> Json {
    let kind = field.kind;
    let operator = random.pick(match kind {
        kind if kind.is_text() => &[
            "_eq",
            "_neq",
            "_in",
            "_nin",
            "_null",
            "_nnull",
            "_empty",
            "_nempty",
            "_contains",
            "_ncontains",
            "_icontains",
            "_starts_with",
            "_nstarts_with",
            "_istarts_with",
            "_ends_with",
            "_nends_with",
            "_niends_with",
            "_regex",
            "_submitted",
        ],
        kind if kind.is_number() || kind.is_temporal() => &[
            "_eq",
            "_neq",
            "_in",
            "_nin",
            "_null",
            "_nnull",
            "_lt",
            "_lte",
            "_gt",
            "_gte",
            "_between",
            "_nbetween",
            "_submitted",
        ],
        _ => &["_eq", "_neq", "_null", "_nnull", "_submitted"],
    });
    let mut value = || match values::cell(random, kind) {
        Json::String(text) if text.is_empty() => "a".into(),
        value => value,
    };
    let value: Json = match operator {
        "_in" | "_nin" | "_between" | "_nbetween" => (0..2).map(|_| value()).collect(),
        "_regex" => "^[ab]".into(),
        "_null" | "_nnull" | "_empty" | "_nempty" | "_submitted" => true.into(),
        _ => value(),
    };
    json!({ operator: value })
}
