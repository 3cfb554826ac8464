//! The database boundary, tried on real files.
