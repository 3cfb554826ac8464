//! Counts that several processes share, in Redis. It is asked within a short time or not at all: while it is away nobody waits
//! for it, each process counts by itself, and the log says so once. Must never be what a request fails by.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use aedile_egress::Client;
use aedile_platform::{
    config,
    limiter::shared::{Asked, Away, Shared},
};
use parking_lot::Mutex;
use redis::{AsyncConnectionConfig, FromRedisValue, RedisConnectionInfo, Script, aio::MultiplexedConnection};
use tokio::time::timeout;

/// How long a question may take: longer than within one network, shorter than anybody notices.
const TIME: Duration = Duration::from_millis(250);

/// How long a new connection may take.
const CONNECT_TIME: Duration = Duration::from_secs(2);

/// Between two tries to reach a store that is away.
const PAUSE: Duration = Duration::from_secs(1);

/// How all keys begin, since a store may serve others as well.
const PREFIX: &str = "aedile:limit:";

/// Counts one hit, unless there are as many as there may be: then tells how long that lasts.
const HIT: &str = "
local hits = tonumber(redis.call('get', KEYS[1]) or '0')
if hits >= tonumber(ARGV[1]) then
  return math.max(1, redis.call('pttl', KEYS[1]))
end
redis.call('incr', KEYS[1])
if hits == 0 then
  redis.call('pexpire', KEYS[1], ARGV[2])
end
return 0";

const TAKE_BACK: &str = "
if tonumber(redis.call('get', KEYS[1]) or '0') > 0 then
  return redis.call('decr', KEYS[1])
end
return 0";

const ADD: &str = "
local count = redis.call('incr', KEYS[1])
redis.call('pexpire', KEYS[1], ARGV[1])
return count";

const FORGET: &str = "return redis.call('del', KEYS[1])";

/// A store.
pub struct Redis(Arc<Store>);

struct Store {
    client: Client,
    place: config::Redis,
    line: Mutex<Line>,
    scripts: Scripts,
}

struct Scripts {
    hit: Script,
    take_back: Script,
    add: Script,
    forget: Script,
}

/// How it stands with the connection, which all questions share.
enum Line {
    Open(MultiplexedConnection),
    Away {
        /// When it was last tried to make one.
        tried: Option<Instant>,
        /// Whether the log says so.
        told: bool,
    },
}

impl Redis {
    /// A store that is reached when it is asked for the first time.
    pub fn new(place: &config::Redis, client: Client) -> Redis {
        Redis(Arc::new(Store {
            client,
            place: place.clone(),
            line: Mutex::new(Line::Away {
                tried: None,
                told: false,
            }),
            scripts: Scripts {
                hit: Script::new(HIT),
                take_back: Script::new(TAKE_BACK),
                add: Script::new(ADD),
                forget: Script::new(FORGET),
            },
        }))
    }
}

impl Store {
    /// Runs a script on a key.
    async fn ask<T: FromRedisValue>(self: &Arc<Self>, script: &Script, key: &str, values: &[i64]) -> Result<T, Away> {
        let mut line = self.line().await?;
        let mut asked = script.prepare_invoke();
        asked.key(format!("{PREFIX}{key}"));
        for value in values {
            asked.arg(*value);
        }
        match timeout(TIME, asked.invoke_async(&mut line)).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(self.lost(&error.to_string())),
            Err(_) => Err(self.lost("it took too long")),
        }
    }

    /// The connection. Of those who find none one has it made, and waits for that no longer than for an answer; the others
    /// do not wait.
    async fn line(self: &Arc<Self>) -> Result<MultiplexedConnection, Away> {
        match &mut *self.line.lock() {
            Line::Open(open) => return Ok(open.clone()),
            Line::Away { tried, .. } if tried.is_some_and(|tried| tried.elapsed() < PAUSE) => return Err(Away),
            Line::Away { tried, .. } => *tried = Some(Instant::now()),
        }
        let store = self.clone();
        let made = tokio::spawn(async move { store.reach().await });
        timeout(TIME, made).await.ok().and_then(Result::ok).unwrap_or(Err(Away))
    }

    /// Makes the connection, and keeps it.
    async fn reach(&self) -> Result<MultiplexedConnection, Away> {
        let made = timeout(CONNECT_TIME, self.connect()).await;
        match made.unwrap_or_else(|_| Err("it took too long".to_owned())) {
            Ok(open) => {
                let before = std::mem::replace(&mut *self.line.lock(), Line::Open(open.clone()));
                if matches!(before, Line::Away { told: true, .. }) {
                    tracing::info!("Redis is back: limits are shared again");
                }
                Ok(open)
            }
            Err(why) => Err(self.lost(&why)),
        }
    }

    async fn connect(&self) -> Result<MultiplexedConnection, String> {
        let place = &self.place;
        let told = |error: aedile_egress::Error| error.to_string();
        let mut wire = self.client.open(&place.host, place.port).await.map_err(told)?;
        if place.encrypted {
            wire = self.client.encrypt(wire).await.map_err(told)?;
        }
        let mut who = RedisConnectionInfo::default().set_db(place.database);
        if let Some(user) = &place.user {
            who = who.set_username(user);
        }
        if !place.password.expose().is_empty() {
            who = who.set_password(place.password.expose());
        }
        let made = MultiplexedConnection::new_with_config(&who, wire, AsyncConnectionConfig::default()).await;
        let (open, driver) = made.map_err(|error| error.to_string())?;
        tokio::spawn(driver);
        Ok(open)
    }

    /// Goes on without a connection that failed.
    fn lost(&self, why: &str) -> Away {
        let mut line = self.line.lock();
        if !matches!(*line, Line::Away { told: true, .. }) {
            tracing::warn!("Redis cannot be reached ({why}): until it can, each process limits by its own counts");
        }
        *line = Line::Away {
            tried: Some(Instant::now()),
            told: true,
        };
        Away
    }
}

fn milliseconds(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

impl Shared for Redis {
    fn hit(&self, key: String, points: u32, window: Duration) -> Asked<'_, Option<Duration>> {
        Box::pin(async move {
            let values = [i64::from(points), milliseconds(window)];
            let left: u64 = self.0.ask(&self.0.scripts.hit, &key, &values).await?;
            Ok((left > 0).then(|| Duration::from_millis(left)))
        })
    }

    fn take_back(&self, key: String) -> Asked<'_, ()> {
        Box::pin(async move {
            let _: i64 = self.0.ask(&self.0.scripts.take_back, &key, &[]).await?;
            Ok(())
        })
    }

    fn add(&self, key: String, kept: Duration) -> Asked<'_, i64> {
        Box::pin(async move { self.0.ask(&self.0.scripts.add, &key, &[milliseconds(kept)]).await })
    }

    fn forget(&self, key: String) -> Asked<'_, ()> {
        Box::pin(async move {
            let _: i64 = self.0.ask(&self.0.scripts.forget, &key, &[]).await?;
            Ok(())
        })
    }
}
