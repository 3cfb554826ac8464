//! Tests of the whole: what the parts promise together, on real files and with the real binary. One test binary, since
//! each costs a link.

mod process;
mod project;
mod statements;
