//! Where values come from, which source wins, and what is said of sources that cannot be read.

use super::*;

#[test]
fn the_environment_wins_over_the_file() {
    let folder = Folder::new();
    folder.write(".env", "PORT=1111\nHOST=from-file\n# a comment\n\nLOG_LEVEL=debug\n");
    let config = load(&folder, &[("PORT", "2222"), ("HOST", "")]).unwrap();
    assert_eq!(
        (config.settings.port, config.settings.host.as_str()),
        (2222, "from-file")
    );
    assert_eq!(value_of(&config, "PORT").source, Source::Environment);
    assert_eq!(value_of(&config, "HOST").source, Source::File(".env".into(), Some(2)));
    assert_eq!(value_of(&config, "LOG_LEVEL").source.to_string(), ".env, line 5");
    assert_eq!(value_of(&config, "PUBLIC_URL").source, Source::Default);
}

#[test]
fn a_file_in_every_format_says_the_same() {
    let files = [
        (
            "a.json",
            r#"{"PORT": 1234, "SERVE_APP": false, "CORS_METHODS": ["GET", "POST"], "HOST": null, "CORS_ORIGIN": "regex:^x$"}"#,
        ),
        (
            "a.yaml",
            "PORT: 1234\nSERVE_APP: false\nCORS_METHODS:\n  - GET\n  - POST\nHOST:\nCORS_ORIGIN: 'regex:^x$'\n",
        ),
        (
            "a.yml",
            "{PORT: '1234', SERVE_APP: 'false', CORS_METHODS: 'GET, POST', CORS_ORIGIN: 'regex:^x$'}",
        ),
        (
            "a.toml",
            "PORT = 1234\nSERVE_APP = false\nCORS_METHODS = ['GET', 'POST']\nCORS_ORIGIN = 'regex:^x$'\n",
        ),
        (
            "a.env",
            "PORT=1234\nSERVE_APP=false\nCORS_METHODS=GET,POST\nCORS_ORIGIN=regex:^x$\n",
        ),
        (
            ".env.local",
            "export PORT='1234'\nSERVE_APP=\"false\" # no\nCORS_METHODS=`GET,POST`\r\nCORS_ORIGIN=regex:^x$",
        ),
    ];
    for (name, text) in files {
        let folder = Folder::new();
        folder.write(name, text).write(".env", "PORT=9\nSHOULD_NOT_BE_READ");
        let config = load(&folder, &[("CONFIG_PATH", name)]).unwrap_or_else(|problems| panic!("{name}: {problems}"));
        let read = config.settings;
        assert_eq!(
            (read.port, read.serve_app, read.host.as_str()),
            (1234, false, "0.0.0.0"),
            "{name}"
        );
        assert_eq!(read.cors.methods, ["GET", "POST"], "{name}");
        assert_eq!(
            read.cors.origin,
            Origins::List(vec![Origin::Pattern("^x$".into())]),
            "{name}"
        );
    }
}

#[test]
fn a_file_that_cannot_be_read_says_where_and_never_what() {
    let cases = [
        (
            "a.json",
            "{\"SECRET\": \"hush-hush\",\n oops}",
            "is not well-formed JSON (line 2, column 2)",
        ),
        ("a.json", "\"hush-hush\"", "is not an object"),
        ("a.yaml", "SECRET=hush-hush", "is not an object"),
        (
            "a.yaml",
            "SECRET: hush-hush\n  PORT: 1\n",
            "is not well-formed YAML (line 2",
        ),
        (
            "a.toml",
            "PORT = 1\nSECRET = hush-hush\n",
            "is not well-formed TOML (line 2, column 10)",
        ),
        ("a.js", "module.exports = {SECRET: 'hush-hush'}", "is a program"),
        ("a.env", "PORT=1\nhush-hush\n", "a.env, line 2: a line is `NAME=value`"),
        ("a.env", "SECRET=hush-hush#1\n", "a.env, line 1: the value has a `#`"),
        (
            "a.env",
            "\nSECRET='hush-hush\n",
            "a.env, line 2: the quote is never closed",
        ),
        ("a.env", "SECRET='hush'-hush\n", "a.env, line 1: there is text after"),
    ];
    for (name, text, expected) in cases {
        let folder = Folder::new();
        let complaint = complaints(folder.write(name, text), &[("CONFIG_PATH", name)]);
        assert!(complaint.contains(expected), "{name}: {complaint}");
        assert!(!complaint.contains("hush"), "{name} shows its content: {complaint}");
    }
    let missing = complaints(&Folder::new(), &[("CONFIG_PATH", "nowhere.yaml")]);
    assert!(
        missing.contains("nowhere.yaml (named by CONFIG_PATH) cannot be read"),
        "{missing}"
    );
}

