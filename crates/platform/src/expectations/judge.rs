//! Whether an expectation holds, and if not, why. Rows are compared as sets, by counting them in the database; the fields in
//! question decide which cases count, exactly as they do for a request that names them.

use std::sync::Arc;

use aedile_engine::{
    Error, Json, Object, Result,
    access::{Access, Action, Caller},
    query::{Filter, Key, Operand, Test},
    schema::Collection,
    value::Param,
};

use super::{
    case::{As, Case},
    told,
};
use crate::{
    Cx,
    access_file::{self, Rules, Stored, counted},
    document::Place,
    identity::{self, Identity},
    items::keys,
    reach::{self, Reach},
    trial::{Attempt, Outcome, Write},
};

/// Most rows that a payload is tried on.
const MAX_TRIED: u64 = 50;

/// Most rows that are named where some are wrong.
const MAX_NAMED: u64 = 2000;

/// Most keys in one line.
const MAX_KEYS: usize = 5;

/// A case on the project as it is.
struct Trial<'a> {
    /// The context of who is meant.
    theirs: Cx,
    /// The operator's.
    cx: &'a Cx,
    case: &'a Case,
    collection: &'a Collection,
}

/// Why an expectation does not hold; nothing where it does.
///
/// # Errors
/// What the database answers.
pub(super) async fn judge(cx: &Cx, stored: &Stored, case: &Case) -> Result<Vec<String>> {
    let Some(collection) = cx.schema().collection(&case.collection) else {
        return Ok(vec![format!("there is no collection \"{}\"", case.collection)]);
    };
    let who = match identity_of(stored, case) {
        Ok(who) => who,
        Err(why) => return Ok(vec![why]),
    };
    let theirs = match context(cx, &who).await {
        Ok(theirs) => theirs,
        Err(error) => return Ok(vec![error.reason()]),
    };
    let trial = Trial {
        theirs,
        cx,
        case,
        collection,
    };
    if let Some(why) = trial.misfit() {
        return Ok(vec![why]);
    }
    let why = match (&case.payload, case.can) {
        (Some(payload), _) => trial.with_payload(payload).await?,
        (None, true) => trial.can().await?,
        (None, false) => trial.cannot().await?,
    };
    let Some(why) = why else { return Ok(Vec::new()) };
    let mut all = vec![why];
    all.extend(told::why(cx, &who, case).await?);
    Ok(all)
}

/// Who is meant, as the explanations ask for it.
fn identity_of(stored: &Stored, case: &Case) -> Result<Object, String> {
    let mut who = Object::new();
    match &case.who {
        As::Public => who.insert("public".to_owned(), true.into()),
        As::User(word) => who.insert("user".to_owned(), word.as_str().into()),
        As::Role(word) => who.insert("role".to_owned(), word.as_str().into()),
        As::Policies(words) => {
            let mut drafts = Vec::with_capacity(words.len());
            for word in words {
                let policies = &stored.state.policies;
                let named: Vec<_> = policies
                    .iter()
                    .filter(|one| one.called() == word || one.id == *word)
                    .collect();
                match named.as_slice() {
                    [policy] => {
                        let mut draft = policy.row();
                        let rows = policy.permissions.iter().map(|one| Json::Object(one.row(None)));
                        draft.insert("permissions".to_owned(), rows.collect());
                        drafts.push(Json::Object(draft));
                    }
                    [] => return Err(format!("there is no policy \"{word}\"")),
                    _ => {
                        return Err(format!(
                            "several policies are called \"{word}\": write the id of the one"
                        ));
                    }
                }
            }
            who.insert("policies".to_owned(), drafts.into())
        }
    };
    if let Some(ip) = &case.ip {
        who.insert("ip".to_owned(), ip.as_str().into());
    }
    Ok(who)
}

/// The context in which they would ask.
async fn context(cx: &Cx, who: &Object) -> Result<Cx> {
    let identity = Identity::read(cx, who).await?;
    if matches!(&identity, Identity::User(person) if !person.is_active()) {
        return Err(Error::invalid_payload(
            "this user is not active, and can do nothing at all",
        ));
    }
    let caller: Caller = identity.caller(identity::address(who)?);
    let drafts = identity::drafts(who)?;
    let drafted = identity::with_drafts(&cx.snapshot.policies, &drafts, &caller);
    let policies = drafted.as_ref().unwrap_or(&cx.snapshot.policies);
    Ok(Cx {
        access: Arc::new(Access::of(policies, &caller)),
        caller: Arc::new(caller),
        ..cx.clone()
    })
}

/// What is expected, and what is.
type Verdict = Result<Option<String>>;

