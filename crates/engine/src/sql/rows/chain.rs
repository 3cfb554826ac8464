//! The way from the page to a node's rows: which parents a table is made for that is made once for the whole statement.
//! It may lead to more rows than are shown, never to fewer.

use crate::{
    plan::{Cmp, Expr, Many, Node, Pred},
    schema::Ident,
    sql::Sql,
};

/// How one reaches a node's rows from the page: to say which parents a set-based table is for.
#[derive(Clone)]
pub(super) enum Chain<'n> {
    /// They are the page.
    Page,
    /// They may be any of the table.
    Whole {
        table: &'n Ident,
        key: &'n Ident,
    },
    One {
        parent: Box<Chain<'n>>,
        table: &'n Ident,
        key: &'n Ident,
        foreign: (u32, &'n Ident),
    },
    Many {
        parent: Box<Chain<'n>>,
        many: &'n Many,
    },
}

/// The column that a to-one node is joined by: the other side of its key's comparison.
pub(super) fn foreign_of(node: &Node) -> Option<(u32, &Ident)> {
    let link = match &node.from.filter {
        Pred::And(list) => list.first()?,
        single => single,
    };
    match link {
        Pred::Compare(Expr::Column(alias, key), Cmp::Eq, foreign) if *alias == node.from.alias && *key == node.key => {
            match foreign {
                Expr::Column(of, foreign) => Some((*of, foreign)),
                Expr::AsComparable(foreign, _) => match &**foreign {
                    Expr::Column(of, foreign) => Some((*of, foreign)),
                    _ => None,
                },
                _ => None,
            }
        }
        _ => None,
    }
}

/// The keys of the rows that a chain reaches from the page: more than are shown, never fewer.
pub(super) fn keys(sql: &mut Sql, chain: &Chain<'_>) {
    match chain {
        Chain::Page => {
            sql.push("select k from page");
        }
        Chain::Whole { table, key } => {
            sql.push("select ").ident(key).push(" from ").ident(table);
        }
        Chain::One {
            parent,
            table,
            key,
            foreign,
        } => {
            let (alias, column) = *foreign;
            sql.push("select ")
                .column(alias, column)
                .push(" from ")
                .ident(table)
                .push(" ")
                .alias(alias);
            sql.push(" where ").column(alias, key).push(" in (");
            keys(sql, parent);
            sql.push(")");
        }
        Chain::Many { parent, many } => {
            let node = &many.node;
            sql.push("select ")
                .column(node.from.alias, &node.key)
                .push(" from ")
                .ident(&node.from.table)
                .push(" ");
            sql.alias(node.from.alias)
                .push(" where ")
                .column(node.from.alias, &many.foreign_key)
                .push(" in (");
            keys(sql, parent);
            sql.push(")");
        }
    }
}