#[test]
fn dotenv_reads_quotes_comments_and_long_values() {
    let text = "A=plain value  # comment\nB='single # \\n'\nC=\"two\\nlines \\\"q\\\" \\\\ \\d\"\n\
                D=\"real\nline\" # end\nE=\n  export  F =  x\nG=a=b\nH=`back'\"tick`\n# I=no\nJ= # only a comment\n";
    let (lines, complaints) = dotenv::parse(text);
    assert_eq!(complaints, []);
    let read: Vec<_> = lines
        .iter()
        .map(|line| (line.name.as_str(), line.value.as_str(), line.number))
        .collect();
    let expected = [
        ("A", "plain value", 1),
        ("B", "single # \\n", 2),
        ("C", "two\nlines \"q\" \\ \\d", 3),
        ("D", "real\nline", 4),
        ("E", "", 6),
        ("F", "x", 7),
        ("G", "a=b", 8),
        ("H", "back'\"tick", 9),
        ("J", "", 11),
    ];
    assert_eq!(read, expected);
}

#[test]
fn a_value_may_live_in_a_file_of_its_own() {
    let folder = Folder::new();
    folder
        .write("port", "4321\n")
        .write("secret", "a secret of some length, with an end\r\n")
        .write("bad", "hidden\n");
    folder.write(".env", "SECRET_FILE=secret\n");
    let config = load(&folder, &[("PORT_FILE", "port")]).unwrap();
    assert_eq!(config.settings.port, 4321);
    assert_eq!(
        config.settings.tokens.secret.expose(),
        "a secret of some length, with an end"
    );
    assert_eq!(
        value_of(&config, "PORT").source.to_string(),
        "port, named in environment"
    );
    assert_eq!(
        value_of(&config, "SECRET").source.to_string(),
        "secret, named in .env, line 1"
    );

    // The environment's own value wins over the file's reference; two references in one place are a contradiction.
    let config = load(&folder, &[("SECRET", "another secret, given directly")]).unwrap();
    assert_eq!(value_of(&config, "SECRET").source, Source::Environment);
    let both = complaints(&folder, &[("PORT", "1"), ("PORT_FILE", "port")]);
    assert!(
        both.contains("PORT (environment) and PORT_FILE (environment) are both set"),
        "{both}"
    );
    let missing = complaints(&folder, &[("PORT_FILE", "nowhere")]);
    assert!(
        missing.contains("PORT_FILE (environment) names the file nowhere, which cannot be read"),
        "{missing}"
    );
    let bad = complaints(&folder, &[("PORT_FILE", "bad")]);
    assert!(
        bad.contains("PORT (bad, named in environment) is \"hidden\", but it takes a whole number"),
        "{bad}"
    );
}

#[test]
#[cfg(unix)]
fn values_that_are_not_text_are_refused() {
    use std::os::unix::ffi::OsStringExt;
    let odd = OsString::from_vec(vec![0x66, 0xff]);
    let refused = Config::from_sources([("HOST".into(), odd)], Path::new("/nonexistent")).unwrap_err();
    assert!(
        refused.to_string().contains("HOST (environment) is not valid UTF-8."),
        "{refused}"
    );
}

#[test]
fn misspelt_names_in_the_file_are_pointed_out() {
    let folder = Folder::new();
    folder.write(
        ".env",
        "ACESS_TOKEN_TTL=1m\ncors_enable=true\nSECRETS_FILE=x\nUNRELATED_THING=1\nEMAIL_FROM=a@b.c\nPUT=1\n",
    );
    let config = load(&folder, &[("ACCES_TOKEN_TTL", "in the environment anything goes")]).unwrap();
    insta::assert_snapshot!(config.warnings.join("\n"), @r"
    ACESS_TOKEN_TTL (.env, line 1) is not a setting; did you mean ACCESS_TOKEN_TTL?
    cors_enable (.env, line 2) is not a setting; did you mean CORS_ENABLED?
    SECRETS_FILE (.env, line 3) is not a setting; did you mean SECRET?
    ");
}