impl Trial<'_> {
    fn action(&self) -> Action {
        self.case.action
    }

    fn access(&self) -> &Access {
        &self.theirs.access
    }

    /// `read posts`.
    fn verb(&self) -> String {
        format!("{} {}", self.action().as_str(), self.collection.name)
    }

    /// What an expectation names that is not there: it would hold, or not, for the wrong reason.
    fn misfit(&self) -> Option<String> {
        let case = self.case;
        let named = case.fields.iter().chain(&case.hidden);
        let sent = case.payload.iter().flat_map(|payload| payload.keys());
        if let Some(name) = named.chain(sent).find(|name| self.collection.field(name).is_none()) {
            return Some(access_file::no_field(self.collection, name));
        }
        let rules = Rules {
            schema: self.cx.schema(),
            limits: self.cx.limits(),
        };
        let conditions = [
            ("where", &case.exactly),
            ("at_least", &case.at_least),
            ("at_most", &case.at_most),
        ];
        conditions.into_iter().find_map(|(name, filter)| {
            let error = access_file::misfit(&rules, self.collection, filter.as_ref()?)?;
            Some(format!("{}: {error}", Place::default().member(name)))
        })
    }

    /// Fields in question that are granted on no row.
    fn lacking(&self) -> Vec<&str> {
        let grant = self.access().grant(&self.collection.name, self.action());
        let fields = self.case.fields.iter().map(String::as_str);
        fields.filter(|field| !grant.has(field)).collect()
    }

    /// The condition on rows by which a field is reached.
    fn by(&self, field: Option<&str>) -> Reach {
        Reach::by(&self.theirs, self.access(), &self.collection.name, self.action(), field)
    }

    /// The rows on which all fields in question are reached; none where there is no such row.
    fn reached(&self) -> Option<Filter> {
        let all = self.by(None).filter()?;
        let mut conditions = vec![all];
        for field in &self.case.fields {
            conditions.push(self.by(Some(field)).filter()?);
        }
        Some(Filter::And(conditions))
    }

    /// The rows on which any field in question is reached.
    fn touched(&self) -> Option<Filter> {
        if self.case.fields.is_empty() {
            return self.by(None).filter();
        }
        let reaches = self.case.fields.iter().map(|field| self.by(Some(field)));
        reaches.fold(Reach::Nothing, |sum, next| sum.or(&next)).filter()
    }

    async fn count(&self, filter: Option<&Filter>) -> Result<u64> {
        reach::count(&self.theirs, &self.collection.name, filter).await
    }

    async fn can(&self) -> Verdict {
        if !self.access().grant(&self.collection.name, self.action()).is_some() {
            return Ok(Some(format!("they may not {} at all", self.verb())));
        }
        let lacking = self.lacking();
        if !lacking.is_empty() {
            return Ok(Some(format!("not granted on any row: {}", lacking.join(", "))));
        }
        let grant = self.access().grant(&self.collection.name, self.action());
        let shown: Vec<&str> = self
            .case
            .hidden
            .iter()
            .map(String::as_str)
            .filter(|field| grant.has(field))
            .collect();
        if !shown.is_empty() {
            return Ok(Some(format!("not hidden: {}", shown.join(", "))));
        }
        if self.action() == Action::Create {
            return Ok(None);
        }
        self.rows().await
    }

    /// Whether the rows reached are those that are expected.
    async fn rows(&self) -> Verdict {
        let reached = self.reached();
        let have = self.count(reached.as_ref()).await?;
        if let Some(rows) = self.case.rows.filter(|rows| *rows != have) {
            return Ok(Some(format!("{rows} rows are expected, and there are {have}")));
        }
        let item = self.item()?;
        let item_only = item.map(|key| self.only(&key));
        let case = self.case;
        for (filter, least, most) in [
            (case.exactly.as_ref(), true, true),
            (case.at_least.as_ref(), true, false),
            (case.at_most.as_ref(), false, true),
            (item_only.as_ref(), true, false),
        ] {
            let Some(wanted) = filter else { continue };
            let expected = self.count(Some(wanted)).await?;
            if least && expected == 0 {
                return Ok(Some("no row is expected, so this would show nothing".to_owned()));
            }
            let common = match &reached {
                Some(reached) => self.count(Some(&both(reached, wanted))).await?,
                None => 0,
            };
            if least && common < expected {
                let named = self.difference(Some(wanted), reached.as_ref()).await?;
                return Ok(Some(format!("{} of {expected} rows missing{named}", expected - common)));
            }
            if most && common < have {
                let named = self.difference(reached.as_ref(), Some(wanted)).await?;
                let extra = counted(usize::try_from(have - common).unwrap_or(usize::MAX), "row");
                return Ok(Some(format!("{extra} too many, besides {common} expected{named}")));
            }
        }
        Ok(None)
    }

    async fn cannot(&self) -> Verdict {
        let grant = self.access().grant(&self.collection.name, self.action());
        if !grant.is_some() {
            return Ok(None);
        }
        let granted: Vec<&str> = self
            .case
            .fields
            .iter()
            .map(String::as_str)
            .filter(|field| grant.has(field))
            .collect();
        if !self.case.fields.is_empty() && granted.is_empty() {
            return Ok(None);
        }
        let wanted = match (&self.case.exactly, self.item()?) {
            (Some(filter), _) => filter.clone(),
            (None, Some(key)) => self.only(&key),
            (None, None) if granted.is_empty() => return Ok(Some(format!("they may {}", self.verb()))),
            (None, None) => return Ok(Some(format!("they may {}: {}", self.verb(), granted.join(", ")))),
        };
        let expected = self.count(Some(&wanted)).await?;
        if expected == 0 {
            return Ok(Some("there is no such row, so this would show nothing".to_owned()));
        }
        let Some(touched) = self.touched() else { return Ok(None) };
        let common = both(&touched, &wanted);
        match self.count(Some(&common)).await? {
            0 => Ok(None),
            n => {
                let named =
                    self.named(&reach::first(&self.theirs, &self.collection.name, Some(&common), MAX_NAMED).await?);
                Ok(Some(format!(
                    "they may {} on {n} of {expected} such rows{named}",
                    self.verb()
                )))
            }
        }
    }

    /// Tries the payload, on every row in question, as who is meant and as the system.
    async fn with_payload(&self, payload: &Object) -> Verdict {
        let keys: Vec<Option<Param>> = match self.action() {
            Action::Create => vec![None],
            _ => {
                let found = self.tried().await?;
                if found.is_empty() {
                    return Ok(self.untried(payload));
                }
                found.into_iter().map(Some).collect()
            }
        };
        for key in keys {
            let on = key
                .as_ref()
                .map(|key| format!(" on {} {}", self.collection.key, keys::to_json(key)));
            let on = on.unwrap_or_default();
            let attempt = Attempt {
                collection: self.collection.name.clone(),
                write: match key {
                    None => Write::Create(payload.clone()),
                    Some(key) => Write::Update(key, payload.clone()),
                },
            };
            let why = match (attempt.run(&self.theirs).await?, self.case.can) {
                (Outcome::Done, true) => continue,
                (Outcome::Done, false) => format!("it would be stored{on}"),
                (Outcome::Denied(_), false) => match attempt.run(self.cx).await? {
                    Outcome::Done => continue,
                    Outcome::Denied(error) | Outcome::Failed(error) => {
                        format!("it is refused{on}, but would be to anybody: {}", error.reason())
                    }
                },
                (Outcome::Denied(error) | Outcome::Failed(error), true) => {
                    format!("refused{on}: {}", error.reason())
                }
                (Outcome::Failed(error), false) => {
                    format!("it fails{on}, but not for want of access: {}", error.reason())
                }
            };
            return Ok(Some(why));
        }
        Ok(None)
    }

    /// The verdict on a payload where there is no row to try it on: only what no row would take is refused for certain.
    fn untried(&self, payload: &Object) -> Option<String> {
        let grant = self.access().grant(&self.collection.name, self.action());
        let named = self.case.exactly.is_some() || self.case.item.is_some();
        if named {
            return Some("there is no such row, so this would show nothing".to_owned());
        }
        if !self.case.can && payload.keys().any(|name| !grant.has(name)) {
            return None;
        }
        Some("there is no row that they may change, so this would show nothing".to_owned())
    }

    /// The rows that a change is tried on: those named, or else those that may be changed at all.
    async fn tried(&self) -> Result<Vec<Param>> {
        if let Some(key) = self.item()? {
            let only = self.only(&key);
            return reach::first(&self.theirs, &self.collection.name, Some(&only), 1).await;
        }
        let filter = match &self.case.exactly {
            Some(filter) => Some(filter.clone()),
            None => self.by(None).filter(),
        };
        reach::first(&self.theirs, &self.collection.name, filter.as_ref(), MAX_TRIED).await
    }

    fn item(&self) -> Result<Option<Param>> {
        let key = self.case.item.as_ref();
        key.map(|key| keys::from_json(self.collection, key)).transpose()
    }

    /// The condition that a row has this key.
    fn only(&self, key: &Param) -> Filter {
        let is = Filter::Is(Test::Eq(Operand::Value(keys::to_json(key))));
        Filter::At(Key::Field(self.collection.key.clone()), Box::new(is))
    }

    /// Some keys of rows that meet the first condition and not the second.
    async fn difference(&self, these: Option<&Filter>, those: Option<&Filter>) -> Result<String> {
        let name = &self.collection.name;
        let those = reach::first(&self.theirs, name, those, MAX_NAMED).await?;
        let mut keys = reach::first(&self.theirs, name, these, MAX_NAMED).await?;
        keys.retain(|key| !those.contains(key));
        Ok(self.named(&keys))
    }

    fn named(&self, keys: &[Param]) -> String {
        if keys.is_empty() {
            return String::new();
        }
        let mut told: Vec<String> = keys
            .iter()
            .take(MAX_KEYS)
            .map(|key| keys::to_json(key).to_string())
            .collect();
        if keys.len() > MAX_KEYS {
            told.push("…".to_owned());
        }
        format!(" ({} {})", self.collection.key, told.join(", "))
    }
}

fn both(one: &Filter, other: &Filter) -> Filter {
    Filter::And(vec![one.clone(), other.clone()])
}
