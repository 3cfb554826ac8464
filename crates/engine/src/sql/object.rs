//! JSON objects of any number of members: databases limit how many one call of a function takes.

use super::Sql;

/// Writes an object; `each` writes one member as key, comma, value.
pub fn object<'i, T>(sql: &mut Sql, items: &'i [T], inside: bool, mut each: impl FnMut(&mut Sql, &'i T)) {
    if items.is_empty() {
        sql.push(sql.dialect().empty_object(inside));
        return;
    }
    let open = sql.dialect().object(inside);
    let most = sql.dialect().members();
    if items.len() <= most {
        part(sql, open, items, &mut each);
        return;
    }
    // Larger ones are joined as text, without the brackets between.
    let last = items.len().div_ceil(most) - 1;
    sql.push("cast(");
    for (i, chunk) in items.chunks(most).enumerate() {
        sql.push(match i {
            0 => "left(cast(",
            i if i == last => " || ', ' || substr(cast(",
            _ => " || ', ' || substr(left(cast(",
        });
        part(sql, open, chunk, &mut each);
        sql.push(match i {
            0 => " as text), -1)",
            i if i == last => " as text), 2)",
            _ => " as text), -1), 2)",
        });
    }
    sql.push(" as json)");
}

fn part<'i, T>(sql: &mut Sql, open: &'static str, items: &'i [T], each: &mut impl FnMut(&mut Sql, &'i T)) {
    sql.push(open);
    sql.list(items, |sql, item| each(sql, item));
    sql.push(")");
}
