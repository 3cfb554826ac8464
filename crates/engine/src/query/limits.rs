//! Named limits of a query. Each can be set by the operator; none can be lifted altogether.

/// How long, deep and large a query may be.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Relations in a row, in fields, filters, sorts and deep queries (`MAX_RELATIONAL_DEPTH`).
    pub relational_depth: usize,
    /// Items in a list when the query does not say (`QUERY_LIMIT_DEFAULT`).
    pub default_limit: u64,
    /// Most items in a list (`QUERY_LIMIT_MAX`); none is no limit.
    pub max_limit: Option<u64>,
    /// Nesting of `_and`/`_or`/relations in one filter.
    pub filter_depth: usize,
    /// Conditions in one filter.
    pub filter_size: usize,
    /// Entries in `fields`, `sort`, `groupBy`, `aggregate`, `alias` together.
    pub names: usize,
    /// Tables in one statement: what wildcards along relations, and rules that look at relations, multiply to.
    pub tables: u32,
    /// Steps in a path inside JSON (`MAX_JSON_QUERY_DEPTH`).
    pub json_depth: usize,
    /// Characters in `search`.
    pub search_length: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            relational_depth: 10,
            default_limit: 100,
            max_limit: None,
            // Deep enough for any hand-made filter; a filter is a tree walked recursively.
            filter_depth: 64,
            // SQLite takes 32,766 bound values in a statement: stay well below.
            filter_size: 10_000,
            names: 2_000,
            // SQLite keeps a cursor or more for each and takes about a thousand; compiling takes milliseconds then.
            tables: 400,
            json_depth: 10,
            search_length: 1_000,
        }
    }
}
