//! The only place that does I/O.

pub mod state;
