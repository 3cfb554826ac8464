//! What of the model a reader may see. The judgement is the access engine's; here it is only asked.

/// Says what a reader may see: collections whose items they may read, and of those the fields.
/// Whether they may read the model at all is decided before any reading verb is called.
pub trait Visible {
    /// Whether the reader may see this collection. Folders hold no items: only an administrator sees them.
    fn collection(&self, collection: &str) -> bool;
    /// Whether the reader may see this field of a collection they see.
    fn field(&self, collection: &str, field: &str) -> bool;
}

/// Sees everything: an administrator, and the answers to changes only they may make.
#[derive(Clone, Copy, Debug)]
pub struct Everything;

impl Visible for Everything {
    fn collection(&self, _: &str) -> bool {
        true
    }

    fn field(&self, _: &str, _: &str) -> bool {
        true
    }
}
