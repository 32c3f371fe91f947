//! The grammar of stocksync's rule language for tree-sitter: editors colour, fold and select by it.

#![expect(unsafe_code, reason = "the table of the language comes from C")]

use tree_sitter_language::LanguageFn;

unsafe extern "C" {
    fn tree_sitter_stocksync() -> *const ();
}

/// The language, for `tree_sitter::Parser::set_language`.
// SAFETY: the function is the one that the generated `src/parser.c` defines; it takes nothing and gives a static table.
pub const LANGUAGE: LanguageFn = unsafe { LanguageFn::from_raw(tree_sitter_stocksync) };
/// The query that colours a text.
pub const HIGHLIGHTS_QUERY: &str = include_str!("../../queries/highlights.scm");
/// The kinds of nodes, as the tool writes them.
pub const NODE_TYPES: &str = include_str!("../../src/node-types.json");
