//! Wrong passwords and codes in a row, per user. Kept in memory: what is counted here only ever leads to a suspension,
//! which is stored. Never counts for addresses that nobody has, so its size is bounded by the number of users.

use std::collections::HashMap;

use parking_lot::Mutex;

/// The count of each user with wrong attempts since its last right one.
#[derive(Default)]
pub struct Attempts(Mutex<HashMap<String, i64>>);

impl Attempts {
    /// Counts a wrong attempt; answers how many there are now.
    pub fn failed(&self, user: &str) -> i64 {
        let mut counts = self.0.lock();
        let count = counts.entry(user.to_owned()).or_insert(0);
        *count = count.saturating_add(1);
        *count
    }

    /// Begins anew: after a right attempt, or when the count has led to a suspension.
    pub fn forget(&self, user: &str) {
        self.0.lock().remove(user);
    }
}
