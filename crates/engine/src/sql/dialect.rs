//! Where the databases differ: one `match self` per difference, side by side.
//! Knows text alone; which value goes where is decided by those who write statements.

use super::{Bind, Shape};
use crate::{query::Function, schema::Kind, value::Param};

/// Members that one call of a function makes into an object: PostgreSQL takes a hundred arguments.
const POSTGRES_MEMBERS: usize = 50;

/// What GeoJSON's degrees are called, WGS 84.
const WORLD: u32 = 4326;

/// A database's way of writing SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// SQLite 3.46 or newer.
    Sqlite,
    /// PostgreSQL 12 or newer, in sessions whose time zone is UTC.
    Postgres,
    /// MariaDB or MySQL, in sessions that speak utf8mb4, whose time zone is UTC, which take double quotes for names,
    /// `||` between texts, no backslash for more than itself and zero for a key, and cut no `group_concat`.
    MySql(Flavour),
}

/// The servers that speak the protocol of MySQL: most of their SQL is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Flavour {
    /// MariaDB 10.11 or newer, with the collation `utf8mb4_bin`, as its JSON functions have: another one of bytes cannot be
    /// mixed with theirs.
    MariaDb,
    /// MySQL 8.0.22 or newer, by its manual.
    MySql,
    /// What MySQL is asked, asked of MariaDB, where all of it means the same: for tests. The collation alone has another
    /// name there.
    Rehearsal,
}

impl Flavour {
    /// Whether statements are written for MySQL.
    pub fn is_mysql(self) -> bool {
        self != Flavour::MariaDb
    }

    /// Texts beside it are the same only when their bytes are, whatever the column's own collation says: one that ignores
    /// case, accents or spaces at the end would let rules hold for rows that they were not written for.
    pub fn exact(self) -> &'static str {
        match self {
            Flavour::MariaDb | Flavour::Rehearsal => " collate utf8mb4_nopad_bin",
            Flavour::MySql => " collate utf8mb4_0900_bin",
        }
    }
}

