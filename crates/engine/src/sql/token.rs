//! How values are told: SQL that yields ready text or JSON, so that every driver shares one small writer.

use crate::{
    plan::{Expr, Token},
    schema::Kind,
    sql::{Dialect, Shape, Sql, expr},
};

/// Writes a value so that it can be copied into the answer; says how.
pub fn told(sql: &mut Sql, of: &Expr, token: Token) -> Shape {
    match sql.dialect() {
        Dialect::Sqlite => sqlite(sql, of, token),
        Dialect::Postgres => postgres(sql, of, token, false),
        Dialect::MySql(_) => mysql(sql, of, token),
    }
}

/// Writes a value as a member of a JSON object or list.
pub fn member(sql: &mut Sql, of: &Expr, token: Token) {
    match sql.dialect() {
        Dialect::Sqlite => {
            // Text that holds JSON must say so, or it would become a string.
            if is_json(token) {
                sql.push("json(");
                sqlite(sql, of, token);
                sql.push(")");
            } else {
                sqlite(sql, of, token);
            }
        }
        Dialect::Postgres => {
            postgres(sql, of, token, true);
        }
        Dialect::MySql(_) if is_json(token) => {
            let (open, close) = sql.dialect().json(true);
            sql.push(open);
            mysql(sql, of, token);
            sql.push(close);
        }
        Dialect::MySql(_) => {
            mysql(sql, of, token);
        }
    }
}

/// Whether a value is told as JSON text rather than as text or a number.
pub fn is_json(token: Token) -> bool {
    matches!(token, Token::Boolean | Token::Json | Token::Csv | Token::Geometry)
}

/// Writes a bare key as JSON text.
pub fn quoted(sql: &mut Sql, of: &Expr, token: Token) {
    match sql.dialect() {
        Dialect::Sqlite => {
            sql.push("json_quote(");
            if token == Token::Number {
                // A key that is no number is told as it is stored.
                sql.push("iif(cast(cast(");
                expr::expr(sql, of);
                sql.push(" as integer) as text) = ");
                expr::expr(sql, of);
                sql.push(", cast(");
                expr::expr(sql, of);
                sql.push(" as integer), ");
                expr::expr(sql, of);
                sql.push(")");
            } else {
                expr::expr(sql, of);
            }
            sql.push(")");
        }
        Dialect::Postgres if token == Token::Number => {
            let number = Expr::AsWhole(Box::new(of.clone()));
            sql.push("case when cast(");
            expr::expr(sql, &number);
            sql.push(" as text) = ");
            expr::expr(sql, of);
            sql.push(" then to_json(");
            expr::expr(sql, &number);
            sql.push(") else to_json(");
            expr::expr(sql, of);
            sql.push(") end");
        }
        Dialect::Postgres => {
            sql.push("to_json(");
            expr::expr(sql, of);
            sql.push(")");
        }
        Dialect::MySql(_) if token == Token::Number => {
            let number = Expr::AsWhole(Box::new(of.clone()));
            sql.push("case when ");
            expr::expr(sql, &Expr::AsText(Box::new(number.clone())));
            sql.push(" = ");
            expr::expr(sql, of);
            sql.push(" then cast(");
            expr::expr(sql, &number);
            sql.push(" as char) else json_quote(");
            expr::expr(sql, of);
            sql.push(") end");
        }
        Dialect::MySql(_) => {
            sql.push("json_quote(");
            expr::expr(sql, of);
            sql.push(")");
        }
    }
}

fn sqlite(sql: &mut Sql, of: &Expr, token: Token) -> Shape {
    match token {
        Token::Text | Token::Time => {
            expr::expr(sql, of);
            Shape::Text
        }
        Token::Number => {
            expr::expr(sql, of);
            Shape::Raw
        }
        Token::NumberText => {
            sql.push("cast(");
            expr::expr(sql, of);
            sql.push(" as text)");
            Shape::Text
        }
        Token::Decimal(scale) => {
            where_some(sql, of, |sql| {
                sql.push("format('%.").number(i64::from(scale)).push("f', ");
                expr::expr(sql, of);
                sql.push(")");
            });
            Shape::Text
        }
        Token::Boolean => {
            sql.push("case ");
            expr::expr(sql, of);
            sql.push(" when 1 then 'true' when 0 then 'false' end");
            Shape::Raw
        }
        // Kept as it came.
        Token::Json | Token::Geometry => {
            where_some(sql, of, |sql| {
                sql.push("iif(json_valid(");
                expr::expr(sql, of);
                sql.push("), ");
                expr::expr(sql, of);
                sql.push(", json_quote(");
                expr::expr(sql, of);
                sql.push("))");
            });
            Shape::Raw
        }
        Token::Csv => {
            where_some(sql, of, |sql| {
                sql.push("case ");
                expr::expr(sql, of);
                sql.push(" when '' then '[]' else '[' || replace(json_quote(cast(");
                expr::expr(sql, of);
                sql.push(" as text)), ',', '\",\"') || ']' end");
            });
            Shape::Raw
        }
        Token::Wall => moment(sql, of, Kind::DateTime, "strftime('%Y-%m-%dT%H:%M:%S', "),
        Token::Instant => moment(sql, of, Kind::Timestamp, "strftime('%Y-%m-%dT%H:%M:%fZ', "),
        Token::Mask => {
            where_some(sql, of, |sql| {
                sql.push("'**********'");
            });
            Shape::Text
        }
    }
}

