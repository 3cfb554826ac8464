//! Items: the verbs behind `/items` and the system's collections. One corridor for all of them: what the caller may do
//! is decided by the access in the [`Cx`](crate::Cx), what the system itself insists on by `system`.

mod batch;
mod create;
mod delete;
pub mod keys;
mod nested;
mod payload;
pub mod prepared;
pub(crate) mod read;
mod revert;
mod sort;
mod specials;
mod update;
mod writing;

pub use batch::{create, delete_many, delete_one, save_singleton, update_many, update_one};
pub(crate) use create::create as create_in;
pub(crate) use delete::delete as delete_in;
pub(crate) use keys::to_text as keys_text;
pub(crate) use nested::save_one as keyed_save;
pub(crate) use payload::{preset_variables, resolved};
pub use read::{Answer, item, keyed, list, singleton};
pub use revert::revert;
pub use sort::sort;
pub(crate) use update::update as update_in;
pub(crate) use writing::Writing;

#[cfg(test)]
pub(crate) mod tests;
