//! Rows as SQL. The page first: rule, filter, order and limit pick keys in a derived table; related items are computed
//! only for those rows, correlated where the foreign key is indexed, one grouped aggregate per relation where it is not.

mod chain;

use crate::{
    plan::{Expr, Item, Many, Node, Order, Pred, Value},
    query::Var,
    schema::Ident,
    sql::{Bind, Dialect, Output, Shape, Sql, Stmt, dialect::Hold, expr, object::object, token},
    value::Param,
};
use chain::{Chain, foreign_of, keys};

/// Rows that count as a page: each length of a page is a statement of its own. More than that is best planned like everything.
const LONGEST_PAGE: u64 = 1_000;

/// How many rows there are before the page is cut out of them.
const COUNTED: &str = ", count(*) over ()";

/// Writes rows as a statement.
pub fn compile(dialect: Dialect, node: &Node) -> Stmt {
    let mut writer = Writer {
        dialect,
        tables: Vec::new(),
        open: Vec::new(),
        joins: Vec::new(),
        depth: 0,
        deepest: 0,
    };
    writer.open(node.from.alias);
    let mut body = Sql::new(dialect);
    let (mut outputs, set_based) = (writer.outputs(&mut body, node), !writer.tables.is_empty());
    let mut sql = Sql::new(dialect);
    let costly = |item: &Item| {
        let masked = |guard: &Pred| node.offset > 0 || expr::asks_other_rows(guard);
        !matches!(item.value, Value::Scalar(..))
            || (dialect.tells_skipped_rows() && item.guard.as_ref().is_some_and(masked))
    };
    let paged_first = set_based || (is_cut(node) && node.items.iter().any(costly));
    if node.counted {
        body.push(if paged_first { ", p.n" } else { COUNTED });
        outputs.push(Output {
            name: String::new(),
            shape: Shape::Count,
        });
    }
    if set_based {
        let page_of = if node.counted {
            "with page(k, n)"
        } else {
            "with page(k)"
        };
        sql.push(page_of).push(dialect.made());
        // Its conditions may count: deeper than any list that comes from it.
        buried(&mut sql, writer.deepest, |sql| page(sql, node));
        sql.push(")");
        for (alias, table) in std::mem::take(&mut writer.tables) {
            sql.push(", ")
                .push("r")
                .number(i64::from(alias))
                .push("(k, j)")
                .push(dialect.made())
                .append(table)
                .push(")");
        }
        sql.push(" ");
    }
    sql.push("select ").append(body);
    if paged_first {
        if set_based {
            sql.push(" from page p");
        } else {
            sql.push(" from (");
            page(&mut sql, node);
            sql.push(") p");
        }
        sql.push(dialect.then_join())
            .ident(&node.from.table)
            .push(" ")
            .alias(node.from.alias)
            .push(" on ");
        sql.column(node.from.alias, &node.key).push(" = p.k");
        writer.joined(&mut sql, node.from.alias);
        ordered(&mut sql, &node.order);
    } else {
        expr::from(&mut sql, &node.from);
        ordered(&mut sql, &node.order);
        paged(&mut sql, node.limit, node.offset);
    }
    match dialect.hold().filter(|_| node.held) {
        Some(Hold::Of(words)) => {
            sql.push(words).alias(node.from.alias);
        }
        Some(Hold::All(words)) => {
            sql.push(words);
        }
        None => {}
    }
    sql.finish(outputs)
}

/// Whether these are not all rows.
fn is_cut(node: &Node) -> bool {
    node.limit.is_some() || node.offset > 0
}

/// Puts a select below so many others.
fn buried(sql: &mut Sql, depth: u32, select: impl FnOnce(&mut Sql)) {
    for _ in 0..depth {
        sql.push("select * from (");
    }
    select(sql);
    for _ in 0..depth {
        sql.push(") buried");
    }
}

/// The keys of the page's rows.
fn page(sql: &mut Sql, node: &Node) {
    sql.push("select ").column(node.from.alias, &node.key).push(" as k");
    if node.counted {
        sql.push(COUNTED).push(" as n");
    }
    expr::from(sql, &node.from);
    ordered(sql, &node.order);
    paged(sql, node.limit, node.offset);
}

