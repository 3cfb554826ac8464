//! The kinds of value a setting takes: what each accepts, and the words that say so.
//! Nothing here knows where a value came from, and nothing guesses: what does not fit is refused.

use std::marker::PhantomData;
use std::time::Duration;

use aedile_egress::AllowList;
use aedile_engine::{Object, access::ip::IpList};
use aedile_platform::config::{
    ClientAuth, Driver, HashKind, MailTransport, Network, Origin, Origins, SameSite, Scope, Secret, SsoMode, TrustProxy,
};

pub use directory::{Attribute, DirectoryUrl, is_here};
pub use keys::PrivateKeys;
pub use redis::RedisUrl;

use super::raw::Raw;

mod directory;
mod keys;
mod redis;

/// The longest duration taken: beyond a century nothing expires in practice, and sums with dates stay in range.
const LONGEST: f64 = 100.0 * 365.25 * 86_400_000.0;

/// A kind of value.
pub trait Kind {
    /// What it is in Rust.
    type Value: Default;
    /// Whether values are masked wherever they are shown.
    const SECRET: bool = false;
    /// Whether an empty text is a value of its own; otherwise it means "not set".
    const EMPTY_COUNTS: bool = false;
    /// The value, or nothing when the text does not fit.
    fn parse(raw: &Raw) -> Option<Self::Value>;
    /// The end of the sentence "it takes …".
    fn takes() -> String;
}

/// Any text.
pub struct Text;

impl Kind for Text {
    type Value = String;
    fn parse(raw: &Raw) -> Option<String> {
        raw.scalar().map(str::to_owned)
    }
    fn takes() -> String {
        "a text".into()
    }
}

/// A text nobody may see.
pub struct Masked;

impl Kind for Masked {
    type Value = Secret;
    const SECRET: bool = true;
    fn parse(raw: &Raw) -> Option<Secret> {
        raw.scalar().map(Secret::new)
    }
    fn takes() -> String {
        "a text (kept secret)".into()
    }
}

/// Yes or no.
pub struct Boolean;

impl Kind for Boolean {
    type Value = bool;
    fn parse(raw: &Raw) -> Option<bool> {
        match raw.scalar()?.to_ascii_lowercase().as_str() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        }
    }
    fn takes() -> String {
        "`true` or `false`".into()
    }
}

/// A whole number between two bounds, both included.
pub struct Whole<T, const LEAST: i64, const MOST: i64>(PhantomData<T>);

impl<T: TryFrom<i64> + Default, const LEAST: i64, const MOST: i64> Kind for Whole<T, LEAST, MOST> {
    type Value = T;
    fn parse(raw: &Raw) -> Option<T> {
        let number: i64 = raw.scalar()?.parse().ok()?;
        if !(LEAST..=MOST).contains(&number) {
            return None;
        }
        T::try_from(number).ok()
    }
    fn takes() -> String {
        format!("a whole number from {LEAST} to {MOST}")
    }
}

/// A number that may also be without end: `Infinity` or `-1`.
pub struct Endless<K>(PhantomData<K>);

impl<K: Kind> Kind for Endless<K> {
    type Value = Option<K::Value>;
    fn parse(raw: &Raw) -> Option<Self::Value> {
        let text = raw.scalar()?;
        if text == "-1" || text.eq_ignore_ascii_case("infinity") {
            return Some(None);
        }
        K::parse(raw).map(Some)
    }
    fn takes() -> String {
        format!("{}, or `Infinity` (or `-1`) for no limit", K::takes())
    }
}

/// A value that may be missing.
pub struct Optional<K>(PhantomData<K>);

impl<K: Kind> Kind for Optional<K> {
    type Value = Option<K::Value>;
    const SECRET: bool = K::SECRET;
    fn parse(raw: &Raw) -> Option<Self::Value> {
        if raw.scalar() == Some("") {
            Some(None)
        } else {
            K::parse(raw).map(Some)
        }
    }
    fn takes() -> String {
        K::takes()
    }
}

/// A value that `false` switches off.
pub struct OrFalse<K>(PhantomData<K>);

impl<K: Kind> Kind for OrFalse<K> {
    type Value = Option<K::Value>;
    fn parse(raw: &Raw) -> Option<Self::Value> {
        let off = raw.scalar().is_some_and(|text| text.eq_ignore_ascii_case("false"));
        if off { Some(None) } else { K::parse(raw).map(Some) }
    }
    fn takes() -> String {
        format!("{}, or `false`", K::takes())
    }
}

