//! That the commands parse as documented, their help reads well, and no password shows in what was parsed.

use clap::{CommandFactory, Parser, error::ErrorKind};

use super::*;

/// Columns of the help in the snapshots, whatever terminal runs the tests.
const WIDTH: usize = 100;

/// The help of a command and of everything below it.
fn helps(command: &mut clap::Command, path: &str, out: &mut String) {
    out.push_str(&format!("===== {path}\n{}\n", command.render_long_help()));
    for child in command.get_subcommands_mut().filter(|child| child.get_name() != "help") {
        let path = format!("{path} {}", child.get_name());
        helps(child, &path, out);
    }
}

#[test]
fn the_command_line_is_well_formed() {
    Cli::command().debug_assert();
}

#[test]
fn the_help_of_every_command() {
    let mut command = Cli::command().term_width(WIDTH);
    command.build();
    let mut out = String::new();
    helps(&mut command, "aedile", &mut out);
    let lines: Vec<_> = out.lines().map(str::trim_end).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn commands_parse_as_documented() {
    let parse = |line: &str| Cli::try_parse_from(line.split(' ')).map(|cli| format!("{:?}", cli.command));
    let cases = [
        ("aedile start", "Start"),
        ("aedile bootstrap", "Bootstrap(Bootstrap { skip_admin_init: false })"),
        (
            "aedile bootstrap --skip-admin-init",
            "Bootstrap(Bootstrap { skip_admin_init: true })",
        ),
        (
            "aedile bootstrap --skipAdminInit",
            "Bootstrap(Bootstrap { skip_admin_init: true })",
        ),
        ("aedile database install", "Database(Install)"),
        ("aedile database migrate:latest", "Database(MigrateLatest)"),
        ("aedile database migrate:up", "Database(MigrateUp)"),
        ("aedile database migrate:down", "Database(MigrateDown)"),
        (
            "aedile roles create --role Editors --admin",
            r#"Roles(Create(RoleCreate { role: "Editors", admin: true }))"#,
        ),
        (
            "aedile explain --public --collection articles --action read --field id --field title",
            "Explain(Explain { user: None, role: None, public: true, ip: None, collection: \"articles\", action: \"read\", \
             item: None, fields: [\"id\", \"title\"], json: false })",
        ),
        (
            "aedile access snapshot",
            "Access(Snapshot(AccessSnapshot { file: None, without_users: false }))",
        ),
        (
            "aedile access snapshot --without-users access.yaml",
            r#"Access(Snapshot(AccessSnapshot { file: Some("access.yaml"), without_users: true }))"#,
        ),
        (
            "aedile access diff access.yaml --format json",
            r#"Access(Diff(AccessDiff { file: "access.yaml", format: Json }))"#,
        ),
        (
            "aedile access apply -y access.yaml",
            r#"Access(Apply(AccessApply { file: "access.yaml", yes: true, dry_run: false }))"#,
        ),
        (
            "aedile access test a.yaml b.yaml",
            r#"Access(Test(AccessTest { files: ["a.yaml", "b.yaml"], format: Text }))"#,
        ),
        ("aedile demo --force", "Demo(Demo { force: true })"),
        ("aedile config --json", "Config(Config { json: true, docs: false })"),
        ("aedile secret generate", "Secret(Generate)"),
        ("aedile key generate", "Key(Generate)"),
        ("aedile security secret:generate", "Security(SecretGenerate)"),
        ("aedile security key:generate", "Security(KeyGenerate)"),
    ];
    for (line, expected) in cases {
        assert_eq!(parse(line).unwrap(), expected, "{line}");
    }
}

#[test]
fn misuse_is_refused() {
    let cases = [
        ("aedile", ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand),
        ("aedile --version", ErrorKind::DisplayVersion),
        ("aedile -V", ErrorKind::DisplayVersion),
        ("aedile begin", ErrorKind::InvalidSubcommand),
        ("aedile start now", ErrorKind::UnknownArgument),
        (
            "aedile explain --collection articles --action read",
            ErrorKind::MissingRequiredArgument,
        ),
        (
            "aedile explain --public --role Editors --collection articles --action read",
            ErrorKind::ArgumentConflict,
        ),
        (
            "aedile explain --public --ip here --collection articles --action read",
            ErrorKind::ValueValidation,
        ),
        ("aedile users create --email a@b.c", ErrorKind::MissingRequiredArgument),
        (
            "aedile users passwd --email a@b.c --password=",
            ErrorKind::ValueValidation,
        ),
        ("aedile access diff", ErrorKind::MissingRequiredArgument),
        ("aedile access test", ErrorKind::MissingRequiredArgument),
        (
            "aedile access apply --yes --dry-run a.yaml",
            ErrorKind::ArgumentConflict,
        ),
        ("aedile access diff a.yaml --format xml", ErrorKind::InvalidValue),
        ("aedile config --json --docs", ErrorKind::ArgumentConflict),
    ];
    for (line, expected) in cases {
        let error = Cli::try_parse_from(line.split(' ')).unwrap_err();
        assert_eq!(error.kind(), expected, "{line}");
        let shown = matches!(expected, ErrorKind::DisplayVersion);
        assert_eq!(error.exit_code(), if shown { 0 } else { 2 }, "{line}");
    }
}

#[test]
fn a_password_does_not_show_in_the_parsed_arguments() {
    let line = [
        "aedile",
        "users",
        "create",
        "--email",
        "a@b.c",
        "--role",
        "r",
        "--password",
        "hush-hush",
    ];
    let Command::Users(Users::Create(args)) = Cli::try_parse_from(line).unwrap().command else {
        panic!("another command")
    };
    assert!(!format!("{args:?}").contains("hush"));
    assert_eq!(args.password.unwrap().expose(), "hush-hush");
}