/// ` order by ...`
fn ordered(sql: &mut Sql, order: &[Order]) {
    if order.is_empty() {
        return;
    }
    sql.push(" order by ").list(order, |sql, key| {
        sorted(sql, key.descending, key.nullable, |sql| expr::expr(sql, &key.expr));
    });
}

/// One key of an order: what has no value counts as greatest, on every database.
pub fn sorted(sql: &mut Sql, descending: bool, nullable: bool, key: impl Fn(&mut Sql)) {
    if nullable && matches!(sql.dialect(), Dialect::MySql(_)) {
        // There it counts as least, and no words say otherwise.
        key(sql);
        sql.push(if descending { " is null desc, " } else { " is null, " });
    }
    key(sql);
    sql.push(match (sql.dialect(), descending, nullable) {
        (_, false, false) | (Dialect::MySql(_), false, _) => "",
        (_, true, false) | (Dialect::MySql(_), true, _) => " desc",
        (_, false, true) => " nulls last",
        (_, true, true) => " desc nulls first",
    });
}

/// ` limit ... offset ...`
pub fn paged(sql: &mut Sql, limit: Option<u64>, offset: u64) {
    let whole = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    match limit {
        // Written, so that the database plans for a page, and not for everything: it does not look at bound values.
        Some(limit) if limit <= LONGEST_PAGE => {
            sql.push(" limit ").number(whole(limit));
        }
        Some(limit) => {
            sql.push(" limit ").param(whole(limit));
        }
        None if offset > 0 => {
            sql.push(sql.dialect().every_row());
        }
        None => return,
    }
    if offset > 0 {
        sql.push(" offset ").param(whole(offset));
    }
}

/// Writes commas between, not before the first.
#[derive(Default)]
pub struct Separator(bool);

impl Separator {
    /// To be called before each element.
    pub fn between(&mut self, sql: &mut Sql) {
        if self.0 {
            sql.push(", ");
        }
        self.0 = true;
    }
}

struct Writer {
    dialect: Dialect,
    /// Finished set-based tables: the alias they are named by, and their text.
    tables: Vec<(u32, Sql)>,
    /// Tables that others may be joined to where they are named.
    open: Vec<u32>,
    /// Joins of set-based tables to them, waiting for that place.
    joins: Vec<(u32, Sql)>,
    /// Selects around what is being written.
    depth: u32,
    /// How deep the deepest set-based table is put.
    deepest: u32,
}

impl Writer {
    /// Takes joins to a table that is written as a whole, not row by row.
    fn open(&mut self, alias: u32) {
        if self.dialect.looks_up_by_joins() {
            self.open.push(alias);
        }
    }

    /// Writes the joins to a table.
    fn joined(&mut self, sql: &mut Sql, alias: u32) {
        for (of, join) in std::mem::take(&mut self.joins) {
            if of == alias {
                sql.append(join);
            } else {
                self.joins.push((of, join));
            }
        }
    }

    /// The root's select list.
    fn outputs(&mut self, sql: &mut Sql, node: &Node) -> Vec<Output> {
        let chain = Chain::Page;
        let mut separate = Separator::default();
        let mut outputs = Vec::with_capacity(node.items.len());
        for item in &node.items {
            separate.between(sql);
            let shape = self.guarded(sql, item, |this, sql| this.told(sql, node, item, &chain));
            outputs.push(Output {
                name: item.name.clone(),
                shape,
            });
        }
        if outputs.is_empty() {
            sql.push("1");
        }
        outputs
    }

    fn guarded<T>(&mut self, sql: &mut Sql, item: &Item, tell: impl FnOnce(&mut Self, &mut Sql) -> T) -> T {
        let Some(guard) = &item.guard else {
            return tell(self, sql);
        };
        sql.push("case when ");
        expr::pred(sql, guard);
        sql.push(" then ");
        let told = tell(self, sql);
        sql.push(" end");
        told
    }

    /// A wanted thing at the root: text or ready JSON.
    fn told(&mut self, sql: &mut Sql, node: &Node, item: &Item, chain: &Chain<'_>) -> Shape {
        match &item.value {
            Value::Scalar(of, told) => token::told(sql, of, *told),
            value => {
                self.related(sql, node, value, chain, false);
                Shape::Raw
            }
        }
    }