/// A length of time, at least so many milliseconds: a plain number is milliseconds, otherwise `15m`, `7d`, `1.5 hours`.
pub struct Time<const LEAST: u64>;

impl<const LEAST: u64> Kind for Time<LEAST> {
    type Value = Duration;
    fn parse(raw: &Raw) -> Option<Duration> {
        let (number, unit) = number_and_unit(raw.scalar()?)?;
        let millis = number * milliseconds_of(&unit)?;
        let fits = millis >= LEAST as f64 && millis <= LONGEST;
        fits.then(|| Duration::from_secs_f64(millis.round() / 1000.0))
    }
    fn takes() -> String {
        let zero = if LEAST == 0 { "" } else { ", above zero" };
        format!("a duration such as `10s`, `15m`, `12h` or `7d`{zero} (a plain number means milliseconds)")
    }
}

fn milliseconds_of(unit: &str) -> Option<f64> {
    Some(match unit {
        "" | "ms" | "msec" | "msecs" | "millisecond" | "milliseconds" => 1.0,
        "s" | "sec" | "secs" | "second" | "seconds" => 1000.0,
        "m" | "min" | "mins" | "minute" | "minutes" => 60_000.0,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3_600_000.0,
        "d" | "day" | "days" => 86_400_000.0,
        "w" | "week" | "weeks" => 604_800_000.0,
        "y" | "yr" | "yrs" | "year" | "years" => 365.25 * 86_400_000.0,
        _ => return None,
    })
}

/// A length of time in whole seconds, as the reference has it for windows and ages.
pub struct Seconds<const LEAST: i64>;

impl<const LEAST: i64> Kind for Seconds<LEAST> {
    type Value = Duration;
    fn parse(raw: &Raw) -> Option<Duration> {
        // A year: a longer window or age is a slip, not a wish.
        Whole::<u64, LEAST, 31_536_000>::parse(raw).map(Duration::from_secs)
    }
    fn takes() -> String {
        format!("a whole number of seconds from {LEAST} to 31536000")
    }
}

/// A number of bytes: plain, or with `kb`, `mb`, `gb`, `tb` (of 1024).
pub struct Size;

impl Kind for Size {
    type Value = usize;
    fn parse(raw: &Raw) -> Option<usize> {
        let (number, unit) = number_and_unit(raw.scalar()?)?;
        let power = match unit.as_str() {
            "" | "b" => 0,
            "kb" => 1,
            "mb" => 2,
            "gb" => 3,
            "tb" => 4,
            _ => return None,
        };
        let bytes = (number * 1024_f64.powi(power)).floor();
        // Bodies are held in memory, and 2^53 is where f64 stops counting exactly.
        let fits = (1.0..=9_007_199_254_740_992.0).contains(&bytes);
        let whole = fits.then(|| format!("{bytes:.0}"))?;
        whole.parse().ok()
    }
    fn takes() -> String {
        "a size such as `500kb`, `1mb` or `2gb` (a plain number means bytes)".into()
    }
}

/// Splits `1.5 MB` into the number and the unit in lower case. Signs and exponents are not numbers here.
fn number_and_unit(text: &str) -> Option<(f64, String)> {
    let text = text.trim();
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(end)?;
    Some((number.parse().ok()?, unit.trim().to_ascii_lowercase()))
}

/// Words separated by commas.
pub struct List;

impl Kind for List {
    type Value = Vec<String>;
    const EMPTY_COUNTS: bool = true;
    fn parse(raw: &Raw) -> Option<Vec<String>> {
        raw.items()?
            .iter()
            .map(|item| item.scalar().map(str::to_owned))
            .collect()
    }
    fn takes() -> String {
        "a list separated by commas".into()
    }
}

/// Names and values: a JSON object.
pub struct Members;

impl Kind for Members {
    type Value = Object;
    fn parse(raw: &Raw) -> Option<Object> {
        match raw {
            Raw::Object(members) => Some(members.clone().into_iter().collect()),
            raw => serde_json::from_str(raw.scalar()?).ok(),
        }
    }
    fn takes() -> String {
        "a JSON object".into()
    }
}

/// A UUID.
pub struct Uuid;

