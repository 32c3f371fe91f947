//! A place in the text, and the tokens that may stand there.

use crate::source::{FileId, Span};
use crate::syntax::ast::{Term, TermKind};
use crate::syntax::strings::{Escapes, is_control, unescape};
use crate::syntax::{is_keyword, quick};
use std::borrow::Cow;

/// Where the reading is. Whatever is not what was asked for is `None`: the whole item is given up then.
pub(super) struct Cursor<'t> {
    text: &'t str,
    file: FileId,
    /// Where the text starts in its file.
    base: usize,
    pub(super) at: usize,
    /// The comments so far.
    pub(super) comments: Vec<Span>,
    /// Something here is left to the grammar, which may take it. What is given up without this, the grammar refuses too.
    pub(super) odd: bool,
}

/// A place to come back to.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    at: usize,
    comments: usize,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t str, at: usize, file: FileId) -> Self {
        Self { text, file, base: 0, at, comments: Vec::new(), odd: false }
    }

    /// At the start of a text that starts at `base` in its file.
    pub(super) fn of_piece(text: &'t str, base: usize, file: FileId) -> Self {
        Self { base, ..Self::new(text, 0, file) }
    }

    pub(super) fn mark(&self) -> Mark {
        Mark { at: self.at, comments: self.comments.len() }
    }

    pub(super) fn back_to(&mut self, mark: Mark) {
        self.at = mark.at;
        self.comments.truncate(mark.comments);
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Gives up, and says that the grammar has to be asked.
    pub(super) fn odd<T>(&mut self) -> Option<T> {
        self.odd = true;
        None
    }

    /// From a place to here.
    pub(super) fn span(&self, from: usize) -> Span {
        Span::new(self.file, (self.base + from) as u32, (self.base + self.at) as u32)
    }

    pub(super) fn byte(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    /// Blanks and tabs.
    pub(super) fn inline(&mut self) {
        self.at += self.count(|byte| matches!(byte, b' ' | b'\t'));
    }

    /// White space and comments, if any.
    pub(super) fn gap(&mut self) -> Option<()> {
        loop {
            self.at += self.count(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
            if self.peek() != Some(b'#') {
                return Some(());
            }
            let from = self.at;
            self.at += self.count(|byte| !matches!(byte, b'\n' | b'\r'));
            let comment = self.text.get(from..self.at)?;
            if comment.chars().any(is_control) {
                return self.odd();
            }
            self.comments.push(self.span(from));
        }
    }

    /// A name or a keyword.
    pub(super) fn word(&mut self) -> Option<&'t str> {
        if !self.peek()?.is_ascii_lowercase() {
            return None;
        }
        let from = self.at;
        self.at += self.count(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'));
        let is_edge = !matches!(self.peek(), Some(b'A'..=b'Z' | b'*' | b'?' | b'.' | b'/' | 0x80..));
        is_edge.then(|| self.text.get(from..self.at)).flatten()
    }

    /// A name.
    pub(super) fn name(&mut self) -> Option<&'t str> {
        self.word().filter(|word| !is_keyword(word))
    }

    /// The keyword that stands here, and goes past it; a cursor that stands before anything else stays.
    pub(super) fn keyword(&mut self, keyword: &str) -> Option<()> {
        let mark = self.at;
        let found = self.word() == Some(keyword);
        if !found {
            self.at = mark;
        }
        found.then_some(())
    }

    /// What stands between quotes: for a name without its escapes, for a pattern as written.
    pub(super) fn string(&mut self, escapes: Escapes) -> Option<Cow<'t, str>> {
        self.byte(b'"')?;
        let from = self.at;
        let mut plain = true;
        loop {
            self.at += self.count(|byte| !matches!(byte, b'"' | b'\\' | b'\n' | b'\r'));
            match self.peek()? {
                b'"' => break,
                b'\\' => {
                    plain = false;
                    self.at += 1;
                    if matches!(self.peek()?, b'\n' | b'\r') {
                        return None;
                    }
                    self.at += self.text.get(self.at..)?.chars().next()?.len_utf8();
                }
                _ => return None,
            }
        }
        let raw = self.text.get(from..self.at).filter(|raw| !raw.is_empty())?;
        self.at += 1;
        if plain && raw.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return Some(Cow::Borrowed(raw));
        }
        let is_pattern = escapes == Escapes::Pattern;
        let (text, faults) = unescape(raw, escapes);
        if !faults.is_empty() {
            return self.odd();
        }
        Some(if is_pattern { Cow::Borrowed(raw) } else { Cow::Owned(text) })
    }

    /// Whether a quantity, a percentage or a moment begins here.
    pub(super) fn is_at_atom(&self) -> bool {
        let mut bytes = self.text.as_bytes().iter().skip(self.at);
        match bytes.next() {
            Some(b'0'..=b'9') => true,
            Some(b'-' | b'+') => bytes.next().is_some_and(u8::is_ascii_digit),
            _ => false,
        }
    }

    /// A quantity, a percentage or a moment, right or wrong.
    pub(super) fn atom(&mut self) -> Option<Term> {
        if !self.is_at_atom() {
            // To the grammar, a string or a name may be a value too.
            self.odd |= matches!(self.peek(), Some(b'"' | b'a'..=b'z'));
            return None;
        }
        let from = self.at;
        if is_local_moment(self.text.as_bytes().get(from..)?) {
            self.at += "2026-11-27 ".len();
        }
        self.at += self.count(|byte| !is_atom_end(byte));
        let text = self.text.get(from..self.at)?;
        if !text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return self.odd();
        }
        Some(Term { span: self.span(from), kind: TermKind::Atom(text.to_owned()) })
    }

    /// A string of a field or a list.
    pub(super) fn pattern(&mut self) -> Option<Term> {
        let from = self.at;
        let text = self.string(Escapes::Pattern)?.into_owned();
        Some(Term { span: self.span(from), kind: TermKind::Text(text) })
    }

    /// A name as a term.
    pub(super) fn name_term(&mut self) -> Option<Term> {
        let from = self.at;
        let name = self.name()?;
        Some(quick::word_term(self, name, from))
    }

    /// A keyword as a term.
    pub(super) fn keyword_term(&mut self, keyword: &str) -> Option<Term> {
        let from = self.at;
        self.keyword(keyword)?;
        Some(quick::word_term(self, keyword, from))
    }

    /// A comma as a term.
    pub(super) fn comma(&mut self) -> Option<Term> {
        let from = self.at;
        self.byte(b',')?;
        Some(Term { span: self.span(from), kind: TermKind::Comma })
    }

    fn count(&self, wanted: impl Fn(u8) -> bool) -> usize {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        rest.iter().position(|&byte| !wanted(byte)).unwrap_or(rest.len())
    }
}

pub(in crate::syntax) fn is_atom_end(byte: u8) -> bool {
    matches!(byte, b' ' | b',' | b'{' | b'}' | b'#' | b'"' | b';' | b'=' | b'\t' | b'\r' | b'\n')
}

/// Whether `2026-11-27 1…` stands here.
pub(in crate::syntax) fn is_local_moment(bytes: &[u8]) -> bool {
    let shape = b"dddd-dd-dd d";
    bytes.len() >= shape.len()
        && shape.iter().zip(bytes).all(
            |(shape, byte)| {
                if *shape == b'd' { byte.is_ascii_digit() } else { byte == shape }
            },
        )
}
