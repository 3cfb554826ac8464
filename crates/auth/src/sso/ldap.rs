//! A directory (LDAP): somebody's name is searched for as the operator says, and the password shown to the directory
//! itself. Whom it names is decided by its own name for the entry, never by what somebody typed. Referrals and aliases are
//! not followed: the operator has named this directory and no other.

mod line;
mod message;

use std::{future::Future, time::Duration};

use aedile_egress::{Client, Wire};
use aedile_engine::{Error as Failure, Result};
use aedile_platform::config::{self, Encryption, Scope};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::{Instant, timeout_at},
};

use super::unavailable;
use crate::password::Password;
use line::{Fault, Line};
pub use message::Entry;
use message::{Filter, Outcome, Search, code};

/// How long a directory may take with everything that is asked of it for one login.
const TIME: Duration = Duration::from_secs(10);

/// How long it may look for entries, in seconds.
const SEARCH_SECONDS: i32 = 5;

/// Connections at the same time; whoever comes beyond that waits, within the same time.
const MAX_LINES: usize = 32;

/// Groups of one person.
const MAX_GROUPS: usize = 1_000;

/// What a group is called.
const GROUP_NAME: &str = "cn";

/// The attribute of groups that names their members by user names (RFC 2307); any other names them by entries.
const MEMBER_NAMES: &str = "memberUid";

/// The user name in such a group.
const USER_NAME: &str = "uid";

/// Says that an account is disabled: Active Directory's flags, with the bit that counts.
const CONTROL: &str = "userAccountControl";
const DISABLED: i64 = 0x2;

/// The same in directories of other makers, with the value that counts.
const LOCKS: [(&str, &str); 2] = [("nsAccountLock", "true"), ("pwdAccountLockedTime", "000001010000Z")];

/// A directory of the project.
pub struct Directory {
    pub provider: config::Provider,
    own: config::Directory,
    lines: Semaphore,
}

/// A connection to a directory, as whom the operator says.
pub struct Visit<'d> {
    directory: &'d Directory,
    line: Line<Wire>,
    end: Instant,
    _place: SemaphorePermit<'d>,
}

impl Directory {
    /// The directory of a provider; none for one that is none.
    pub fn new(provider: &config::Provider) -> Option<Directory> {
        Some(Directory {
            own: provider.directory.clone()?,
            provider: provider.clone(),
            lines: Semaphore::new(MAX_LINES),
        })
    }

    /// Connects, and shows who asks.
    ///
    /// # Errors
    /// `SERVICE_UNAVAILABLE` where that cannot be; the log says why.
    pub async fn visit(&self, client: &Client) -> Result<Visit<'_>> {
        let end = Instant::now() + TIME;
        let place = self.in_time(end, async { self.lines.acquire().await.map_err(|_| Fault::Lost) });
        let place = place.await?;
        let line = self.in_time(end, self.connect(client)).await?;
        let mut visit = Visit {
            directory: self,
            line: Line::new(line),
            end,
            _place: place,
        };
        visit.introduce().await?;
        Ok(visit)
    }

    async fn connect(&self, client: &Client) -> std::result::Result<Wire, Fault> {
        let wire = client.open(&self.own.host, self.own.port).await;
        let wire = wire.map_err(Fault::Connection)?;
        let wire = match self.own.encryption {
            Encryption::None => return Ok(wire),
            Encryption::Always => wire,
            Encryption::StartTls => Line::new(wire).start_tls().await?,
        };
        client.encrypt(wire).await.map_err(Fault::Connection)
    }

    /// What is done within the time that a visit has.
    async fn in_time<T>(&self, end: Instant, done: impl Future<Output = std::result::Result<T, Fault>>) -> Result<T> {
        let why = match timeout_at(end, done).await {
            Ok(Ok(done)) => return Ok(done),
            Ok(Err(fault)) => fault.to_string(),
            Err(_) => "it took too long".to_owned(),
        };
        Err(self.fails(&why))
    }

    /// The directory fails us: the reason is for the operator.
    fn fails(&self, why: &str) -> Failure {
        tracing::warn!(provider = self.provider.name, "the directory: {why}");
        unavailable()
    }

    /// What is told of a person.
    fn attributes(&self) -> Vec<String> {
        let own = &self.own;
        let mut names = vec![
            own.mail_attribute.clone(),
            own.first_name_attribute.clone(),
            own.last_name_attribute.clone(),
            CONTROL.to_owned(),
            USER_NAME.to_owned(),
        ];
        names.extend(LOCKS.map(|(name, _)| name.to_owned()));
        names
    }

    /// The address, and the names, of an entry.
    pub fn told<'e>(&self, entry: &'e Entry) -> [Option<&'e str>; 3] {
        let own = &self.own;
        [&own.mail_attribute, &own.first_name_attribute, &own.last_name_attribute].map(|name| entry.text(name))
    }

    /// Whether the roles of users follow from groups.
    pub fn has_groups(&self) -> bool {
        self.own.group_dn.is_some()
    }
}

