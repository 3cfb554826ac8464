//! Explanations and views, tried against the doors themselves.

mod explained;
mod project;
mod viewed;
