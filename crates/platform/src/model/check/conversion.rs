//! Which values survive a change of their column's type. What cannot be told of a value is refused: a conversion must never
//! round, cut or guess.

use aedile_engine::{
    schema::{Column, Ident, Kind},
    sql::{Dialect, Sql},
};
use uuid::Uuid;

/// The most digits that fit into a whole number of 64 bits whatever they are.
const WHOLE_DIGITS: u32 = 18;

/// Digits that every float of four bytes keeps, and every one of eight.
const FLOAT_DIGITS: usize = 6;
const DOUBLE_DIGITS: usize = 15;

/// Length of a uuid with its dashes.
const UUID_LENGTH: usize = 36;

/// Which values of a column fit another type; null always does.
pub(super) enum Fit {
    /// All.
    All,
    /// None.
    None,
    /// Those for which this condition does not hold.
    Unless(Sql),
    /// Those texts that the judge takes.
    If(Judge),
}

/// Says whether a text fits.
pub(super) type Judge = Box<dyn Fn(&str) -> bool + Send + Sync>;

/// What stored values are, whatever their column is called.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Store {
    Text,
    Csv,
    Uuid,
    Whole,
    Float,
    Decimal,
    Truth,
    Json,
    Moment,
    Date,
    Time,
    Other,
}

fn store(kind: Kind) -> Store {
    match kind {
        Kind::String | Kind::Text | Kind::Hash => Store::Text,
        Kind::Csv => Store::Csv,
        Kind::Uuid => Store::Uuid,
        Kind::Integer | Kind::BigInteger => Store::Whole,
        Kind::Float => Store::Float,
        Kind::Decimal => Store::Decimal,
        Kind::Boolean => Store::Truth,
        Kind::Json => Store::Json,
        Kind::DateTime | Kind::Timestamp => Store::Moment,
        Kind::Date => Store::Date,
        Kind::Time => Store::Time,
        _ => Store::Other,
    }
}

/// Which values of a column fit what it becomes.
pub(super) fn fit(dialect: Dialect, before: (&Column, Kind), after: (&Column, Kind)) -> Fit {
    use Store as S;
    let name = &after.0.name;
    match (store(before.1), store(after.1)) {
        (S::Decimal | S::Float, S::Decimal) => decimal(dialect, before, after.0),
        (S::Whole, S::Decimal) => room(dialect, name, after.0),
        (S::Whole, S::Whole) if before.1 == Kind::BigInteger && after.1 == Kind::Integer => {
            Fit::Unless(outside(dialect, name, i64::from(i32::MIN), i64::from(i32::MAX)))
        }
        (S::Other, S::Other) if before.1 != after.1 => Fit::None,
        (from, to) if from == to => Fit::All,
        (S::Whole | S::Decimal, S::Float) => float(dialect, name),
        (S::Truth, S::Whole | S::Decimal | S::Float) => Fit::All,
        (S::Whole | S::Float | S::Decimal | S::Json | S::Date | S::Time | S::Uuid | S::Csv, S::Text)
        | (S::Text, S::Csv) => Fit::All,
        (S::Float | S::Decimal, S::Whole) => Fit::Unless(broken(dialect, name, after.1)),
        (S::Whole, S::Truth) => Fit::Unless(outside(dialect, name, 0, 1)),
        (S::Text | S::Csv, to) => text(dialect, to, after),
        // Nothing else has a meaning that could be kept.
        _ => Fit::None,
    }
}

/// Texts that say what another type keeps: all of it, and nothing that it would leave out.
fn text(dialect: Dialect, to: Store, after: (&Column, Kind)) -> Fit {
    let (scale, precision) = (after.0.scale.unwrap_or(0), after.0.precision.unwrap_or(u32::MAX));
    let float = if dialect == Dialect::Sqlite {
        DOUBLE_DIGITS
    } else {
        FLOAT_DIGITS
    };
    Fit::If(match to {
        Store::Whole if after.1 == Kind::Integer => Box::new(|text| is_whole(text) && text.parse::<i32>().is_ok()),
        Store::Whole => Box::new(|text| is_whole(text) && text.parse::<i64>().is_ok()),
        Store::Float => Box::new(move |text| digits(text).is_some_and(|(whole, rest)| whole + rest <= float)),
        Store::Decimal => Box::new(move |text| {
            let room = (precision - scale.min(precision)) as usize;
            digits(text).is_some_and(|(whole, rest)| whole <= room && rest <= scale as usize)
        }),
        Store::Json => Box::new(|text| serde_json::from_str::<aedile_engine::Json>(text).is_ok()),
        Store::Uuid => Box::new(|text| text.len() == UUID_LENGTH && Uuid::try_parse(text).is_ok()),
        _ => return Fit::None,
    })
}

