//! The formatter: one style, no options. Comments stay where a reader looks for them.
//!
//! Text is cut into [`pieces`], tokens that carry their comments; the tree says which of them make an item, a field, a
//! statement; `layout`, `fields` and `list` write them anew on a `page`. Nothing is given out that `proof` has not read
//! again: the same tree, the same comments, and a text that formats to itself.

mod fields;
mod layout;
mod list;
mod page;
mod pieces;
mod proof;

use crate::diagnostic::Diagnostic;
use crate::source::FileId;
use crate::syntax::{self, FILE_BYTES_MAX, ast};

/// The widest line that is made of several parts, in columns. Comments and what cannot be broken may be wider.
pub const LINE_COLUMNS_MAX: usize = 100;

/// Why a text was not formatted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unformatted {
    /// It has faults of syntax, all of which are here.
    Faults(Vec<Diagnostic>),
    /// It would be larger than a rule file may be.
    TooLarge,
    /// The result was not what it must be: a fault of the formatter, in a few words.
    Refused(&'static str),
}

/// A rule file in the one style: the same rules, lists, tests and comments. Line ends are those of its first line.
pub fn format(file: FileId, text: &str) -> Result<String, Unformatted> {
    within(FILE_BYTES_MAX, file, text)
}

fn within(bytes_max: usize, file: FileId, text: &str) -> Result<String, Unformatted> {
    let (tree, faults) = syntax::parse(file, text);
    if !faults.is_empty() {
        return Err(Unformatted::Faults(faults));
    }
    let formatted = once(file, &tree, text);
    if formatted == text {
        // What does not change needs no proof.
        return Ok(formatted);
    }
    if formatted.len() > bytes_max {
        return Err(Unformatted::TooLarge);
    }
    proof::check(file, (&tree, text), &formatted).map_err(Unformatted::Refused)?;
    Ok(formatted)
}

/// The same, of a text that was read, and without proof.
fn once(file: FileId, tree: &ast::File, text: &str) -> String {
    let formatted = layout::file(tree, &pieces::cut(file, text));
    if ends_lines_with_cr_lf(text) { formatted.replace('\n', "\r\n") } else { formatted }
}

fn ends_lines_with_cr_lf(text: &str) -> bool {
    text.split_once('\n').is_some_and(|(line, _)| line.ends_with('\r'))
}

#[cfg(test)]
mod tests;
