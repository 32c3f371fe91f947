//! The only place that does I/O.