impl Kind for Uuid {
    type Value = String;
    fn parse(raw: &Raw) -> Option<String> {
        let id = uuid::Uuid::try_parse(raw.scalar()?).ok()?;
        Some(id.hyphenated().to_string())
    }
    fn takes() -> String {
        "a UUID".into()
    }
}

/// Names that may stand in an address and in the names of settings.
pub struct Names;

impl Kind for Names {
    type Value = Vec<String>;
    const EMPTY_COUNTS: bool = true;
    fn parse(raw: &Raw) -> Option<Vec<String>> {
        let list = List::parse(raw)?;
        let letter = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        // Users who log in with a password belong to this one.
        let fits = |name: &String| name.chars().all(letter) && !name.is_empty() && name != "default";
        list.iter().all(fits).then_some(list)
    }
    fn takes() -> String {
        "names of letters, digits, `-` and `_`, separated by commas".into()
    }
}

/// Addresses, networks and ranges separated by commas.
pub struct Networks;

impl Kind for Networks {
    type Value = Vec<String>;
    const EMPTY_COUNTS: bool = true;
    fn parse(raw: &Raw) -> Option<Vec<String>> {
        let list = List::parse(raw)?;
        IpList::parse(list.iter().map(String::as_str)).ok()?;
        Some(list)
    }
    fn takes() -> String {
        "addresses, networks such as `10.0.0.0/8` and ranges such as `10.0.0.1-10.0.0.9`, separated by commas".into()
    }
}

/// The same, and names of hosts.
pub struct Openings;

impl Kind for Openings {
    type Value = Vec<String>;
    const EMPTY_COUNTS: bool = true;
    fn parse(raw: &Raw) -> Option<Vec<String>> {
        let list = List::parse(raw)?;
        AllowList::parse(list.iter().map(String::as_str)).ok()?;
        Some(list)
    }
    fn takes() -> String {
        "addresses, networks, ranges and names (`host` or `host:port`), separated by commas".into()
    }
}

/// Absolute addresses separated by commas.
pub struct Urls;

impl Kind for Urls {
    type Value = Vec<String>;
    const EMPTY_COUNTS: bool = true;
    fn parse(raw: &Raw) -> Option<Vec<String>> {
        let urls = List::parse(raw)?;
        let absolute = |url: &String| {
            url.split_once("://")
                .is_some_and(|(scheme, rest)| is_scheme(scheme) && !rest.is_empty())
        };
        urls.iter().all(absolute).then_some(urls)
    }
    fn takes() -> String {
        "a list of absolute URLs separated by commas".into()
    }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

/// `/` or an absolute `http(s)` address; a trailing slash is cut.
pub struct PublicUrl;

impl Kind for PublicUrl {
    type Value = String;
    fn parse(raw: &Raw) -> Option<String> {
        let text = raw.scalar()?;
        if text == "/" {
            return Some(text.into());
        }
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
        let clean = !rest.is_empty() && !rest.starts_with('/') && !rest.contains(['?', '#', '@', ' ']);
        clean.then(|| text.trim_end_matches('/').to_owned())
    }
    fn takes() -> String {
        "`/` or an address such as `https://example.com`, without query, fragment or login".into()
    }
}

/// An e-mail address, judged by its outline only.
pub struct Email;

impl Kind for Email {
    type Value = String;
    fn parse(raw: &Raw) -> Option<String> {
        let text = raw.scalar()?;
        let (local, domain) = text.rsplit_once('@')?;
        let fits = !local.is_empty() && !domain.is_empty() && !text.contains(char::is_whitespace);
        fits.then(|| text.to_owned())
    }
    fn takes() -> String {
        "an e-mail address".into()
    }
}

/// The name of an HTTP header or a cookie.
pub struct Token;

impl Kind for Token {
    type Value = String;
    fn parse(raw: &Raw) -> Option<String> {
        let text = raw.scalar()?;
        let letter = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        (!text.is_empty() && text.chars().all(letter)).then(|| text.to_owned())
    }
    fn takes() -> String {
        "a name of letters, digits and `-`, `_`, `.`".into()
    }
}

/// One of a closed set of words.
pub struct Choice<T>(PhantomData<T>);

/// The words of a [`Choice`] and what they mean.
pub trait Words: Copy + Default + 'static {
    /// Every word; several may mean the same.
    const WORDS: &'static [(&'static str, Self)];
}