/// How rows that are read are held until the transaction ends.
#[derive(Clone, Copy, Debug)]
pub enum Hold {
    /// Those of the alias that follows.
    Of(&'static str),
    /// Those of every table that is read.
    All(&'static str),
}

impl Dialect {
    /// The character around names.
    pub fn quote(self) -> char {
        match self {
            Dialect::Sqlite => '"',
            Dialect::Postgres => '"',
            // Whatever a session's modes are: double quotes may be strings there.
            Dialect::MySql(_) => '`',
        }
    }

    /// Writes the placeholder of the `n`th bound value, counted from one.
    pub fn placeholder(self, text: &mut String, n: usize, bind: &Bind) {
        match self {
            Dialect::Sqlite => text.push('?'),
            Dialect::Postgres if is_geometry(bind) => {
                text.push_str(&format!("st_setsrid(st_geomfromgeojson(cast(${n} as text)), {WORLD})"));
            }
            Dialect::Postgres => {
                text.push('$');
                text.push_str(&n.to_string());
            }
            // MySQL would take degrees for places on a globe, and compare them with no others.
            Dialect::MySql(Flavour::MySql) if is_geometry(bind) => text.push_str("st_geomfromgeojson(?, 1, 0)"),
            Dialect::MySql(_) if is_geometry(bind) => text.push_str("st_geomfromgeojson(?)"),
            Dialect::MySql(flavour) => {
                text.push('?');
                if is_text(bind) {
                    text.push_str(flavour.exact());
                }
            }
        }
    }

    /// Holds the rows that are read; where transactions run one after the other there is nothing to hold.
    pub fn hold(self) -> Option<Hold> {
        match self {
            Dialect::Sqlite => None,
            Dialect::Postgres => Some(Hold::Of(" for update of ")),
            Dialect::MySql(_) => Some(Hold::All(" for update")),
        }
    }

    /// A boolean in a definition.
    pub fn truth(self, value: bool) -> &'static str {
        match (self, value) {
            (Dialect::Sqlite | Dialect::MySql(_), true) => "1",
            (Dialect::Sqlite | Dialect::MySql(_), false) => "0",
            (Dialect::Postgres, true) => "true",
            (Dialect::Postgres, false) => "false",
        }
    }

    /// Around a bound text that nothing beside it says the type of.
    pub fn text(self) -> (&'static str, &'static str) {
        match self {
            Dialect::Sqlite | Dialect::MySql(_) => ("", ""),
            Dialect::Postgres => ("cast(", " as text)"),
        }
    }

    /// Around a value that is told or compared as text.
    pub fn as_text(self) -> (&'static str, &'static str) {
        match self {
            Dialect::Sqlite | Dialect::Postgres => ("cast(", " as text)"),
            Dialect::MySql(Flavour::MySql) => ("cast(", " as char) collate utf8mb4_0900_bin"),
            Dialect::MySql(_) => ("cast(", " as char) collate utf8mb4_nopad_bin"),
        }
    }

    /// Around a bound whole number: compared as what it is, not as what the column beside it could hold.
    pub fn whole(self) -> (&'static str, &'static str) {
        match self {
            Dialect::Sqlite | Dialect::MySql(_) => ("", ""),
            Dialect::Postgres => ("cast(", " as bigint)"),
        }
    }

    /// Around a fraction that is compared with other sorts of numbers, or a decimal number told as text.
    pub fn fraction(self) -> (&'static str, &'static str) {
        match self {
            Dialect::Sqlite => ("", ""),
            Dialect::Postgres => ("cast(", " as numeric)"),
            // As many digits as it has.
            Dialect::MySql(_) => ("cast(", " as decimal(65, 30))"),
        }
    }

    /// Joins a table to what stands before it, which is read first: it is a page, and the table may be any size.
    pub fn then_join(self) -> &'static str {
        match self {
            // SQLite keeps the order of cross joins alone.
            Dialect::Sqlite => " cross join ",
            Dialect::Postgres => " join ",
            Dialect::MySql(_) => " straight_join ",
        }
    }

    /// Whether a table made for the statement is joined to what it is looked up for, and not searched for each row: where
    /// nothing else makes an index on it.
    pub fn looks_up_by_joins(self) -> bool {
        match self {
            Dialect::Sqlite | Dialect::MySql(_) => false,
            Dialect::Postgres => true,
        }
    }

    /// Whether what is told of a row is computed for the rows before a page's first as well, and planned as if for all rows:
    /// then masks are better looked at once the page is known.
    pub fn tells_skipped_rows(self) -> bool {
        match self {
            Dialect::Sqlite | Dialect::MySql(_) => false,
            Dialect::Postgres => true,
        }
    }

    /// How deep a table made for the statement is put below others, where it is looked up at this depth of selects.
    pub fn buried(self, depth: u32) -> u32 {
        match self {
            Dialect::Sqlite | Dialect::Postgres => 0,
            // It takes a list for one within itself (error 1111) where the table's own stands as deep as one around the place.
            Dialect::MySql(_) => depth,
        }
    }

    /// Whether a statement may insert a row and use what it became within another insertion: one way to the server and back
    /// for both.
    pub fn inserts_within(self) -> bool {
        match self {
            Dialect::Sqlite | Dialect::MySql(_) => false,
            Dialect::Postgres => true,
        }
    }

    /// Whether few rows are better counted beside the page than by a statement of its own: where that is a way to the
    /// server and back.
    pub fn counts_beside(self) -> bool {
        match self {
            Dialect::Sqlite | Dialect::MySql(_) => false,
            Dialect::Postgres => true,
        }
    }