    /// A wanted thing inside an object.
    fn member(&mut self, sql: &mut Sql, node: &Node, item: &Item, chain: &Chain<'_>) {
        self.guarded(sql, item, |this, sql| match &item.value {
            Value::Scalar(of, told) => token::member(sql, of, *told),
            value => this.related(sql, node, value, chain, true),
        });
    }

    /// Related items, as JSON: to be told, or inside of what is told.
    fn related(&mut self, sql: &mut Sql, parent: &Node, value: &Value, chain: &Chain<'_>, inside: bool) {
        match value {
            Value::Scalar(of, told) => token::member(sql, of, *told),
            Value::One(node) => {
                let here = match foreign_of(node) {
                    Some(foreign) => Chain::One {
                        parent: Box::new(chain.clone()),
                        table: &parent.from.table,
                        key: &parent.key,
                        foreign,
                    },
                    None => Chain::Whole {
                        table: &node.from.table,
                        key: &node.key,
                    },
                };
                sql.push("(select ");
                self.deeper(|this| this.object(sql, node, &here, inside));
                expr::from(sql, &node.from);
                sql.push(")");
            }
            Value::Many(many) if many.indexed && (self.dialect.cuts_lists() || !is_cut(&many.node)) => {
                self.correlated(sql, many, chain, inside);
            }
            Value::Many(many) => self.set_based(sql, many, chain, inside),
            Value::Any {
                collection,
                cases,
                others,
                item,
            } => {
                if cases.is_empty() && others.is_empty() {
                    sql.push("null");
                    return;
                }
                sql.push("case ");
                expr::expr(sql, collection);
                for (name, node) in cases {
                    sql.push(" when ").param(name.as_str()).push(" then (select ");
                    let whole = Chain::Whole {
                        table: &node.from.table,
                        key: &node.key,
                    };
                    self.deeper(|this| this.object(sql, node, &whole, inside));
                    expr::from(sql, &node.from);
                    sql.push(")");
                }
                for (name, told) in others {
                    let (open, close) = self.dialect.json(inside);
                    sql.push(" when ").param(name.as_str()).push(" then ").push(open);
                    token::quoted(sql, item, *told);
                    sql.push(close);
                }
                sql.push(" end");
            }
        }
    }

    /// Writes what stands within one more select.
    fn deeper(&mut self, write: impl FnOnce(&mut Self)) {
        self.depth += 1;
        write(self);
        self.depth -= 1;
    }

    /// One row as an object, or as its single value.
    fn object(&mut self, sql: &mut Sql, node: &Node, chain: &Chain<'_>, inside: bool) {
        if node.bare {
            if let Some(item) = node.items.first() {
                self.member(sql, node, item, chain);
            } else {
                sql.push("null");
            }
            return;
        }
        object(sql, &node.items, inside, |sql, item| {
            sql.key(&item.name).push(", ");
            self.member(sql, node, item, chain);
        });
    }

    /// One row as an element of a list.
    fn element(&mut self, sql: &mut Sql, node: &Node, chain: &Chain<'_>) {
        let (open, close) = match node.bare {
            true => self.dialect.element(),
            false => ("", ""),
        };
        sql.push(open);
        // A function's own result is known for JSON by the function around it.
        self.deeper(|this| this.object(sql, node, chain, false));
        sql.push(close);
    }

    /// The rows that point at this one, found through the index on their foreign key.
    fn correlated(&mut self, sql: &mut Sql, many: &Many, chain: &Chain<'_>, inside: bool) {
        let node = &many.node;
        let here = Chain::Many {
            parent: Box::new(chain.clone()),
            many,
        };
        let limited = is_cut(node);
        // A table made of some rows cannot look at the parent there; the list itself can end early.
        let (within, apart) = match self.dialect {
            Dialect::MySql(_) => (limited, false),
            Dialect::Sqlite | Dialect::Postgres => (false, limited),
        };
        let (open, close) = self.dialect.list(inside);
        sql.push("(select ").push(open);
        self.element(sql, node, &here);
        if !apart {
            ordered(sql, &node.order);
        }
        if within {
            paged(sql, node.limit, node.offset);
        }
        sql.push(close).push(" from ");
        if apart {
            sql.push("(select ").alias(node.from.alias).push(".* from ");
        }
        sql.ident(&node.from.table)
            .push(" ")
            .alias(node.from.alias)
            .push(" where ");
        sql.column(node.from.alias, &many.foreign_key).push(" = ");
        expr::expr(sql, &many.parent);
        if !node.from.filter.is_true() {
            sql.push(" and ");
            expr::pred(sql, &node.from.filter);
        }
        if apart {
            ordered(sql, &node.order);
            paged(sql, node.limit, node.offset);
            sql.push(") ").alias(node.from.alias);
        }
        sql.push(")");
    }

