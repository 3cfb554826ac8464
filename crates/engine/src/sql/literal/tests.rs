//! Constants in SQL end where they should.
use serde_json::json;

use super::*;
use crate::sql::Dialect;

fn literal(value: Json) -> Result<String> {
    let mut sql = Sql::new(Dialect::Sqlite);
    sql.literal(&value)?;
    Ok(sql.finish(Vec::new()).text)
}

#[test]
fn constants_are_written_so_that_they_end_where_they_should() {
    assert_eq!(literal(json!("it's")).unwrap(), "'it''s'");
    assert_eq!(
        literal(json!("'); drop table x; --")).unwrap(),
        "'''); drop table x; --'"
    );
    assert_eq!(literal(json!("back\\slash'")).unwrap(), "'back\\slash'''");
    assert_eq!(literal(json!(-1.5e300)).unwrap(), "-1.5e+300");
    assert_eq!(literal(json!(u64::MAX)).unwrap(), "18446744073709551615");
    assert_eq!(literal(json!(true)).unwrap(), "1");
    assert_eq!(literal(json!(null)).unwrap(), "null");
    assert_eq!(literal(json!({"a": "'"})).unwrap(), r#"'{"a":"''"}'"#);
}

#[test]
fn a_nul_would_cut_the_statement_and_is_refused() {
    assert!(literal(json!("a\0b")).is_err());
}