impl Visit<'_> {
    /// Shows who asks, unless the operator has it asked by nobody in particular.
    async fn introduce(&mut self) -> Result<()> {
        let own = &self.directory.own;
        if own.bind_dn.is_empty() {
            return Ok(());
        }
        let shown = self.line.bind(&own.bind_dn, own.bind_password.expose());
        match self.directory.in_time(self.end, shown).await? {
            Ok(()) => Ok(()),
            Err(outcome) => Err(self.directory.fails(&Fault::Refused(outcome).to_string())),
        }
    }

    /// The entry that somebody is known by; none where there is none, or several.
    ///
    /// # Errors
    /// `SERVICE_UNAVAILABLE`.
    pub async fn find(&mut self, name: &str) -> Result<Option<Entry>> {
        let own = &self.directory.own;
        let search = Search {
            base: own.user_dn.clone(),
            scope: own.user_scope,
            filter: Filter::Equal(own.user_attribute.clone(), name.as_bytes().to_vec()),
            attributes: self.directory.attributes(),
            // One more than there may be.
            limit: 2,
            seconds: SEARCH_SECONDS,
        };
        let (mut found, outcome) = self.search(&search).await?;
        match (found.pop(), outcome.code) {
            (None, code::SUCCESS) => Ok(None),
            (Some(one), code::SUCCESS) if found.is_empty() => Ok(Some(one)),
            (Some(_), code::SUCCESS | code::SIZE_LIMIT) => {
                let provider = &self.directory.provider.name;
                tracing::warn!(
                    provider,
                    "a name leads to several entries of the directory: nobody is let in by it"
                );
                Ok(None)
            }
            _ => Err(self.refuses(outcome)),
        }
    }

    /// The entry of that name; none where there is none any more.
    ///
    /// # Errors
    /// `SERVICE_UNAVAILABLE`.
    pub async fn read(&mut self, dn: &str) -> Result<Option<Entry>> {
        let search = Search {
            base: dn.to_owned(),
            scope: Scope::Base,
            filter: Filter::All,
            attributes: self.directory.attributes(),
            limit: 1,
            seconds: SEARCH_SECONDS,
        };
        let (mut found, outcome) = self.search(&search).await?;
        match outcome.code {
            code::SUCCESS => Ok(found.pop()),
            code::NO_SUCH_OBJECT => Ok(None),
            _ => Err(self.refuses(outcome)),
        }
    }

    /// Whether this is the password of an entry. Whoever asks next has to be shown again.
    ///
    /// # Errors
    /// `SERVICE_UNAVAILABLE`. A refusal for any reason is none.
    pub async fn proves(&mut self, entry: &Entry, password: &Password) -> Result<bool> {
        let shown = self.line.bind(&entry.dn, password.expose());
        match self.directory.in_time(self.end, shown).await? {
            Ok(()) => Ok(true),
            Err(outcome) => {
                if outcome.code != code::INVALID_CREDENTIALS {
                    let why = Fault::Refused(outcome);
                    tracing::info!(provider = self.directory.provider.name, "a login was {why}");
                }
                Ok(false)
            }
        }
    }

    /// The names of the groups that an entry is in.
    ///
    /// # Errors
    /// `SERVICE_UNAVAILABLE`, also where there are more than anybody has.
    pub async fn groups(&mut self, entry: &Entry) -> Result<Vec<String>> {
        let own = &self.directory.own;
        let Some(base) = own.group_dn.clone() else {
            return Ok(Vec::new());
        };
        let member = if own.group_attribute.eq_ignore_ascii_case(MEMBER_NAMES) {
            entry.text(USER_NAME)
        } else {
            Some(entry.dn.as_str())
        };
        let Some(member) = member else { return Ok(Vec::new()) };
        let search = Search {
            base,
            scope: own.group_scope,
            filter: Filter::Equal(own.group_attribute.clone(), member.as_bytes().to_vec()),
            attributes: vec![GROUP_NAME.to_owned()],
            limit: MAX_GROUPS,
            seconds: SEARCH_SECONDS,
        };
        self.introduce().await?;
        let (found, outcome) = self.search(&search).await?;
        if outcome.code != code::SUCCESS {
            return Err(self.refuses(outcome));
        }
        Ok(found
            .iter()
            .filter_map(|group| group.text(GROUP_NAME).map(str::to_owned))
            .collect())
    }

    async fn search(&mut self, search: &Search) -> Result<(Vec<Entry>, Outcome)> {
        self.directory.in_time(self.end, self.line.search(search)).await
    }

    fn refuses(&self, outcome: Outcome) -> Failure {
        self.directory.fails(&Fault::Refused(outcome).to_string())
    }
}

/// Whether a directory says that an account is not to be used.
pub fn is_disabled(entry: &Entry) -> bool {
    let flags = entry.text(CONTROL).and_then(|flags| flags.parse::<i64>().ok());
    flags.is_some_and(|flags| flags & DISABLED != 0)
        || LOCKS
            .iter()
            .any(|(name, locked)| entry.text(name).is_some_and(|value| value.eq_ignore_ascii_case(locked)))
}
