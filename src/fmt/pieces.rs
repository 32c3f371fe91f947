//! Tokens with the comments that belong to them.

use super::page::width;
use crate::source::FileId;
use crate::syntax::{self, Kind, Token};

/// A text cut up.
pub(super) struct Pieces<'t> {
    /// Every token but commas.
    pub(super) all: Vec<Piece<'t>>,
    /// The comments behind the last token, but for those on its line.
    pub(super) end: Vec<Comment<'t>>,
}

/// A token with its comments.
pub(super) struct Piece<'t> {
    pub(super) kind: Kind,
    pub(super) text: &'t str,
    pub(super) start: usize,
    /// Whether a comma follows.
    pub(super) comma: bool,
    /// Most tokens have none.
    notes: Option<Box<Notes<'t>>>,
}

/// A comment on a line of its own.
#[derive(Clone, Copy)]
pub(super) struct Comment<'t> {
    pub(super) text: &'t str,
    /// Whether there is a blank line before it.
    pub(super) blank: bool,
}

/// The comments of a token, or of a phrase of several.
#[derive(Clone, Default)]
pub(super) struct Notes<'t> {
    /// Those on lines of their own above it.
    pub(super) above: Vec<Comment<'t>>,
    /// Whether there is a blank line right before it, below those comments.
    pub(super) blank: bool,
    /// The one behind it on its line, and those that go on with it on the next lines, in its very column.
    pub(super) beside: Vec<&'t str>,
}

/// The blank line before something.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    /// As the author wrote it.
    AsWritten,
    /// Before it or within its comments, one must be.
    Needed,
    /// Here, or not.
    Is(bool),
}

impl<'t> Piece<'t> {
    pub(super) fn is(&self, kind: Kind, text: &str) -> bool {
        self.kind == kind && self.text == text
    }

    pub(super) fn above(&self) -> &[Comment<'t>] {
        self.notes.as_deref().map_or(&[], |notes| &notes.above)
    }

    pub(super) fn beside(&self) -> &[&'t str] {
        self.notes.as_deref().map_or(&[], |notes| &notes.beside)
    }

    pub(super) fn has_comments(&self) -> bool {
        !self.above().is_empty() || !self.beside().is_empty()
    }

    fn notes(&mut self) -> &mut Notes<'t> {
        self.notes.get_or_insert_default()
    }
}

