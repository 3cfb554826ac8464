//! What was written since the process began, by collection: a mark that is another one after every change. A mark says
//! nothing but that it differs from an earlier one: it cannot be counted with, nor compared between collections. Known is
//! what this process wrote; must never be the only way in which somebody learns of a change.

use std::{
    collections::{HashMap, HashSet},
    hash::{BuildHasher, RandomState},
};

use parking_lot::RwLock;

/// Marks of all collections.
#[derive(Default)]
pub struct Changes {
    /// Random for each process: a mark of one means nothing to another.
    key: RandomState,
    written: RwLock<HashMap<String, u64>>,
}

impl Changes {
    /// Something of these collections was written, and can be read.
    pub(crate) fn note(&self, collections: &HashSet<String>) {
        let mut written = self.written.write();
        for name in collections {
            *written.entry(name.clone()).or_default() += 1;
        }
    }

    /// A collection's mark.
    pub fn mark(&self, collection: &str) -> String {
        let times = self.written.read().get(collection).copied().unwrap_or_default();
        self.sign(&(collection, times))
    }

    /// A mark of anything else: alike for what is alike.
    pub fn sign(&self, of: &impl std::hash::Hash) -> String {
        format!("{:016x}", self.key.hash_one(of))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_another_one_after_each_change_of_its_collection_alone() {
        let changes = Changes::default();
        let of = |name: &str| HashSet::from([name.to_owned()]);
        let (first, other) = (changes.mark("posts"), changes.mark("tags"));
        assert_ne!(first, other);
        changes.note(&of("posts"));
        let second = changes.mark("posts");
        changes.note(&of("posts"));
        assert_eq!(HashSet::from([&first, &second, &changes.mark("posts")]).len(), 3);
        assert_eq!(changes.mark("tags"), other);
        assert_ne!(
            Changes::default().mark("posts"),
            first,
            "marks of one process are known to another"
        );
    }
}