impl<T: Words> Kind for Choice<T> {
    type Value = T;
    fn parse(raw: &Raw) -> Option<T> {
        let text = raw.scalar()?;
        T::WORDS
            .iter()
            .find(|(word, _)| text.eq_ignore_ascii_case(word))
            .map(|(_, value)| *value)
    }
    fn takes() -> String {
        let words: Vec<_> = T::WORDS.iter().map(|(word, _)| format!("`{word}`")).collect();
        format!("one of {}", words.join(", "))
    }
}

impl Words for SameSite {
    const WORDS: &'static [(&'static str, Self)] =
        &[("lax", Self::Lax), ("strict", Self::Strict), ("none", Self::None)];
}

impl Words for Driver {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("openid", Self::OpenId),
        ("oauth2", Self::OAuth2),
        ("ldap", Self::Ldap),
        ("saml", Self::Saml),
    ];
}

impl Words for Scope {
    const WORDS: &'static [(&'static str, Self)] = &[("base", Self::Base), ("one", Self::One), ("sub", Self::Sub)];
}

impl Words for SsoMode {
    const WORDS: &'static [(&'static str, Self)] = &[("session", Self::Session), ("cookie", Self::Cookie)];
}

impl Words for ClientAuth {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("client_secret_basic", Self::Basic),
        ("client_secret_post", Self::Post),
        ("private_key_jwt", Self::PrivateKey),
        ("none", Self::None),
    ];
}

impl Words for MailTransport {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("sendmail", Self::Sendmail),
        ("smtp", Self::Smtp),
        ("file", Self::File),
        ("log", Self::Log),
    ];
}

impl Words for HashKind {
    const WORDS: &'static [(&'static str, Self)] = &[("0", Self::D), ("1", Self::I), ("2", Self::Id)];
}

/// Whose forwarded addresses are believed.
pub struct Proxies;

impl Kind for Proxies {
    type Value = TrustProxy;
    fn parse(raw: &Raw) -> Option<TrustProxy> {
        match raw.scalar().map(str::to_ascii_lowercase).as_deref() {
            Some("false") => return Some(TrustProxy::Never),
            Some("true") => return Some(TrustProxy::Always),
            Some(text) if text.chars().all(|c| c.is_ascii_digit()) => {
                return text.parse().ok().map(|hops| {
                    if hops == 0 {
                        TrustProxy::Never
                    } else {
                        TrustProxy::Hops(hops)
                    }
                });
            }
            _ => {}
        }
        let mut networks = Vec::new();
        for item in List::parse(raw)? {
            for block in named_networks(&item) {
                networks.push(block.parse::<Network>().ok()?);
            }
        }
        (!networks.is_empty()).then_some(TrustProxy::Networks(networks))
    }
    fn takes() -> String {
        "`true`, `false`, a number of proxies, or a list of addresses and networks such as `10.0.0.0/8` \
         (`loopback`, `linklocal` and `uniquelocal` stand for the usual ones)"
            .into()
    }
}

/// The blocks behind a well-known name; any other text stands for itself.
fn named_networks(name: &str) -> Vec<&str> {
    match name {
        "loopback" => vec!["127.0.0.0/8", "::1/128"],
        "linklocal" => vec!["169.254.0.0/16", "fe80::/10"],
        "uniquelocal" => vec!["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"],
        other => vec![other],
    }
}

/// The origins that CORS admits.
pub struct CorsOrigin;

impl Kind for CorsOrigin {
    type Value = Origins;
    fn parse(raw: &Raw) -> Option<Origins> {
        match raw.scalar().map(str::to_ascii_lowercase).as_deref() {
            Some("false") => return Some(Origins::None),
            Some("true") => return Some(Origins::Reflect),
            _ => {}
        }
        let origin = |item: &Raw| match item {
            Raw::Regex(pattern) => Some(Origin::Pattern(pattern.clone())),
            other => other
                .scalar()
                .map(|text| Origin::Exact(text.trim_end_matches('/').to_owned())),
        };
        let mut origins: Vec<Origin> = raw.items()?.iter().map(origin).collect::<Option<_>>()?;
        match origins.as_mut_slice() {
            [] => None,
            [Origin::Exact(one)] => Some(Origins::Fixed(std::mem::take(one))),
            _ => Some(Origins::List(origins)),
        }
    }
    fn takes() -> String {
        "`true` (any origin), `false`, `*`, one origin, or a list of origins (`regex:` starts a pattern)".into()
    }
}
