//! The grammar, held to the program.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::disallowed_methods, reason = "tests")]
#![expect(unreachable_pub, reason = "one crate of several files")]

#[path = "grammar/agrees.rs"]
mod agrees;
#[path = "grammar/corpus.rs"]
mod corpus;
#[path = "grammar/texts.rs"]
mod texts;
