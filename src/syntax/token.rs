//! A text, cut into tokens.

mod quick;
#[cfg(test)]
mod tests;

use pest::Parser as _;

use super::{Grammar, Out, Rule, lower};

/// What a token is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Word,
    Text,
    Atom,
    Comma,
    Open,
    Close,
    /// A text in quotes of the wrong kind, or an empty one.
    Quoted,
    /// A string without an end: it goes to the end of its line.
    OpenText,
    /// What someone took for a comment.
    Slashes,
    /// Anything else, one character each.
    Junk,
}

/// A token and where it starts in the file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Token<'t> {
    pub(crate) kind: Kind,
    pub(crate) text: &'t str,
    pub(crate) start: usize,
    /// Whether it is the first of its line.
    pub(super) first: bool,
}

impl Token<'_> {
    pub(crate) fn end(&self) -> usize {
        self.start + self.text.len()
    }

    pub(super) fn is(&self, kind: Kind, text: &str) -> bool {
        self.kind == kind && self.text == text
    }
}

/// The tokens of a bad item, which starts at `base`, with strings that lack a quote put together. Comments are taken in on the way.
pub(super) fn cut<'t>(text: &'t str, base: usize, out: &mut Out) -> Vec<Token<'t>> {
    let mut tokens: Vec<Token<'t>> = Vec::new();
    for token in cut_plainly(text, base, out) {
        if token.kind == Kind::OpenText {
            push_open_text(token, &mut tokens, |from, to| text.get(from - base..to - base))
        } else {
            tokens.push(token)
        }
    }
    tokens
}

/// The tokens of `text`, which starts at `base`, each as it stands. Comments are taken in on the way.
pub(super) fn cut_plainly<'t>(text: &'t str, base: usize, out: &mut Out) -> Vec<Token<'t>> {
    // A byte order mark means nothing at the start of the file, and is junk anywhere else.
    if let Some(rest) = text.strip_prefix('\u{FEFF}').filter(|_| base == 0) {
        return cut_plainly(rest, text.len() - rest.len(), out);
    }
    let Some((tokens, comments)) = quick::cut(text, base) else {
        return cut_by_grammar(text, base, out);
    };
    for (start, end) in comments {
        lower::comment_at(text.get(start..end).unwrap_or(""), base + start, out);
    }
    tokens
}

fn cut_by_grammar<'t>(text: &'t str, base: usize, out: &mut Out) -> Vec<Token<'t>> {
    let mut tokens: Vec<Token<'t>> = Vec::new();
    let mut seen = 0;
    let mut first = true;
    let pairs = Grammar::parse(Rule::tokens, text).into_iter().flatten();
    for pair in pairs.flat_map(pest::iterators::Pair::into_inner) {
        let (start, end) = (pair.as_span().start(), pair.as_span().end());
        first |= text.get(seen..start).is_some_and(|gap| gap.contains(['\n', '\r']));
        seen = end;
        let kind = match pair.as_rule() {
            Rule::comment => {
                lower::comment_at(pair.as_str(), base + start, out);
                continue;
            }
            Rule::EOI => continue,
            of => kind(of),
        };
        tokens.push(Token { kind, text: pair.as_str(), start: base + start, first });
        first = false;
    }
    tokens
}

fn kind(of: Rule) -> Kind {
    match of {
        Rule::word => Kind::Word,
        Rule::string => Kind::Text,
        Rule::atom => Kind::Atom,
        Rule::commas => Kind::Comma,
        Rule::opens => Kind::Open,
        Rule::closes => Kind::Close,
        Rule::quoted => Kind::Quoted,
        Rule::open_string => Kind::OpenText,
        Rule::slashes => Kind::Slashes,
        _ => Kind::Junk,
    }
}

/// A missing quote shifts every quote behind it on its line: the pieces since then are one faulty string. A brace at
/// the end of the line was hardly meant as part of the string.
fn push_open_text<'t>(
    open: Token<'t>,
    tokens: &mut Vec<Token<'t>>,
    text: impl Fn(usize, usize) -> Option<&'t str>,
) {
    let line = tokens.iter().rposition(|token| token.first).unwrap_or(0);
    let line = if open.first { tokens.len() } else { line };
    let glued = |pair: &[Token<'_>]| match pair {
        [a, b] => a.kind == Kind::Text && a.end() == b.start && !matches!(b.kind, Kind::Comma | Kind::Close),
        _ => false,
    };
    let mut open = open;
    let shifted = tokens.get(line..).and_then(|tail| tail.windows(2).position(glued));
    let direct = tokens.len().checked_sub(1).filter(|&last| {
        last >= line && tokens.get(last).is_some_and(|t| t.kind == Kind::Text && t.end() == open.start)
    });
    if let Some(at) = shifted.map(|at| line + at).or(direct) {
        let culprit = tokens.get(at).copied().unwrap_or(open);
        tokens.truncate(at);
        let text = text(culprit.start, open.end()).unwrap_or(open.text);
        open = Token { kind: Kind::OpenText, text, ..culprit };
    }
    let trimmed = open.text.trim_end();
    let kind = match trimmed.as_bytes().last() {
        Some(b'{') => Kind::Open,
        Some(b'}') => Kind::Close,
        _ => {
            tokens.push(open);
            return;
        }
    };
    let (head, brace) = trimmed.split_at(trimmed.len() - 1);
    let brace = Token { kind, text: brace, start: open.start + head.len(), first: false };
    tokens.push(Token { text: head.trim_end(), ..open });
    tokens.push(brace);
}
