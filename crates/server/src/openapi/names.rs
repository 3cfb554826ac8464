//! The names of schemas and operations: a collection's own, in one word. Two collections never share one.

use std::collections::{HashMap, HashSet};

use aedile_engine::schema::Collection;

/// The word for each collection.
#[derive(Default)]
pub struct Names(HashMap<String, String>);

impl Names {
    /// For these collections, in their order: where two would share a word, the later one gets a number.
    pub fn of<'c>(collections: impl Iterator<Item = &'c Collection>) -> Names {
        let mut taken = HashSet::new();
        let mut names = HashMap::new();
        for c in collections {
            let word = match c.name.strip_prefix("directus_") {
                Some(own) if c.system => pascal(own),
                _ => format!("Items{}", pascal(&c.name)),
            };
            let numbered = |n: usize| if n == 1 { word.clone() } else { format!("{word}_{n}") };
            let free = (1..)
                .map(numbered)
                .find(|word| !taken.contains(word))
                .unwrap_or_default();
            taken.insert(free.clone());
            names.insert(c.name.clone(), free);
        }
        Names(names)
    }

    /// The word for a collection; none for one that has none.
    pub fn get(&self, collection: &str) -> Option<&str> {
        self.0.get(collection).map(String::as_str)
    }

    /// A reference to the schema of a collection.
    pub fn reference(&self, collection: &str) -> Option<String> {
        self.get(collection).map(|name| format!("#/components/schemas/{name}"))
    }
}

/// Words joined, each with a capital letter; only letters and digits that every tool takes.
pub fn pascal(text: &str) -> String {
    let words = text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    words
        .map(|word| {
            let (first, rest) = word.split_at(1);
            first.to_ascii_uppercase() + rest
        })
        .collect()
}