    /// Opens a JSON object: keys and values follow, with commas between. One that is told is text; one inside another
    /// keeps a form that cannot be taken for text.
    pub fn object(self, inside: bool) -> &'static str {
        match (self, inside) {
            (Dialect::Sqlite, false) => "json_object(",
            (Dialect::Sqlite, true) => "jsonb_object(",
            (Dialect::Postgres, _) => "json_build_object(",
            (Dialect::MySql(_), _) => "json_object(",
        }
    }

    /// An object without members; told or inside, as [`Dialect::object`].
    pub fn empty_object(self, inside: bool) -> &'static str {
        match (self, inside) {
            (Dialect::Sqlite, false) => "json_object()",
            (Dialect::Sqlite, true) => "jsonb_object()",
            (Dialect::Postgres, _) => "json_build_object()",
            // Its `json_object()` counts as a text of no letters, and is one wherever it is kept for a moment.
            (Dialect::MySql(Flavour::MariaDb), _) => "json_compact('{}')",
            (Dialect::MySql(_), _) => "json_extract('{}', '$')",
        }
    }

    /// How many members an object is opened with at most; larger ones are joined.
    pub fn members(self) -> usize {
        match self {
            Dialect::Sqlite | Dialect::MySql(_) => usize::MAX,
            Dialect::Postgres => POSTGRES_MEMBERS,
        }
    }

    /// Around a JSON list of the rows' values; told or inside, as [`Dialect::object`].
    pub fn list(self, inside: bool) -> (&'static str, &'static str) {
        match (self, inside) {
            (Dialect::Sqlite, false) => ("json_group_array(", ")"),
            (Dialect::Sqlite, true) => ("jsonb_group_array(", ")"),
            // Of no rows PostgreSQL makes no list.
            (Dialect::Postgres, _) => ("coalesce(json_agg(", "), '[]')"),
            (Dialect::MySql(Flavour::MariaDb), _) => ("coalesce(json_arrayagg(", "), json_array())"),
            // Its `json_arrayagg` knows no order.
            (Dialect::MySql(_), _) => (
                "json_extract(concat('[', coalesce(group_concat(",
                " separator ','), ''), ']'), '$')",
            ),
        }
    }

    /// Around a value within [`Dialect::list`], that is no object and may be null.
    pub fn element(self) -> (&'static str, &'static str) {
        match self {
            Dialect::MySql(Flavour::MySql | Flavour::Rehearsal) => ("json_extract(json_array(", "), '$[0]')"),
            Dialect::Sqlite | Dialect::Postgres | Dialect::MySql(Flavour::MariaDb) => ("", ""),
        }
    }

    /// Whether a list that is made row by row can end before its rows do.
    pub fn cuts_lists(self) -> bool {
        match self {
            Dialect::Sqlite | Dialect::Postgres | Dialect::MySql(Flavour::MariaDb) => true,
            // Tables made of some rows that look at the parent are MySQL's alone, and limits in lists MariaDB's.
            Dialect::MySql(Flavour::MySql | Flavour::Rehearsal) => false,
        }
    }

    /// Around JSON that becomes the form that is told, or that stands inside.
    pub fn json(self, inside: bool) -> (&'static str, &'static str) {
        match (self, inside) {
            (Dialect::Sqlite, false) => ("json(", ")"),
            (Dialect::Sqlite, true) => ("jsonb(", ")"),
            // JSON is a type of its own there: nothing forgets it.
            (Dialect::Postgres, _) => ("(", ")"),
            // It is text there, and known for JSON by the function it comes from alone.
            (Dialect::MySql(Flavour::MariaDb), _) => ("json_compact(", ")"),
            (Dialect::MySql(_), _) => ("json_extract(", ", '$')"),
        }
    }

    /// Around a list that was made apart, or none: told or inside, as [`Dialect::object`].
    pub fn made_list(self, inside: bool) -> (&'static str, &'static str) {
        match (self, inside) {
            (Dialect::Sqlite, false) => ("json(coalesce(", ", '[]'))"),
            (Dialect::Sqlite, true) => ("jsonb(coalesce(", ", '[]'))"),
            (Dialect::Postgres, _) => ("(coalesce(", ", '[]'))"),
            (Dialect::MySql(_), _) => ("coalesce(", ", json_array())"),
        }
    }

    /// Whether an insertion can answer what its row became.
    pub fn returns(self) -> bool {
        match self {
            Dialect::Sqlite | Dialect::Postgres | Dialect::MySql(Flavour::MariaDb) => true,
            Dialect::MySql(Flavour::MySql | Flavour::Rehearsal) => false,
        }
    }

    /// Opens a table made apart, once for the whole statement.
    pub fn made(self) -> &'static str {
        match self {
            Dialect::Sqlite | Dialect::Postgres => " as materialized (",
            Dialect::MySql(_) => " as (",
        }
    }

    /// Around an average of numbers.
    pub fn average(self) -> (&'static str, &'static str) {
        match self {
            Dialect::Sqlite | Dialect::Postgres => ("", ""),
            // Of whole numbers it would have four digits after the point.
            Dialect::MySql(_) => ("cast(", " as double)"),
        }
    }

    /// Equality that takes null for equal to null.
    pub fn same(self) -> &'static str {
        match self {
            Dialect::Sqlite => " is ",
            Dialect::Postgres => " is not distinct from ",
            Dialect::MySql(_) => " <=> ",
        }
    }

    /// Whether an index leads to rows by [`Dialect::same`].
    pub fn same_is_indexed(self) -> bool {
        match self {
            Dialect::Sqlite | Dialect::MySql(_) => true,
            Dialect::Postgres => false,
        }
    }

    /// Opens a case-insensitive form of a text.
    pub fn fold(self) -> &'static str {
        match self {
            Dialect::Sqlite => "fold(",
            Dialect::Postgres | Dialect::MySql(_) => "lower(",
        }
    }

    /// Opens whether two geometries, or the boxes around them, have a place in common.
    pub fn meets(self, boxes: bool) -> &'static str {
        match (self, boxes) {
            // Functions of ours.
            (Dialect::Sqlite, false) => "meets(",
            (Dialect::Sqlite, true) => "meets_box(",
            (Dialect::Postgres | Dialect::MySql(_), false) => "st_intersects(",
            // The operator `&&` has no function of that name.
            (Dialect::Postgres, true) => "geometry_overlaps(",
            (Dialect::MySql(_), true) => "mbrintersects(",
        }
    }

    /// Opens the place of one text in another, counted from one; 0 where it is not.
    pub fn place(self) -> &'static str {
        match self {
            Dialect::Sqlite | Dialect::MySql(_) => "instr(",
            Dialect::Postgres => "strpos(",
        }
    }

    /// Opens how many letters a text has.
    pub fn letters(self) -> &'static str {
        match self {
            Dialect::Sqlite | Dialect::Postgres => "length(",
            Dialect::MySql(_) => "char_length(",
        }
    }

    /// What stands for "all rows" where only an offset is said.
    pub fn every_row(self) -> &'static str {
        match self {
            Dialect::Sqlite => " limit -1",
            Dialect::Postgres => "",
            // The largest number it takes.
            Dialect::MySql(_) => " limit 18446744073709551615",
        }
    }

    /// Around a date or time, of which a part is told as a whole number. On SQLite a moment stands between, see
    /// [`super::expr`].
    pub fn part(self, function: Function) -> (&'static str, &'static str) {
        match (self, function) {
            (Dialect::Sqlite, Function::Year) => ("cast(strftime('%Y', ", ") as integer)"),
            (Dialect::Sqlite, Function::Month) => ("cast(strftime('%m', ", ") as integer)"),
            (Dialect::Sqlite, Function::Week) => ("cast(strftime('%V', ", ") as integer)"),
            (Dialect::Sqlite, Function::Day) => ("cast(strftime('%d', ", ") as integer)"),
            (Dialect::Sqlite, Function::Weekday) => ("cast(strftime('%w', ", ") as integer)"),
            (Dialect::Sqlite, Function::Hour) => ("cast(strftime('%H', ", ") as integer)"),
            (Dialect::Sqlite, Function::Minute) => ("cast(strftime('%M', ", ") as integer)"),
            (Dialect::Sqlite, Function::Second | Function::Count | Function::Unknown) => {
                ("cast(strftime('%S', ", ") as integer)")
            }
            (Dialect::Postgres, Function::Year) => ("cast(extract(year from ", ") as integer)"),
            (Dialect::Postgres, Function::Month) => ("cast(extract(month from ", ") as integer)"),
            (Dialect::Postgres, Function::Week) => ("cast(extract(week from ", ") as integer)"),
            (Dialect::Postgres, Function::Day) => ("cast(extract(day from ", ") as integer)"),
            (Dialect::Postgres, Function::Weekday) => ("cast(extract(dow from ", ") as integer)"),
            (Dialect::Postgres, Function::Hour) => ("cast(extract(hour from ", ") as integer)"),
            (Dialect::Postgres, Function::Minute) => ("cast(extract(minute from ", ") as integer)"),
            // A cast would round 59.7 up.
            (Dialect::Postgres, Function::Second | Function::Count | Function::Unknown) => {
                ("cast(floor(extract(second from ", ")) as integer)")
            }
            (Dialect::MySql(_), Function::Year) => ("year(", ")"),
            (Dialect::MySql(_), Function::Month) => ("month(", ")"),
            // Weeks begin on Mondays, and the first has four days or more.
            (Dialect::MySql(_), Function::Week) => ("week(", ", 3)"),
            (Dialect::MySql(_), Function::Day) => ("dayofmonth(", ")"),
            (Dialect::MySql(_), Function::Weekday) => ("(dayofweek(", ") - 1)"),
            (Dialect::MySql(_), Function::Hour) => ("hour(", ")"),
            (Dialect::MySql(_), Function::Minute) => ("minute(", ")"),
            (Dialect::MySql(_), Function::Second | Function::Count | Function::Unknown) => ("second(", ")"),
        }
    }

    /// Around a value of a kind that is compared with others of it: not every type can be, and texts as their column says.
    pub fn comparable(self, kind: Kind) -> (&'static str, &'static str) {
        match (self, kind) {
            (Dialect::Postgres, Kind::Uuid | Kind::Json) => ("cast(", " as text)"),
            (Dialect::Postgres, Kind::Boolean) => ("cast(", " as integer)"),
            (Dialect::MySql(Flavour::MySql), kind) if kind.is_text() => {
                ("convert(", " using utf8mb4) collate utf8mb4_0900_bin")
            }
            (Dialect::MySql(_), kind) if kind.is_text() => ("convert(", " using utf8mb4) collate utf8mb4_nopad_bin"),
            (Dialect::Sqlite | Dialect::Postgres | Dialect::MySql(_), _) => ("", ""),
        }
    }

    /// The type that a date or time of this kind is looked at as; columns may hold it as another.
    pub fn moment(self, kind: Kind) -> &'static str {
        match (self, kind) {
            (Dialect::Sqlite, _) => "text",
            (Dialect::Postgres, Kind::Date) => "date",
            (Dialect::Postgres, Kind::Time) => "time",
            (Dialect::Postgres, Kind::DateTime) => "timestamp",
            (Dialect::Postgres, _) => "timestamp with time zone",
            (Dialect::MySql(_), Kind::Date) => "date",
            (Dialect::MySql(_), Kind::Time) => "time(6)",
            (Dialect::MySql(_), _) => "datetime(6)",
        }
    }
}

/// Whether what is bound is a geometry, which is bound as GeoJSON.
fn is_geometry(bind: &Bind) -> bool {
    matches!(bind, Bind::Const(Param::Geometry(_)))
}

/// Whether what is bound is told as text. Dates and times may be, too: beside a column of theirs nothing follows from it.
fn is_text(bind: &Bind) -> bool {
    matches!(
        bind,
        Bind::Const(Param::Text(_)) | Bind::Var(_, Shape::Text) | Bind::Key(Shape::Text)
    )
}
