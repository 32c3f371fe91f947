//! `stocksync serve`: the daemon. Its front speaks HTTP, one thread owns the state, and they meet at a desk.

pub mod alerts;
pub mod desk;
pub mod engine;