impl<'t> Notes<'t> {
    /// The comments of a phrase: what stands inside on lines of its own goes above it, the rest beside it.
    pub(super) fn of(phrase: &[Piece<'t>]) -> Self {
        let Some((first, rest)) = phrase.split_first() else { return Notes::default() };
        first.notes.as_deref().cloned().unwrap_or_default().and(rest)
    }

    /// The same with those of what follows.
    pub(super) fn and(mut self, rest: &[Piece<'t>]) -> Self {
        for notes in rest.iter().filter_map(|piece| piece.notes.as_deref()) {
            for comment in &notes.above {
                self.above.push(Comment { blank: std::mem::take(&mut self.blank), ..*comment });
            }
            self.beside.extend(&notes.beside);
        }
        self
    }

    /// Takes away the comments that a blank line parts from the rest.
    pub(super) fn take_heading(&mut self) -> Vec<Comment<'t>> {
        if self.blank {
            return std::mem::take(&mut self.above);
        }
        let rest = self.above.iter().rposition(|comment| comment.blank).unwrap_or(0);
        let below = self.above.split_off(rest);
        std::mem::replace(&mut self.above, below)
    }

    /// Puts comments above these, a blank line in between.
    pub(super) fn put_heading(&mut self, heading: Vec<Comment<'t>>) {
        if !heading.is_empty() {
            let below = std::mem::take(self).with(Gap::Is(true));
            *self = Self { above: heading.into_iter().chain(below.above).collect(), ..below };
        }
    }

    /// Whether any blank line belongs to it.
    pub(super) fn has_gap(&self) -> bool {
        self.blank || self.above.iter().any(|comment| comment.blank)
    }

    /// Whether it begins with a blank line.
    pub(super) fn begins_with_gap(&self) -> bool {
        self.above.first().map_or(self.blank, |first| first.blank)
    }

    /// Whether a blank line parts its comments from each other or from the rest.
    pub(super) fn has_inner_gap(&self) -> bool {
        !self.above.is_empty() && (self.blank || self.above.iter().skip(1).any(|comment| comment.blank))
    }

    /// The same with another beginning.
    pub(super) fn with(mut self, gap: Gap) -> Self {
        let is = match gap {
            Gap::AsWritten => return self,
            Gap::Needed if self.has_gap() => return self,
            Gap::Needed => true,
            Gap::Is(is) => is,
        };
        match self.above.first_mut() {
            Some(first) => first.blank = is,
            None => self.blank = is,
        }
        self
    }
}

/// Words of a phrase on one line.
pub(super) fn join(phrase: &[Piece<'_>]) -> String {
    let mut code = String::new();
    for (at, piece) in phrase.iter().enumerate() {
        if at > 0 {
            code.push(' ');
        }
        code.push_str(piece.text);
        if piece.comma && at + 1 < phrase.len() {
            code.push(',');
        }
    }
    code
}

/// Cuts a text without faults.
pub(super) fn cut(file: FileId, text: &str) -> Pieces<'_> {
    let (tokens, comments) = syntax::tokens(file, text);
    let mut comments = comments.into_iter().peekable();
    let mut cutter =
        Cutter { text, all: Vec::with_capacity(tokens.len()), waiting: Vec::new(), end: 0, column: None };
    for token in tokens {
        while let Some(span) = comments.next_if(|span| (span.start as usize) < token.start) {
            cutter.comment(span.start as usize, span.end as usize);
        }
        cutter.token(&token);
    }
    comments.for_each(|span| cutter.comment(span.start as usize, span.end as usize));
    Pieces { all: cutter.all, end: cutter.waiting }
}

struct Cutter<'t> {
    text: &'t str,
    all: Vec<Piece<'t>>,
    /// Comments that wait for the token below them.
    waiting: Vec<Comment<'t>>,
    /// Where the last token or comment ended.
    end: usize,
    /// Where that was a comment beside a token: its column.
    column: Option<usize>,
}

impl<'t> Cutter<'t> {
    fn token(&mut self, token: &Token<'t>) {
        let blank = self.line_ends_until(token.start) > 1;
        self.end = token.end();
        self.column = None;
        if token.kind == Kind::Comma {
            if let Some(last) = self.all.last_mut() {
                last.comma = true;
            }
            return;
        }
        let above = std::mem::take(&mut self.waiting);
        let notes = Notes { above, blank, beside: Vec::new() };
        let notes = (blank || !notes.above.is_empty()).then(|| Box::new(notes));
        self.all.push(Piece { kind: token.kind, text: token.text, start: token.start, comma: false, notes });
    }

    fn comment(&mut self, start: usize, end: usize) {
        let text = self.text.get(start..end).unwrap_or_default().trim_end();
        let lines = self.line_ends_until(start);
        self.end = end;
        let column = (lines == 0 || lines == 1 && self.column.is_some()).then(|| self.column_of(start));
        let beside = lines == 0 || column.is_some() && column == self.column;
        match self.all.last_mut().filter(|_| beside) {
            Some(last) => {
                last.notes().beside.push(text);
                self.column = column;
            }
            None => {
                self.waiting.push(Comment { text, blank: lines > 1 });
                self.column = None;
            }
        }
    }

    fn line_ends_until(&self, start: usize) -> usize {
        let gap = self.text.get(self.end..start).unwrap_or_default().as_bytes();
        let lone =
            gap.iter().zip(gap.iter().skip(1).chain([&0])).filter(|&(&a, &b)| a == b'\r' && b != b'\n');
        memchr::memchr_iter(b'\n', gap).count() + lone.count()
    }

    fn column_of(&self, at: usize) -> usize {
        let before = self.text.get(..at).unwrap_or_default();
        let line = memchr::memrchr2(b'\n', b'\r', before.as_bytes()).map_or(0, |end| end + 1);
        width(before.get(line..).unwrap_or_default())
    }
}
