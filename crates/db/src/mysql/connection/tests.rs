//! Which servers are served, by what they call themselves.

use aedile_engine::Code;

use super::is_served;

#[test]
fn only_mariadb_of_a_known_version_is_served() {
    for version in ["10.11.19-MariaDB-0+deb12u1", "11.4.2-MariaDB", "12.0.1-MariaDB-log"] {
        assert!(is_served(version).is_ok(), "{version}");
    }
    for version in [
        "8.0.36",
        "8.4.0-commercial",
        "9.1.0-MySQL",
        "10.6.18-MariaDB",
        "5.5.68-MariaDB",
        "MariaDB",
        "",
    ] {
        let error = is_served(version).unwrap_err();
        assert_eq!(error.code(), Code::ServiceUnavailable, "{version}");
    }
}
