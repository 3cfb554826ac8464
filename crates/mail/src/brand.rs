//! What a project looks like, from its settings. They are written by people who may not know that mails show them, so
//! nothing of them is taken that could be more than a name, a colour or an address.

use std::sync::Arc;

use aedile_engine::{Result, sql::Sql, value::Param};
use aedile_platform::App;

#[cfg(test)]
mod tests;

const SETTINGS: &str =
    "select project_name, project_color, project_logo, project_url from directus_settings order by id limit 1";

/// The colour of a project that has none, or none that is one.
const COLOR: &str = "#6644FF";

/// Longest name that is told, in characters: what its column holds.
const MAX_NAME: usize = 100;

/// A project's name, colour, logo and address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brand {
    pub name: String,
    pub color: String,
    pub logo: Option<String>,
    pub url: Option<String>,
}

impl Brand {
    /// The project's, as its settings are now.
    pub async fn of(app: &App) -> Result<Brand> {
        let mut sql = Sql::new(app.db().dialect());
        sql.push(SETTINGS);
        let rows = app.db().fetch(Arc::new(sql.finish(Vec::new())), Vec::new()).await?;
        let text = |column: usize| match rows.first().and_then(|row| row.get(column)) {
            Some(Param::Text(text)) => Some(text.as_str()),
            _ => None,
        };
        let public_url = &app.settings().public_url;
        Ok(Brand::new(public_url, text(0), text(1), text(2), text(3)))
    }

    pub(crate) fn new(
        public_url: &str,
        name: Option<&str>,
        color: Option<&str>,
        logo: Option<&str>,
        url: Option<&str>,
    ) -> Brand {
        let name: String = name
            .unwrap_or_default()
            .chars()
            .filter(|c| !c.is_control())
            .take(MAX_NAME)
            .collect();
        let is_web = |url: &&str| url.starts_with("https://") || url.starts_with("http://");
        Brand {
            name: if name.trim().is_empty() {
                "Aedile".to_owned()
            } else {
                name
            },
            color: color.filter(|color| is_color(color)).unwrap_or(COLOR).to_owned(),
            logo: logo.map(|file| format!("{}/assets/{file}", public_url.trim_end_matches('/'))),
            url: url.filter(is_web).map(str::to_owned),
        }
    }
}

/// `#` and hexadecimal digits: anything else could end the style that it is put into.
fn is_color(text: &str) -> bool {
    let digits = text.strip_prefix('#').unwrap_or_default();
    matches!(digits.len(), 3 | 4 | 6 | 8) && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}
