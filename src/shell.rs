//! The only place that does I/O.

pub mod fault;
pub mod files;
pub mod locate;
pub mod plugin;
pub mod secrets;
pub mod session;
pub mod settings;
pub mod store;
pub mod stores;
pub mod transport;
pub mod watchdog;