/// PostgreSQL's driver knows the types it is answered, and JSON functions know those they are given: most values are
/// told by themselves.
fn postgres(sql: &mut Sql, of: &Expr, token: Token, member: bool) -> Shape {
    match token {
        Token::Text | Token::Time => {
            expr::expr(sql, of);
            Shape::Text
        }
        Token::Number => {
            expr::expr(sql, of);
            Shape::Raw
        }
        Token::NumberText | Token::Decimal(_) => {
            cast(sql, of, "text");
            Shape::Text
        }
        Token::Boolean => {
            // Numbers may hold booleans; small ones become none at once.
            sql.push("cast(");
            cast(sql, of, "integer");
            sql.push(" as boolean)");
            Shape::Raw
        }
        Token::Json if member => {
            cast(sql, of, "json");
            Shape::Raw
        }
        Token::Json => {
            expr::expr(sql, of);
            Shape::Raw
        }
        Token::Geometry => {
            sql.push(if member { "cast(st_asgeojson(" } else { "st_asgeojson(" });
            expr::expr(sql, of);
            sql.push(if member { ") as json)" } else { ")" });
            Shape::Raw
        }
        Token::Csv => {
            sql.push(if member { "cast(" } else { "" });
            where_some(sql, of, |sql| {
                sql.push("case ");
                expr::expr(sql, of);
                sql.push(" when '' then '[]' else '[' || replace(cast(to_json(");
                cast(sql, of, "text");
                sql.push(") as text), ',', '\",\"') || ']' end");
            });
            sql.push(if member { " as json)" } else { "" });
            Shape::Raw
        }
        Token::Wall => to_char(sql, of, Kind::DateTime, ", 'YYYY-MM-DD\"T\"HH24:MI:SS')"),
        Token::Instant => to_char(sql, of, Kind::Timestamp, ", 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"),
        Token::Mask => {
            where_some(sql, of, |sql| {
                sql.push("'**********'");
            });
            Shape::Text
        }
    }
}

/// MariaDB keeps JSON as text, and knows its own functions' results for JSON.
fn mysql(sql: &mut Sql, of: &Expr, token: Token) -> Shape {
    match token {
        Token::Text => {
            expr::expr(sql, of);
            Shape::Text
        }
        Token::Number => {
            expr::expr(sql, of);
            Shape::Raw
        }
        Token::NumberText | Token::Decimal(_) => {
            cast(sql, of, "char");
            Shape::Text
        }
        Token::Boolean => {
            sql.push("case ");
            expr::expr(sql, of);
            sql.push(" when 1 then 'true' when 0 then 'false' end");
            Shape::Raw
        }
        Token::Json => {
            where_some(sql, of, |sql| {
                sql.push("if(json_valid(");
                expr::expr(sql, of);
                sql.push("), ");
                cast(sql, of, "char");
                sql.push(", json_quote(");
                cast(sql, of, "char");
                sql.push("))");
            });
            Shape::Raw
        }
        Token::Geometry => {
            sql.push("st_asgeojson(");
            expr::expr(sql, of);
            sql.push(")");
            Shape::Raw
        }
        Token::Csv => {
            where_some(sql, of, |sql| {
                sql.push("case ");
                expr::expr(sql, of);
                sql.push(" when '' then '[]' else concat('[', replace(json_quote(");
                cast(sql, of, "char");
                sql.push("), ',', '\",\"'), ']') end");
            });
            Shape::Raw
        }
        Token::Time => {
            // A fraction only where there is one.
            sql.push("trim(trailing '.' from trim(trailing '0' from time_format(");
            expr::expr(sql, of);
            sql.push(", '%H:%i:%s.%f')))");
            Shape::Text
        }
        Token::Wall => {
            sql.push("date_format(");
            expr::moment(sql, Kind::DateTime, of);
            sql.push(", '%Y-%m-%dT%H:%i:%s')");
            Shape::Text
        }
        Token::Instant => {
            sql.push("concat(left(date_format(");
            expr::moment(sql, Kind::Timestamp, of);
            sql.push(", '%Y-%m-%dT%H:%i:%s.%f'), 23), 'Z')");
            Shape::Text
        }
        Token::Mask => {
            where_some(sql, of, |sql| {
                sql.push("'**********'");
            });
            Shape::Text
        }
    }
}

fn to_char(sql: &mut Sql, of: &Expr, kind: Kind, close: &'static str) -> Shape {
    sql.push("to_char(");
    expr::moment(sql, kind, of);
    sql.push(close);
    Shape::Text
}

fn cast(sql: &mut Sql, of: &Expr, name: &'static str) {
    sql.push("cast(");
    expr::expr(sql, of);
    sql.push(" as ").push(name).push(")");
}

fn moment(sql: &mut Sql, of: &Expr, kind: Kind, open: &'static str) -> Shape {
    sql.push(open);
    expr::moment(sql, kind, of);
    sql.push(")");
    Shape::Text
}

fn where_some(sql: &mut Sql, of: &Expr, then: impl FnOnce(&mut Sql)) {
    sql.push("case when ");
    expr::expr(sql, of);
    sql.push(" is not null then ");
    then(sql);
    sql.push(" end");
}