/// Digits and at most a minus before them: `+1` and ` 1` would be kept as other texts than they were.
fn is_whole(text: &str) -> bool {
    digits(text).is_some() && !text.contains('.')
}

/// How many digits a number has before the point and after it; none for what is no plain number.
fn digits(text: &str) -> Option<(usize, usize)> {
    let text = text.strip_prefix('-').unwrap_or(text);
    let (whole, rest) = text.split_once('.').unwrap_or((text, "0"));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    (plain(whole) && plain(rest)).then_some((whole.len(), rest.len()))
}

/// Numbers outside of these bounds.
fn outside(dialect: Dialect, name: &Ident, least: i64, most: i64) -> Sql {
    let mut sql = Sql::new(dialect);
    sql.ident(name)
        .push(" not between ")
        .number(least)
        .push(" and ")
        .number(most);
    sql
}

/// Numbers that are not whole, or too large for the whole numbers of a kind.
fn broken(dialect: Dialect, name: &Ident, kind: Kind) -> Sql {
    let (least, most) = match kind {
        Kind::Integer => (i64::from(i32::MIN), i64::from(i32::MAX)),
        _ => (-10_i64.pow(WHOLE_DIGITS), 10_i64.pow(WHOLE_DIGITS)),
    };
    let mut sql = Sql::new(dialect);
    sql.push("(").append(outside(dialect, name, least, most));
    sql.push(" or ").ident(name).push(" <> round(").ident(name).push("))");
    sql
}

/// Numbers that have more digits before the point than a decimal has room for.
fn beyond(dialect: Dialect, name: &Ident, decimal: &Column) -> Option<Sql> {
    let digits = decimal.precision?.checked_sub(decimal.scale.unwrap_or(0))?;
    let bound = 10_i64.pow(Some(digits).filter(|digits| *digits <= WHOLE_DIGITS)?);
    let mut sql = Sql::new(dialect);
    sql.push("(").ident(name).push(" <= ").number(-bound);
    sql.push(" or ").ident(name).push(" >= ").number(bound).push(")");
    Some(sql)
}

fn room(dialect: Dialect, name: &Ident, decimal: &Column) -> Fit {
    beyond(dialect, name, decimal).map_or(Fit::All, Fit::Unless)
}

/// Decimals that keep all of their digits, before the point and after it.
fn decimal(dialect: Dialect, before: (&Column, Kind), after: &Column) -> Fit {
    let name = &after.name;
    let float = before.1 == Kind::Float;
    let digits = |column: &Column| column.precision.unwrap_or(0).saturating_sub(column.scale.unwrap_or(0));
    let wider = !float && digits(after) >= digits(before.0) && after.scale >= before.0.scale;
    let (Some(scale), false) = (after.scale, wider) else {
        return Fit::All;
    };
    // Only exact numbers are rounded to a place after the point on every database.
    let exact = |sql: &mut Sql| {
        if float && dialect == Dialect::Postgres {
            sql.push("cast(").ident(name).push(" as numeric)");
        } else {
            sql.ident(name);
        }
    };
    let mut sql = Sql::new(dialect);
    sql.push("(");
    if let Some(beyond) = beyond(dialect, name, after) {
        sql.append(beyond).push(" or ");
    }
    sql.push("round(");
    exact(&mut sql);
    sql.push(", ").number(i64::from(scale)).push(") <> ");
    exact(&mut sql);
    sql.push(")");
    Fit::Unless(sql)
}

/// Numbers that a float keeps. SQLite's floats are as wide as its numbers.
fn float(dialect: Dialect, name: &Ident) -> Fit {
    if dialect == Dialect::Sqlite {
        return Fit::All;
    }
    let mut sql = Sql::new(dialect);
    match dialect {
        Dialect::MySql(_) => sql.push("cast(").ident(name).push(" as float)"),
        _ => sql.push("cast(cast(").ident(name).push(" as real) as numeric)"),
    };
    sql.push(" <> ").ident(name);
    Fit::Unless(sql)
}
