//! What can be saved of a bad item: every part that is whole is read by the grammar, the rest is reported.

mod fields;

use pest::Parser as _;

use super::ast::{Broken, Item, Rule as AstRule, Test, Word};
use super::faults::{self, FIELD_KEYS, Of, Step, lexical, missing, shown, unexpected};
use super::token::{Kind, Token, cut};
use super::{Grammar, NESTING_MAX, Out, Rule, lower};
use crate::diagnostic::nearest;

const STATEMENTS: &[&str] = &["at", "bundle", "expect", "stock"];
/// Reads what looks like one bad item, or a few, from `text`, which starts at the byte `base`.
pub(super) fn items(text: &str, base: usize, out: &mut Out) {
    if let Some(at) = too_deep(text) {
        let message = format!("braces stand more than {NESTING_MAX} deep in each other");
        return out.fault(
            out.span(base + at, base + at + 1),
            message,
            "blocks of rules are two deep at most",
        );
    }
    let tokens = cut(text, base, out);
    let mut walk = Walk { tokens: &tokens, at: 0, text, base, out, uneven: 0 };
    while let Some(token) = walk.peek() {
        match token.text {
            "rule" => walk.rule(),
            "test" => walk.test(),
            "let" => walk.let_list(),
            _ => walk.stray_item(),
        }
    }
}

/// Where braces stand too deep in each other, found before any of them costs memory.
fn too_deep(text: &str) -> Option<usize> {
    let (mut depth, mut quoted, mut comment) = (0_usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'\n' | b'\r' => (quoted, comment) = (false, false),
            _ if comment => {}
            b'"' => quoted = !quoted,
            b'#' if !quoted => comment = true,
            b'{' if !quoted => depth += 1,
            b'}' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > NESTING_MAX {
            return Some(at);
        }
    }
    None
}

struct Walk<'w, 't> {
    tokens: &'w [Token<'t>],
    at: usize,
    text: &'t str,
    base: usize,
    out: &'w mut Out,
    /// Opening braces of this item less closing ones.
    uneven: isize,
}

impl<'w, 't> Walk<'w, 't> {
    fn rule(&mut self) {
        let start = self.head_start();
        let name = self.title("rule");
        if name.is_none() && self.at_end() {
            return;
        }
        let off = self.peek().filter(|token| token.is(Kind::Word, "off"));
        self.at += usize::from(off.is_some());
        let open = self.open();
        let head = self.out.span(start, self.last_end());
        let (mut fields, mut broken) = (Vec::new(), Vec::new());
        self.fields(&mut fields, &mut broken, false);
        self.close_body(start, open);
        let span = self.out.span(start, self.last_end());
        let off = off.map(|token| self.out.span(token.start, token.end()));
        if let Some(name) = name {
            let rule = AstRule { span, head, name, off, fields, broken };
            self.out.file.items.push(Item::Rule(rule));
        }
    }

    fn test(&mut self) {
        self.out.in_test = true;
        self.test_item();
        self.out.in_test = false;
    }

    fn test_item(&mut self) {
        let start = self.head_start();
        let name = self.title("test");
        if name.is_none() && self.at_end() {
            return;
        }
        let open = self.open();
        let mut statements = Vec::new();
        let mut lost_moment = false;
        while let Some(token) = self.peek().filter(|_| !self.starts_item(self.at)) {
            if token.kind == Kind::Close {
                break;
            }
            if token.kind == Kind::Word && STATEMENTS.contains(&token.text) {
                let read = self.statement();
                lost_moment |= read.is_none() && token.text == "at";
                statements.extend(read);
            } else {
                self.stray("`at`, `stock`, `bundle`, `expect` or `}`", STATEMENTS);
            }
        }
        self.close_body(start, open);
        let span = self.out.span(start, self.last_end());
        if let Some(name) = name {
            lower::push_test(Test { span, name, statements }, lost_moment, self.out);
        }
    }

