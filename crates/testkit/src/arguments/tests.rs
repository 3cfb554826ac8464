//! Options, values, and what is refused.

use anyhow::Result;

use super::{Rest, read_from};

fn read(given: &[&str]) -> Result<(bool, u64)> {
    let (mut flag, mut number) = (false, 0);
    let given = given.iter().map(|text| (*text).to_owned());
    read_from(given, "the usage", |name, rest: &mut Rest<'_>| {
        match name {
            "--flag" => flag = true,
            "--number" => number = rest.value()?,
            _ => return Ok(false),
        }
        Ok(true)
    })?;
    Ok((flag, number))
}

#[test]
fn options_are_read_in_any_order() {
    assert_eq!(read(&[]).unwrap(), (false, 0));
    assert_eq!(read(&["--number", "7", "--flag"]).unwrap(), (true, 7));
    assert_eq!(read(&["--flag", "--number", "7"]).unwrap(), (true, 7));
}

#[test]
fn what_is_not_understood_is_refused() {
    for (given, told) in [
        (&["--flags"][..], "the usage"),
        (&["7"], "the usage"),
        (&["--number"], "--number needs a value"),
        (&["--number", "x"], "--number x: invalid digit"),
    ] {
        let error = format!("{:#}", read(given).unwrap_err());
        assert!(error.starts_with(told), "{given:?}: {error}");
    }
}
