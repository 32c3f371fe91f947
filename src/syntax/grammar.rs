//! What pest makes of `grammar/sync.pest`. Its types never leave `syntax`.

/// The parser of the rule language.
#[derive(pest_derive::Parser)]
#[grammar = "../grammar/sync.pest"]
pub(super) struct Grammar;
