//! Text to [`ast::File`], with recovery: every fault is reported, and what is whole is kept.

pub mod ast;
