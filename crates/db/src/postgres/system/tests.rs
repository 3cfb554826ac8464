//! What servers call themselves.

use super::note_on;

#[test]
fn cockroachdb_is_recognised() {
    let cockroach = "CockroachDB CCL v23.2.5 (x86_64-pc-linux-gnu, built 2024/05/03 13:30:47, go1.21.9)";
    assert!(note_on(cockroach).is_some_and(|note| note.contains("CockroachDB")));
    let postgres = "PostgreSQL 15.6 (Debian 15.6-0+deb12u1) on x86_64-pc-linux-gnu, compiled by gcc, 64-bit";
    for version in [
        postgres,
        "PostgreSQL 16.4, compiled by Visual C++ build 1940, 64-bit",
        "",
    ] {
        assert_eq!(note_on(version), None);
    }
}
