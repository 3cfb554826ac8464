//! Passwords: argon2 hashes in PHC form, made and verified by a small bounded pool of blocking workers.
//!
//! Must never print or serialise a password, never hash on an async thread, and never answer quicker for a user that
//! does not exist than for one whose password is wrong.

use std::fmt;
use std::hint::black_box;
use std::num::NonZeroUsize;
use std::sync::Arc;

pub use aedile_platform::config::Hashing;

use aedile_platform::config::HashKind;
use argon2::password_hash::phc::{Output, PasswordHash};
use argon2::password_hash::{Error as HashError, PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, AssociatedData, Params, ParamsBuilder, Version};
use tokio::sync::Semaphore;

use crate::token::random_bytes;
use crate::{Error, Result};

#[cfg(test)]
mod tests;

/// Longest password that is hashed, in bytes: beyond any passphrase, and short enough for the policy's regexes.
/// A longer one is simply wrong at login.
pub const MAX_PASSWORD_BYTES: usize = 1024;

/// Passwords hashed at the same time at most, however many cores there are.
const MAX_WORKERS: usize = 3;

/// Passwords waiting or being hashed, beyond which callers are turned away rather than piling up.
const MAX_WAITING: usize = 512;

/// Random salt, in bytes: what the PHC specification recommends.
const SALT_BYTES: usize = 16;

/// Salt of the work that is done for nobody; its outcome is thrown away.
const NOBODYS_SALT: [u8; SALT_BYTES] = [0x5a; SALT_BYTES];

/// Most memory that a stored hash may ask for, in KiB (1 GiB): hashes may come with an adopted database.
const MAX_STORED_MEMORY_KIB: u32 = 1 << 20;

/// Most passes that a stored hash may ask for.
const MAX_STORED_TIME: u32 = 64;

/// Most lanes that a stored hash may ask for.
const MAX_STORED_PARALLELISM: u32 = 255;

/// The version a PHC string without `v=` was made with.
const VERSION_BEFORE_VERSIONS: u32 = 0x10;

/// A password as somebody typed it; not empty. Shows nothing when printed.
#[derive(Clone)]
pub struct Password(String);

impl Password {
    /// Wraps a password; [`Error::EmptyPassword`] for the empty one.
    pub fn new(text: impl Into<String>) -> Result<Self> {
        let text = text.into();
        if text.is_empty() {
            return Err(Error::EmptyPassword);
        }
        Ok(Self(text))
    }

    /// The password itself. Never to be logged.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether it is longer than what is ever hashed.
    #[must_use]
    pub fn is_too_long(&self) -> bool {
        self.0.len() > MAX_PASSWORD_BYTES
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// How new hashes are made. Stored ones carry all of it themselves.
fn argon2(hashing: &Hashing) -> Result<Argon2<'static>> {
    // A length that a PHC string cannot hold is to be known at start, not at the first password.
    if !(Output::MIN_LENGTH..=Output::MAX_LENGTH).contains(&hashing.length) {
        return Err(Error::Parameters);
    }
    let data = AssociatedData::new(hashing.associated_data.as_bytes()).map_err(|_| Error::Parameters)?;
    let params = ParamsBuilder::new()
        .m_cost(hashing.memory_kib)
        .t_cost(hashing.time)
        .p_cost(hashing.parallelism)
        .output_len(hashing.length)
        .data(data)
        .build()
        .map_err(|_| Error::Parameters)?;
    let algorithm = match hashing.kind {
        HashKind::D => Algorithm::Argon2d,
        HashKind::I => Algorithm::Argon2i,
        HashKind::Id => Algorithm::Argon2id,
    };
    Ok(Argon2::new(algorithm, Version::V0x13, params))
}

/// Passwords hashed at the same time: half the cores, so that requests always find one; each holds its memory cost (19 MiB by
/// default, 64 MiB where a reference made the hash), so a few at most.
fn workers() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    (cores / 2).clamp(1, MAX_WORKERS)
}

/// The workers that hash and verify. One for the whole process: the bound is only worth something when shared.
#[derive(Debug)]
pub struct Passwords {
    argon2: Argon2<'static>,
    workers: Arc<Semaphore>,
    places: Semaphore,
}

