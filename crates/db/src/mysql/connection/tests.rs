//! Which servers are served, by what they call themselves.

use aedile_engine::{Code, sql::Flavour};

use super::served;

#[test]
fn only_servers_of_a_known_version_are_served() {
    for version in ["10.11.19-MariaDB-0+deb12u1", "11.4.2-MariaDB", "12.0.1-MariaDB-log"] {
        assert_eq!(served(version, false).ok(), Some(Flavour::MariaDb), "{version}");
        assert_eq!(served(version, true).ok(), Some(Flavour::Rehearsal), "{version}");
    }
    for version in ["8.0.22", "8.0.36-28", "8.4.0-commercial", "9.1.0-MySQL"] {
        assert_eq!(served(version, false).ok(), Some(Flavour::MySql), "{version}");
        assert_eq!(served(version, true).ok(), Some(Flavour::MySql), "{version}");
    }
    for version in [
        "8.0.21",
        "8.0.11-TiDB-v7.5.0",
        "5.7.44-log",
        "10.6.18-MariaDB",
        "5.5.68-MariaDB",
        "MariaDB",
        "",
    ] {
        let error = served(version, false).unwrap_err();
        assert_eq!(error.code(), Code::ServiceUnavailable, "{version}");
    }
}
