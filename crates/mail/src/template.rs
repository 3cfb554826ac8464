//! What mails say: Liquid templates, each as HTML and as plain text, built in and overridden by files. They are read and
//! checked once, at the start. In HTML every value is escaped before it gets there: no template can forget to.

use std::{fs, io, path::Path};

use aedile_engine::{Code, Error, Result};
use liquid::{Parser, ParserBuilder, Template};

use crate::brand::Brand;

mod escape;
mod layout;
#[cfg(test)]
mod tests;

/// Largest file that is read, in bytes.
const MAX_BYTES: u64 = 256 * 1024;

/// What a mail is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Setting a new password.
    PasswordReset,
    /// Accepting an invitation.
    UserInvitation,
    /// Confirming the address of a registration.
    UserRegistration,
}

impl Kind {
    const ALL: [Kind; 3] = [Kind::PasswordReset, Kind::UserInvitation, Kind::UserRegistration];

    /// The template's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Kind::PasswordReset => "password-reset",
            Kind::UserInvitation => "user-invitation",
            Kind::UserRegistration => "user-registration",
        }
    }

    pub(crate) fn subject(self, project: &str) -> String {
        match self {
            Kind::PasswordReset => format!("Reset your password for {project}"),
            Kind::UserInvitation => format!("Your invitation to {project}"),
            Kind::UserRegistration => format!("Confirm your address for {project}"),
        }
    }
}

/// The templates of a project.
pub struct Templates(Vec<(Kind, Pair)>);

struct Pair {
    html: Template,
    text: Template,
}

/// Both bodies of a mail.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    /// For clients that show pages.
    pub html: String,
    /// For all others.
    pub text: String,
}

impl Templates {
    /// The built-in ones, overridden by the files of a folder that may not be there.
    ///
    /// # Errors
    /// `SERVICE_UNAVAILABLE`: a file that is no template, with its name.
    pub fn load(folder: &Path) -> Result<Templates> {
        let plain = ParserBuilder::with_stdlib().build();
        let escaping = ParserBuilder::with_stdlib().filter(escape::Escape).build();
        let (plain, escaping) = (
            plain.map_err(|_| unusable_parser())?,
            escaping.map_err(|_| unusable_parser())?,
        );
        let mut all = Vec::new();
        for kind in Kind::ALL {
            let pair = Pair {
                html: parsed(&escaping, folder, kind.name())?,
                text: parsed(&plain, folder, &format!("{}.text", kind.name()))?,
            };
            all.push((kind, pair));
        }
        Ok(Templates(all))
    }

    /// A mail's bodies.
    ///
    /// # Errors
    /// Internal: a template that names what is not there.
    pub fn render(&self, kind: Kind, brand: &Brand, to: &str, url: &str) -> Result<Rendered> {
        let pair = self.0.iter().find(|(own, _)| *own == kind).map(|(_, pair)| pair);
        let pair = pair.ok_or_else(|| Error::internal("a mail has no template"))?;
        let render = |template: &Template, form: fn(&str) -> String| {
            let values = values(brand, to, url, form);
            let rendered = template.render(&values);
            rendered.map_err(|error| Error::internal(format!("the template {} failed: {error}", kind.name())))
        };
        Ok(Rendered {
            html: render(&pair.html, escape::escaped)?,
            text: render(&pair.text, str::to_owned)?,
        })
    }
}

/// What templates may use.
fn values(brand: &Brand, to: &str, url: &str, form: fn(&str) -> String) -> liquid::Object {
    let optional = |value: &Option<String>| value.as_deref().map(form);
    liquid::object!({
        "projectName": form(&brand.name),
        "projectColor": form(&brand.color),
        "projectLogo": optional(&brand.logo),
        "projectUrl": optional(&brand.url),
        "email": form(to),
        "url": form(url),
    })
}

fn parsed(parser: &Parser, folder: &Path, name: &str) -> Result<Template> {
    let whole = layout::joined(name, &mut |name| source(folder, name))?;
    parser.parse(&whole).map_err(|error| faulty(name, &error.to_string()))
}

/// The text of a template: the folder's, else the built-in one.
fn source(folder: &Path, name: &str) -> Result<String> {
    let path = folder.join(format!("{name}.liquid"));
    match fs::metadata(&path) {
        Ok(facts) if facts.len() > MAX_BYTES => Err(faulty(name, "it is too large")),
        Ok(_) => fs::read_to_string(&path).map_err(|error| faulty(name, &error.to_string())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let own = built_in(name).map(str::to_owned);
            own.ok_or_else(|| faulty(name, "there is none of this name"))
        }
        Err(error) => Err(faulty(name, &error.to_string())),
    }
}

fn built_in(name: &str) -> Option<&'static str> {
    Some(match name {
        "base" => include_str!("../templates/base.liquid"),
        "password-reset" => include_str!("../templates/password-reset.liquid"),
        "password-reset.text" => include_str!("../templates/password-reset.text.liquid"),
        "user-invitation" => include_str!("../templates/user-invitation.liquid"),
        "user-invitation.text" => include_str!("../templates/user-invitation.text.liquid"),
        "user-registration" => include_str!("../templates/user-registration.liquid"),
        "user-registration.text" => include_str!("../templates/user-registration.text.liquid"),
        _ => return None,
    })
}

fn faulty(name: &str, why: &str) -> Error {
    let reason = format!("The mail template {name}.liquid (EMAIL_TEMPLATES_PATH) cannot be used: {why}");
    Error::new(Code::ServiceUnavailable, reason)
}

fn unusable_parser() -> Error {
    Error::internal("the templates' parser cannot be made")
}
