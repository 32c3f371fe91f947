//! What an editor asks about rules: functions from a project as it was read, and a place in it, to plain answers. The protocol
//! is not known here; places are byte offsets.

mod complete;
mod context;
mod hover;
mod lists;
mod navigate;
mod occurrences;
mod outline;
mod tokens;

pub use complete::{Completion, CompletionKind, complete};
pub use hover::hover;
pub use navigate::{definition, references, rename, rename_place};
pub use occurrences::{Kind, Occurrence, occurrences};
pub use outline::{Lens, Symbol, lenses, symbols};
pub use tokens::{Token, TokenKind, tokens};

use crate::catalog::Catalog;
use crate::check::Checked;
use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::rules::Declared;
use crate::source::{FileId, Sources};
use crate::syntax::ast;
use jiff::Timestamp;

/// A project as it was read, faults and all.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The texts.
    pub sources: &'a Sources,
    /// The rule files.
    pub files: &'a [(FileId, ast::File)],
    /// The rules as far as they are sound.
    pub checked: &'a Checked,
    /// The configuration.
    pub config: &'a Config,
    /// The declared names.
    pub declared: &'a Declared,
    /// The catalog, where it could be read.
    pub catalog: Option<&'a Catalog>,
    /// What was found.
    pub findings: &'a [Diagnostic],
    /// The moment for which answers hold.
    pub at: Timestamp,
}

impl<'a> View<'a> {
    /// The tree of a rule file.
    pub fn file(&self, file: FileId) -> Option<&'a ast::File> {
        self.files.iter().find(|(id, _)| *id == file).map(|(_, parsed)| parsed)
    }

    /// The lists of all files that could be read.
    fn lists(&self) -> impl Iterator<Item = &'a ast::Let> + use<'a> {
        self.files.iter().flat_map(|(_, parsed)| &parsed.items).filter_map(ast::Item::as_let)
    }
}

#[cfg(test)]
mod tests;
