//! What a connector is written against.

pub mod abi;
pub mod message;