    fn statement(&mut self) -> Option<super::ast::Statement> {
        let from = self.at;
        self.at += 1;
        let mut depth = 0_usize;
        while let Some(token) = self.peek().filter(|_| !self.starts_item(self.at)) {
            match token.kind {
                Kind::Word if STATEMENTS.contains(&token.text) => break,
                Kind::Open => depth += 1,
                Kind::Close if depth == 0 => break,
                Kind::Close => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if token.kind == Kind::Close && depth == 0 {
                break;
            }
        }
        let known = self.told();
        let tokens = self.tokens.get(from..self.at).unwrap_or(&[]);
        let slice = self.slice(tokens);
        if let Some(pair) = Grammar::parse(Rule::lone_statement, slice.0).ok().and_then(first_inner) {
            // Comments of a bad item were taken in when it was cut.
            let comments = self.out.file.comments.len();
            let read = lower::statement(pair, slice.1, self.out);
            self.out.file.comments.truncate(comments);
            return read;
        }
        self.judge_statement(tokens);
        self.generic_if_quiet(known, tokens);
        None
    }

    fn judge_statement(&mut self, tokens: &[Token<'t>]) {
        let Some((key, rest)) = tokens.split_first() else { return };
        let end = tokens.last().map_or(key.end(), Token::end);
        if key.text == "at" {
            return faults::fixed(rest, &[Step::Value], "`at`", end, self.out);
        }
        let split = rest.iter().position(|token| token.kind == Kind::Open).unwrap_or(rest.len());
        let (sku, rows) = rest.split_at(split);
        match sku.first() {
            Some(token) if token.kind == Kind::Text => {
                lower::plain_text(token.text, token.start, self.out);
                sku.iter().skip(1).take(1).for_each(|token| unexpected(token, "`{`", self.out));
            }
            Some(token) => unexpected(token, "a SKU in double quotes", self.out),
            None => missing(key.end(), "a SKU in double quotes", "", self.out),
        }
        let Some((open, rows)) = rows.split_first() else {
            if sku.len() == 1 {
                missing(end, "`{`", "", self.out);
            }
            return;
        };
        let of = match key.text {
            "bundle" => Of::Parts,
            "expect" => Of::Names { none: true },
            _ => Of::Names { none: false },
        };
        let (rows, closed) = match rows.split_last() {
            Some((close, rows)) if close.kind == Kind::Close => (rows, true),
            _ => (rows, false),
        };
        if open.text.len() > 1 {
            self.out.fault(self.out.span(open.start + 1, open.end()), "there is a `{` too many here", "");
        }
        let end = rows.last().map_or(open.end(), Token::end);
        faults::list(rows, of, &format!("`{}`", key.text), end, self.out);
        if !closed {
            missing(end, "`}`", "", self.out);
        }
    }

    fn let_list(&mut self) {
        let from = self.at;
        self.at += 1;
        while self.peek().is_some() && !self.starts_item(self.at) {
            self.at += 1;
        }
        let known = self.told();
        let tokens = self.tokens.get(from..self.at).unwrap_or(&[]);
        let slice = self.slice(tokens);
        if let Some(pair) = Grammar::parse(Rule::lone_let, slice.0).ok().and_then(first_inner) {
            let comments = self.out.file.comments.len();
            lower::let_list(pair, slice.1, self.out);
            self.out.file.comments.truncate(comments);
            return;
        }
        let Some((key, rest)) = tokens.split_first() else { return };
        let Some((name, rest)) = rest.split_first().filter(|(name, _)| !name.is(Kind::Junk, "=")) else {
            return missing(key.end(), "the name of the list", "`let NAME = …`", self.out);
        };
        if name.kind == Kind::Word {
            faults::bad_name(name, self.out);
            let word = self.word(name, &name.text.to_lowercase());
            self.out.file.broken.push(Broken::List(word));
        } else {
            unexpected(name, "the name of the list", self.out);
        }
        let value = match rest.split_first() {
            None => return missing(name.end(), "`=`", "`let NAME = …`", self.out),
            Some((equals, value)) if equals.is(Kind::Junk, "=") => value,
            Some((colon, value)) if colon.is(Kind::Junk, ":") => {
                unexpected(colon, "`=`", self.out);
                value
            }
            _ => {
                missing(name.end(), "`=`", "`let NAME = …`", self.out);
                rest
            }
        };
        let end = tokens.last().map_or(name.end(), Token::end);
        faults::list(value, Of::Let, &format!("`{}`", name.text), end, self.out);
        self.generic_if_quiet(known, tokens);
    }

    fn title(&mut self, what: &str) -> Option<Word> {
        let token = self.peek().filter(|token| token.kind != Kind::Open && !self.starts_item(self.at));
        let Some(token) = token else {
            let at = self.last_end();
            missing(at, &format!("the name of this {what}"), &format!("`{what} \"NAME\" {{`"), self.out);
            return None;
        };
        self.at += 1;
        match token.kind {
            Kind::Text => return Some(lower::plain_text(token.text, token.start, self.out)),
            Kind::Quoted | Kind::OpenText => {
                lexical(&token, self.out);
                let text = token.text.trim_matches(['"', '\'', '“', '”', '‘', '’', '`']).trim();
                return (!text.is_empty()).then(|| self.word(&token, text));
            }
            Kind::Word | Kind::Atom => {}
            _ => {
                unexpected(&token, &format!("the name of this {what} in double quotes"), self.out);
                return None;
            }
        }
        let mut end = token.end();
        while let Some(next) = self.peek().filter(|next| {
            !next.first && !matches!(next.kind, Kind::Open | Kind::Close | Kind::Text) && next.text != "off"
        }) {
            end = next.end();
            self.at += 1;
        }
        let text = self.text.get(token.start - self.base..end - self.base).unwrap_or(token.text);
        let span = self.out.span(token.start, end);
        self.out.fault(
            span,
            format!("the name of this {what} is not in double quotes"),
            format!("write `\"{text}\"`"),
        );
        Some(Word { text: text.to_owned(), span })
    }

    /// Takes an opening brace, or tells that it is missing.
    fn open(&mut self) -> Option<Token<'t>> {
        let from = self.at;
        while self.peek().is_some_and(|t| {
            t.kind != Kind::Open
                && t.kind != Kind::Close
                && (!t.first || self.at == from && t.kind == Kind::Junk)
                && !FIELD_KEYS.contains(&t.text)
        }) {
            self.at += 1;
        }
        let odd = self.tokens.get(from).copied().filter(|_| self.at > from);
        if let Some(odd) = odd {
            unexpected(&odd, "`{`", self.out);
        }
        match self.peek() {
            Some(open) if open.kind == Kind::Open => {
                self.at += 1;
                if open.text.len() > 1 {
                    let span = self.out.span(open.start + 1, open.end());
                    self.out.fault(span, "there is a `{` too many here", "delete it");
                    self.uneven -= open.text.len() as isize - 1;
                }
                Some(open)
            }
            _ => {
                if odd.is_none() {
                    missing(self.last_end(), "`{`", "", self.out);
                    self.uneven += 1;
                }
                None
            }
        }
    }

    /// Closes a rule or a test. Where nothing stands but the head, that its body is missing has been told.
    fn close_body(&mut self, start: usize, open: Option<Token<'t>>) {
        let last = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        let bare =
            last.is_some_and(|last| last.kind == Kind::Text || last.start == start || last.text == "off");
        if !(open.is_none() && bare && self.at_end()) {
            self.close(open);
        }
    }

    fn at_end(&self) -> bool {
        self.peek().is_none() || self.starts_item(self.at)
    }

    /// Takes a closing brace, or tells that it is missing.
    fn close(&mut self, open: Option<Token<'t>>) {
        if self.peek().is_some_and(|token| token.kind == Kind::Close) {
            self.at += 1;
            return;
        }
        self.uneven -= 1;
        let at = self.last_end();
        let span = self.out.span(at, at);
        let mut fault = crate::diagnostic::Diagnostic::new(&super::SYNTAX, span, "`}` is missing here");
        if let Some(open) = open {
            fault = fault.with_related(self.out.span(open.start, open.end()), "this brace is never closed");
        }
        self.out.push(fault.with_help("close the block with `}`"));
    }

    /// Tells of what cannot stand between items, once, and goes on at the next item.
    fn stray_item(&mut self) {
        let Some(token) = self.peek() else { return };
        self.at += 1;
        if token.kind == Kind::Word
            && let Some(meant) = nearest(&token.text.to_lowercase(), ["rule", "test", "let"])
            && matches!(self.kind(self.at), Some(Kind::Text | Kind::Word))
        {
            let span = self.out.span(token.start, token.end());
            let message = format!("expected `{meant}`, found {}", shown(Some(&token)));
            self.out.fault(span, message, format!("write `{meant}`"));
            self.at -= 1;
            return match meant {
                "rule" => self.rule(),
                "test" => self.test(),
                _ => self.let_list(),
            };
        }
        match token.kind {
            Kind::Close => {
                self.out.fault(
                    self.out.span(token.start, token.end()),
                    "this `}` closes nothing",
                    "delete it",
                );
            }
            _ => unexpected(&token, "`rule`, `let` or `test`", self.out),
        }
        let lexical_only = matches!(token.kind, Kind::Slashes | Kind::Junk | Kind::Close);
        while let Some(next) = self.peek() {
            if self.starts_item(self.at) || lexical_only && next.first {
                break;
            }
            self.at += 1;
        }
    }

    /// Tells of what begins no field or statement, once a line.
    fn stray(&mut self, expected: &str, keys: &[&str]) {
        let Some(token) = self.peek() else { return };
        unexpected(&token, expected, self.out);
        self.at += 1;
        let mut depth = usize::from(token.kind == Kind::Open);
        while let Some(next) = self.peek().filter(|_| !self.starts_item(self.at)) {
            let is_key = next.kind == Kind::Word && keys.contains(&next.text);
            match next.kind {
                Kind::Open => depth += 1,
                Kind::Close if depth > 0 => depth -= 1,
                _ if depth > 0 => {}
                _ if next.first || is_key || next.kind == Kind::Close => return,
                _ => {}
            }
            self.at += 1;
        }
    }

    fn generic_if_quiet(&mut self, known: usize, tokens: &[Token<'t>]) {
        if self.told() > known {
            return;
        }
        if let (Some(first), Some(last)) = (tokens.first(), tokens.last()) {
            let span = self.out.span(first.start, last.end());
            self.out.fault(span, format!("this `{}` cannot be read", first.text), "");
        }
    }

    /// Counts the braces of the item that starts here and steps over its keyword.
    fn head_start(&mut self) -> usize {
        let start = self.peek().map_or(self.base, |token| token.start);
        self.at += 1;
        self.uneven = 0;
        let mut at = self.at;
        while let Some(token) = self.tokens.get(at).filter(|_| !self.starts_item(at)) {
            match token.kind {
                Kind::Open => self.uneven += token.text.len() as isize,
                Kind::Close => self.uneven -= 1,
                _ => {}
            }
            at += 1;
        }
        start
    }

    /// Whether, behind this brace, fields of the same rule follow.
    fn more_follows(&self) -> bool {
        self.tokens.get(self.at + 1).is_some_and(|token| {
            !self.starts_item(self.at + 1) && (token.kind == Kind::Close || FIELD_KEYS.contains(&token.text))
        })
    }

    fn starts_item(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| {
            token.kind == Kind::Word
                && matches!(token.text, "rule" | "let" | "test")
                && (token.first || at > 0 && self.tokens.get(at - 1).is_some_and(|t| t.kind == Kind::Close))
        })
    }

    fn slice(&self, tokens: &[Token<'t>]) -> (&'t str, usize) {
        let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else { return ("", self.base) };
        (self.text.get(first.start - self.base..last.end() - self.base).unwrap_or(""), first.start)
    }

    fn word(&self, token: &Token<'t>, text: &str) -> Word {
        Word { text: text.to_owned(), span: self.out.span(token.start, token.end()) }
    }

    fn peek(&self) -> Option<Token<'t>> {
        self.tokens.get(self.at).copied()
    }

    fn kind(&self, at: usize) -> Option<Kind> {
        self.tokens.get(at).map(|token| token.kind)
    }

    fn last_end(&self) -> usize {
        self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(self.base, Token::end)
    }

    fn told(&self) -> usize {
        self.out.faults.len() + self.out.untold
    }
}

fn first_inner(mut pairs: pest::iterators::Pairs<'_, Rule>) -> Option<pest::iterators::Pair<'_, Rule>> {
    pairs.next()?.into_inner().find(|pair| pair.as_rule() != Rule::comment)
}
