//! For tests: what access control means, written twice. The [`evaluator`] says it in memory and without SQL, to be read
//! beside the documentation; [`prove`] makes random projects and questions and holds the product to its answers.
//! Nothing of the product may depend on this crate.

pub mod evaluator;
pub mod moment;
pub mod prove;
pub mod shape;
pub mod value;
pub mod world;

#[cfg(test)]
mod tests;
