//! Which definitions a rebuild would lose something of.
use super::*;

fn lost(definition: &str) -> Option<&'static str> {
    judge("table", definition)
}

#[test]
fn plain_definitions_lose_nothing() {
    assert_eq!(
        lost(
            r#"CREATE TABLE "t" (`id` integer not null primary key autoincrement, "check" varchar(255) default 'as ( without',
               a integer null default '1', -- COLLATE in a comment
               /* STRICT */ constraint x foreign key (`a`) references u(id) on delete SET NULL, unique (a, b))"#
        ),
        None
    );
}

#[test]
fn what_introspection_does_not_tell_is_named() {
    assert_eq!(lost("create table t (a integer check (a > 0))"), Some("CHECK"));
    assert_eq!(lost("create table t (a text collate nocase)"), Some("COLLATE"));
    assert_eq!(lost("create table t (a integer, b integer as (a + 1))"), Some("AS"));
    assert_eq!(
        lost("create table t (a integer primary key) without rowid"),
        Some("WITHOUT")
    );
    assert_eq!(
        lost("create table t (a text default (lower('X')))"),
        Some("a computed default")
    );
    assert_eq!(
        lost("create table t (a, b, foreign key (a, b) references u (a, b))"),
        Some("a foreign key of several columns")
    );
    assert_eq!(
        lost("create table t (\"a\"\"b\" text, c text /* ' */ collate x)"),
        Some("COLLATE")
    );
}

#[test]
fn triggers_and_odd_indexes_are_named() {
    assert_eq!(
        judge("trigger", "create trigger x after insert on t begin select 1; end"),
        Some("a trigger")
    );
    assert_eq!(
        judge("index", "create index i on t (lower(a))"),
        Some("an index of an expression")
    );
    assert_eq!(judge("index", "create index i on t (a) where a > 0"), Some("WHERE"));
    assert_eq!(judge("index", "create unique index `i` on `t` (`a`, `b`)"), None);
}
