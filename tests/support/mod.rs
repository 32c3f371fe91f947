//! What several tests share. Each test takes what it needs of it.

pub mod built;
pub mod model;
pub mod rng;
pub mod shop;
pub mod write;
