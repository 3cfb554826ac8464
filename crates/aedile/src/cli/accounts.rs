//! The words of `aedile users` and `aedile roles`, and nothing of what they do.

use aedile_platform::config::Secret;
use clap::{Args, Subcommand};

/// What to do with users.
#[derive(Debug, Subcommand)]
pub enum Users {
    /// Create a user and print its id
    #[command(after_help = "\
Without --password, the password is read from the first line of standard input, which keeps it out of the shell's \
history and the list of processes.

Examples:
  aedile users create --email ada@example.com --role 6f1b2c8e-6a40-4f0e-9c53-0f3f0c1f2a11 < password.txt
  aedile users create --email ada@example.com --password 's3cret' --role <role id>")]
    Create(UserCreate),
    /// Set the password of a user
    #[command(after_help = "\
Without --password, the password is read from the first line of standard input.

Example:
  aedile users passwd --email ada@example.com < password.txt")]
    Passwd(UserPasswd),
}

/// Arguments of `users create`.
#[derive(Debug, Args)]
pub struct UserCreate {
    /// E-mail address to log in with
    #[arg(long)]
    pub email: String,
    /// Password; standard input when left out
    #[arg(long, value_parser = secret)]
    pub password: Option<Secret>,
    /// Id of the role
    #[arg(long)]
    pub role: String,
}

/// Arguments of `users passwd`.
#[derive(Debug, Args)]
pub struct UserPasswd {
    /// E-mail address of the user
    #[arg(long)]
    pub email: String,
    /// Password; standard input when left out
    #[arg(long, value_parser = secret)]
    pub password: Option<Secret>,
}

/// What to do with roles.
#[derive(Debug, Subcommand)]
pub enum Roles {
    /// Create a role and print its id
    #[command(after_help = "\
Examples:
  aedile roles create --role Editors
  aedile roles create --role Administrators --admin")]
    Create(RoleCreate),
}

/// Arguments of `roles create`.
#[derive(Debug, Args)]
pub struct RoleCreate {
    /// Name of the role
    #[arg(long, value_name = "NAME")]
    pub role: String,
    /// Attach a policy with administrator rights
    #[arg(long)]
    pub admin: bool,
}

/// Covers a secret as soon as it comes in, so that no debug output of the arguments shows it.
fn secret(text: &str) -> Result<Secret, String> {
    if text.is_empty() {
        Err("a password is not empty".into())
    } else {
        Ok(Secret::new(text))
    }
}