    /// The rows that point at any of the parents, grouped once for the whole statement, looked up here.
    fn set_based(&mut self, sql: &mut Sql, many: &Many, chain: &Chain<'_>, inside: bool) {
        let node = &many.node;
        let here = Chain::Many {
            parent: Box::new(chain.clone()),
            many,
        };
        let alias = node.from.alias;
        let (open, close) = self.dialect.list(true);
        self.open(alias);
        let depth = self.dialect.buried(self.depth);
        self.deepest = self.deepest.max(depth);
        let mut table = Sql::new(self.dialect);
        table
            .push("select ")
            .column(alias, &many.foreign_key)
            .push(" as k, ")
            .push(open);
        self.element(&mut table, node, &here);
        ordered(&mut table, &node.order);
        table.push(close).push(" as j from ");
        let limited = is_cut(node);
        let rank = Ident::new("aedile_rank");
        if limited {
            table
                .push("(select ")
                .alias(alias)
                .push(".*, row_number() over (partition by ");
            table.column(alias, &many.foreign_key);
            ordered(&mut table, &node.order);
            table.push(") as ").ident(&rank).push(" from ");
        }
        table.ident(&node.from.table).push(" ").alias(alias);
        if !limited {
            self.joined(&mut table, alias);
        }
        table.push(" where ");
        table.column(alias, &many.foreign_key).push(" in (");
        keys(&mut table, chain);
        table.push(")");
        if !node.from.filter.is_true() {
            table.push(" and ");
            expr::pred(&mut table, &node.from.filter);
        }
        if limited {
            let whole = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
            let last = node
                .limit
                .map_or(i64::MAX, |limit| whole(limit.saturating_add(node.offset)));
            table.push(") ").alias(alias);
            self.joined(&mut table, alias);
            table
                .push(" where ")
                .column(alias, &rank)
                .push(" > ")
                .param(whole(node.offset));
            table.push(" and ").column(alias, &rank).push(" <= ").param(last);
        }
        table.push(" group by ").column(alias, &many.foreign_key);
        let mut whole = Sql::new(self.dialect);
        buried(&mut whole, depth, |sql| {
            sql.append(table);
        });
        self.tables.push((alias, whole));
        let (number, parent) = (i64::from(alias), table_of(&many.parent));
        let (open, close) = self.dialect.made_list(inside);
        sql.push(open);
        if let Some(parent) = parent.filter(|parent| self.open.contains(parent)) {
            let mut join = Sql::new(self.dialect);
            join.push(" left join r").number(number).push(" on r").number(number);
            join.push(".k = ");
            expr::expr(&mut join, &many.parent);
            self.joins.push((parent, join));
            sql.push("r").number(number).push(".j");
        } else {
            sql.push("(select j from r").number(number).push(" where k = ");
            expr::expr(sql, &many.parent);
            sql.push(")");
        }
        sql.push(close);
    }
}

/// The table whose key this is, as it stands or as text.
fn table_of(key: &Expr) -> Option<u32> {
    match key {
        Expr::Column(alias, _) => Some(*alias),
        Expr::AsText(of) | Expr::AsComparable(of, _) => table_of(of),
        _ => None,
    }
}

/// Fills in what is bound: constants as they are, variables by the caller and the moment. There is no key: what is asked of
/// an item by its key holds for none.
pub fn fill(binds: &[Bind], variable: &mut dyn FnMut(&Var, Shape) -> Param) -> Vec<Param> {
    fill_keyed(binds, &Param::Null, variable)
}

/// The same, of a statement about the item with this key.
pub fn fill_keyed(binds: &[Bind], key: &Param, variable: &mut dyn FnMut(&Var, Shape) -> Param) -> Vec<Param> {
    binds
        .iter()
        .map(|bind| match bind {
            Bind::Const(param) => param.clone(),
            Bind::Var(var, shape) => variable(var, *shape),
            Bind::Key(_) => key.clone(),
        })
        .collect()
}