impl Passwords {
    /// Workers that make new hashes in this way; [`Error::Parameters`] when argon2 knows no such way.
    pub fn new(hashing: &Hashing) -> Result<Self> {
        Ok(Self {
            argon2: argon2(hashing)?,
            workers: Arc::new(Semaphore::new(workers())),
            places: Semaphore::new(MAX_WAITING),
        })
    }

    /// The PHC string to store for a new password. [`Error::LongPassword`] over [`MAX_PASSWORD_BYTES`].
    pub async fn hash(&self, password: Password) -> Result<String> {
        if password.is_too_long() {
            return Err(Error::LongPassword);
        }
        let argon2 = self.argon2.clone();
        let salt = random_bytes::<SALT_BYTES>()?;
        self.work(move || {
            let hash = argon2
                .hash_password_with_salt(password.0.as_bytes(), &salt)
                .map_err(|_| Error::Parameters)?;
            Ok(hash.to_string())
        })
        .await
    }

    /// Whether `password` is the one that `stored` (argon2d, argon2i or argon2id, PHC form) was made from.
    ///
    /// [`Error::UnsupportedHash`] when `stored` is nothing that can be verified, after the same work.
    pub async fn verify(&self, password: Password, stored: &str) -> Result<bool> {
        let argon2 = self.argon2.clone();
        let stored = stored.to_owned();
        self.work(move || {
            if password.is_too_long() {
                hash_for_nobody(&argon2, b"-");
                return Ok(false);
            }
            let verdict = verify_now(password.0.as_bytes(), &stored);
            if verdict.is_err() {
                hash_for_nobody(&argon2, password.0.as_bytes());
            }
            verdict
        })
        .await
    }

    /// Does the work of a verification and says no: for users who do not exist or have no password, so that the time
    /// taken tells nobody which addresses are known.
    pub async fn verify_nothing(&self, password: Password) -> Result<bool> {
        let argon2 = self.argon2.clone();
        self.work(move || {
            let bytes = if password.is_too_long() {
                b"-"
            } else {
                password.0.as_bytes()
            };
            hash_for_nobody(&argon2, bytes);
            Ok(false)
        })
        .await
    }

    /// Runs `job` on a blocking thread once a worker is free.
    ///
    /// The permit travels with the job: a caller who goes away does not free a worker that is still at it.
    async fn work<T: Send + 'static>(&self, job: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        let _place = self.places.try_acquire().map_err(|_| Error::Busy)?;
        let permit = Arc::clone(&self.workers)
            .acquire_owned()
            .await
            .map_err(|_| Error::Busy)?;
        let job = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            job()
        });
        job.await.map_err(|_| Error::Interrupted)?
    }
}

/// What the platform hashes passwords with.
pub fn hasher(passwords: Arc<Passwords>) -> aedile_platform::app::Hasher {
    Arc::new(move |password| {
        let passwords = Arc::clone(&passwords);
        Box::pin(async move { Ok(passwords.hash(Password::new(password)?).await?) })
    })
}

fn hash_for_nobody(argon2: &Argon2<'_>, password: &[u8]) {
    black_box(
        argon2
            .hash_password_with_salt(black_box(password), &NOBODYS_SALT)
            .is_ok(),
    );
}

fn verify_now(password: &[u8], stored: &str) -> Result<bool> {
    let mut hash = PasswordHash::new(stored).map_err(|_| Error::UnsupportedHash)?;
    Algorithm::try_from(hash.algorithm.as_str()).map_err(|_| Error::UnsupportedHash)?;
    if hash.salt.is_none() || hash.hash.is_none() {
        return Err(Error::UnsupportedHash);
    }
    hash.version.get_or_insert(VERSION_BEFORE_VERSIONS);
    let params = Params::try_from(&hash).map_err(|_| Error::UnsupportedHash)?;
    if params.m_cost() > MAX_STORED_MEMORY_KIB
        || params.t_cost() > MAX_STORED_TIME
        || params.p_cost() > MAX_STORED_PARALLELISM
    {
        return Err(Error::UnsupportedHash);
    }
    match Argon2::default().verify_password(password, &hash) {
        Ok(()) => Ok(true),
        Err(HashError::PasswordInvalid) => Ok(false),
        Err(_) => Err(Error::UnsupportedHash),
    }
}
