//! The requests that are measured. Each has a part that varies with a number, so that no answer can be kept and given
//! again.

use serde_json::{Value, json};

use super::{READER_TOKEN, Sizes};
use crate::ADMIN_TOKEN;

/// Items on a page.
const PAGE: u32 = 25;

/// Pages that are asked for: those that there are for the restricted user too.
const PAGES: u32 = 100;

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// The administrator, by static token.
    Administrator,
    /// The restricted user, by static token.
    Reader,
}

impl Who {
    /// Its static token.
    #[must_use]
    pub fn token(self) -> &'static str {
        match self {
            Who::Administrator => ADMIN_TOKEN,
            Who::Reader => READER_TOKEN,
        }
    }

    /// Its name in tables and files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Who::Administrator => "admin",
            Who::Reader => "reader",
        }
    }
}

/// What a case does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Reads one item by its key.
    Item,
    /// Reads a list.
    List,
    /// Reads a list, and counts what its filter leaves.
    CountedList,
    /// Creates an item.
    Create,
    /// Updates an item.
    Update,
}

/// A measured request.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// Its name, and that of its hand-written SQL.
    pub name: &'static str,
    /// What it does.
    pub kind: Kind,
    query: &'static str,
}

/// Every measured request.
#[must_use]
pub fn cases() -> [Case; 8] {
    let case = |name, kind, query| Case { name, kind, query };
    [
        case("item", Kind::Item, "fields=id,title,slug,status,body,views,author"),
        case(
            "flat",
            Kind::List,
            "fields=id,title,slug,views,author&limit=25&page=$PAGE",
        ),
        case(
            "nested",
            Kind::List,
            "fields=id,title,slug,views,author.name,tags.tags_id.name,comments.id,comments.author_name,comments.body&limit=25&page=$PAGE",
        ),
        case(
            "relational",
            Kind::CountedList,
            "fields=id,title,views&filter[author][name][_contains]=$DIGIT&sort=-views,id&limit=25&meta=filter_count",
        ),
        case(
            "narrow",
            Kind::CountedList,
            "fields=id,title,views&filter[author][name][_eq]=Author+$AUTHOR&sort=-views,id&limit=25&meta=filter_count",
        ),
        case(
            "aggregate",
            Kind::List,
            "aggregate[count]=*&aggregate[sum]=views&groupBy=status&sort=status",
        ),
        case("create", Kind::Create, "fields=id,title,slug,status,views,author"),
        case("update", Kind::Update, "fields=id,views"),
    ]
}

impl Case {
    /// Whether it changes nothing.
    #[must_use]
    pub fn reads(&self) -> bool {
        matches!(self.kind, Kind::Item | Kind::List | Kind::CountedList)
    }

    /// The query string for a number.
    #[must_use]
    pub fn query(&self, number: u32, sizes: Sizes) -> String {
        let page = number % PAGES.min(sizes.articles / PAGE / 2) + 1;
        let author = author(number, sizes);
        self.query
            .replace("$PAGE", &page.to_string())
            .replace("$AUTHOR", &author.to_string())
            .replace("$DIGIT", &digit(number).to_string())
    }

    /// What the hand-written SQL binds as `:key`: the key, the offset, or what is looked for in the author's name.
    #[must_use]
    pub fn bound(&self, number: u32, sizes: Sizes) -> Value {
        match self.kind {
            Kind::CountedList if self.query.contains("$AUTHOR") => json!(format!("Author {}", author(number, sizes))),
            Kind::CountedList => json!(digit(number).to_string()),
            Kind::List => json!((number % PAGES.min(sizes.articles / PAGE / 2)) * PAGE),
            Kind::Item | Kind::Create | Kind::Update => json!(article(number, sizes)),
        }
    }

    /// The path for a number.
    #[must_use]
    pub fn path(&self, number: u32, sizes: Sizes) -> String {
        match self.kind {
            Kind::Item | Kind::Update => format!("/items/articles/{}", article(number, sizes)),
            Kind::List | Kind::CountedList | Kind::Create => "/items/articles".to_owned(),
        }
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> &'static str {
        match self.kind {
            Kind::Create => "POST",
            Kind::Update => "PATCH",
            Kind::Item | Kind::List | Kind::CountedList => "GET",
        }
    }

    /// The body, for those that have one.
    #[must_use]
    pub fn body(&self, number: u32, sizes: Sizes) -> Option<Value> {
        match self.kind {
            Kind::Create => Some(json!({
                "title": format!("New article {number}"),
                "slug": format!("new-article-{number}"),
                "status": "published",
                "body": "short",
                "views": number,
                "author": author(number, sizes),
            })),
            Kind::Update => Some(json!({ "views": number })),
            Kind::Item | Kind::List | Kind::CountedList => None,
        }
    }

    /// The whole request, for a connection that stays open.
    #[must_use]
    pub fn request(&self, who: Who, number: u32, sizes: Sizes) -> Vec<u8> {
        let mut text = format!(
            "{} {}?{} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n",
            self.method(),
            self.path(number, sizes),
            self.query(number, sizes),
            who.token()
        );
        match self.body(number, sizes) {
            Some(body) => {
                let body = body.to_string();
                text.push_str(&format!(
                    "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                    body.len()
                ));
            }
            None => text.push_str("\r\n"),
        }
        text.into_bytes()
    }
}

fn author(number: u32, sizes: Sizes) -> u32 {
    number % sizes.authors + 1
}

/// What the names of many authors have in them: between one and three in five.
fn digit(number: u32) -> u32 {
    number % 10
}

/// A published article, which both may read and change.
fn article(number: u32, sizes: Sizes) -> u32 {
    (number.wrapping_mul(7919) % (sizes.articles / 10)) * 10 + number % 5 + 1
}
