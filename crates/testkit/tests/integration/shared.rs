//! Limits that several servers share, counted in a real Redis that the tests start.

use aedile_testkit::{
    fixture::{ADMIN, PUBLIC, Project, Reply},
    redis::Redis,
};
use serde_json::json;

/// Two servers on one database, with these settings. The second has what the first has made.
fn servers(redis: &Redis, more: &[(&str, &str)]) -> [Project; 2] {
    let url = redis.url();
    let settings = [&[("RATE_LIMITER_STORE", "redis"), ("REDIS", url.as_str())], more].concat();
    let one = Project::with(&settings);
    let file = one.folder().join("data.db");
    let two = Project::with(&[&settings[..], &[("DB_FILENAME", file.to_str().unwrap())]].concat());
    [one, two]
}

fn login(p: &Project, password: &str) -> Reply {
    let form = json!({ "email": "ann@example.com", "password": password });
    p.post(PUBLIC, "/auth/login", form)
}

fn ann(p: &Project) {
    let user = json!({ "email": "ann@example.com", "password": "secret-pass-1", "status": "active" });
    p.post(ADMIN, "/users", user).ok();
}

#[test]
fn wrong_passwords_are_limited_over_all_servers() {
    let redis = Redis::start().unwrap();
    let limits = [
        ("RATE_LIMITER_LOGIN_ENABLED", "true"),
        ("RATE_LIMITER_LOGIN_POINTS", "4"),
        ("RATE_LIMITER_LOGIN_DURATION", "600"),
    ];
    let [one, two] = servers(&redis, &limits);
    ann(&one);
    for p in [&one, &two, &one] {
        login(p, "secret-pass-1").ok();
    }
    for p in [&one, &two, &two, &one] {
        login(p, "wrong").is(401);
    }
    for p in [&one, &two] {
        assert_eq!(login(p, "secret-pass-1").is(429).code(), "REQUESTS_EXCEEDED");
    }
    assert_eq!(redis.ask("GET aedile:limit:login:127.0.0.1").unwrap(), "$1");
    let left = redis.ask("PTTL aedile:limit:login:127.0.0.1").unwrap();
    let left: u64 = left.trim_start_matches(':').parse().unwrap();
    assert!((500_000..=600_000).contains(&left), "{left}");
    // Another pair does not count with them, though they are asked from the same address.
    let other = Redis::start().unwrap();
    let [one, two] = servers(&other, &limits);
    ann(&one);
    login(&two, "secret-pass-1").ok();
}

#[test]
fn wrong_passwords_in_a_row_are_counted_over_all_servers() {
    let redis = Redis::start().unwrap();
    let [one, two] = servers(&redis, &[]);
    one.patch(ADMIN, "/settings", json!({ "auth_login_attempts": 3 })).ok();
    ann(&one);
    let status = || one.stored("select status from directus_users where email = 'ann@example.com'");
    for p in [&one, &two, &one] {
        login(p, "wrong").is(401);
    }
    // A right one begins anew, everywhere.
    login(&two, "secret-pass-1").ok();
    for p in [&one, &two, &one] {
        login(p, "wrong").is(401);
    }
    assert_eq!(status(), "active");
    login(&two, "wrong").is(401);
    assert_eq!(status(), "suspended");
}

#[test]
fn requests_are_limited_over_all_servers() {
    let redis = Redis::start().unwrap();
    for limiter in ["RATE_LIMITER", "RATE_LIMITER_GLOBAL"] {
        redis.ask("FLUSHALL").unwrap();
        let settings = [("ENABLED", "true"), ("POINTS", "20"), ("DURATION", "600")];
        let settings = settings.map(|(name, value)| (format!("{limiter}_{name}"), value));
        let settings = settings.each_ref().map(|(name, value)| (name.as_str(), *value));
        let [one, two] = servers(&redis, &settings);
        let mut let_through = 0;
        // By turns, since both are to have their share of the one number.
        while [&one, &two].map(|p| p.get(PUBLIC, "/server/ping").status) == [200, 200] {
            let_through += 2;
            assert!(let_through <= 20, "{limiter}");
        }
        // Each was asked at its start as well, whether it answers.
        assert!(let_through >= 10, "{limiter}: {let_through}");
        for p in [&one, &two] {
            p.get(PUBLIC, "/server/ping").is(429);
        }
    }
}

/// A store that is away makes no request fail or wait, and takes no limit away.
#[test]
fn without_the_store_each_server_limits_by_its_own_counts() {
    let redis = Redis::start().unwrap();
    let port = redis.port;
    let limits = [
        ("RATE_LIMITER_LOGIN_ENABLED", "true"),
        ("RATE_LIMITER_LOGIN_POINTS", "2"),
        ("RATE_LIMITER_LOGIN_DURATION", "600"),
        ("LOG_LEVEL", "info"),
    ];
    let [one, two] = servers(&redis, &limits);
    ann(&one);
    login(&one, "wrong").is(401);
    drop(redis);
    for p in [&one, &two] {
        login(p, "secret-pass-1").ok();
        for _ in 0..2 {
            login(p, "wrong").is(401);
        }
        login(p, "secret-pass-1").is(429);
        assert_eq!(p.log().matches("Redis cannot be reached").count(), 1, "{}", p.log());
    }
    let _redis = Redis::start_on(port).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    // Nothing was counted there yet.
    login(&one, "secret-pass-1").ok();
    assert!(one.log().contains("Redis is back"), "{}", one.log());
    // One that was never there is no reason not to serve.
    let nowhere = [
        ("RATE_LIMITER_STORE", "redis"),
        ("REDIS_HOST", "localhost"),
        ("REDIS_PORT", "9"),
    ];
    let p = Project::with(&[&nowhere[..], &limits].concat());
    login(&p, "wrong").is(401);
    login(&p, "wrong").is(401);
    login(&p, "wrong").is(429);
    assert_eq!(p.log().matches("Redis cannot be reached").count(), 1);
}

/// Who has the wrong password for the store is told so in the log, without the password.
#[test]
fn a_store_that_refuses_is_away() {
    let redis = Redis::start().unwrap();
    let url = redis.url().replace("shared-pass-1", "another-pass-2");
    let settings = [
        ("RATE_LIMITER_STORE", "redis"),
        ("REDIS", url.as_str()),
        ("RATE_LIMITER_LOGIN_ENABLED", "true"),
    ];
    let p = Project::with(&settings);
    login(&p, "wrong").is(401);
    assert!(p.log().contains("Redis cannot be reached"), "{}", p.log());
    assert!(!p.log().contains("another-pass-2"));
}
