//! The fields of a bad rule.

use pest::Parser as _;

use super::{Walk, first_inner};
use crate::diagnostic::nearest;
use crate::syntax::ast::{Field, Term, TermKind, Word};
use crate::syntax::faults::{self, FIELD_KEYS, Of, Step, is_name, missing};
use crate::syntax::quick::Read;
use crate::syntax::token::{Kind, Token};
use crate::syntax::{Grammar, Rule, lower, quick};

const CONNECTORS: &[&str] = &["below", "except", "from", "until"];
/// Keys that no override holds: where braces do not match, one of these tells that the override has ended.
const RULE_ONLY: &[&str] =
    &["active", "order", "priority", "skus", "split", "store", "stores", "threshold", "warehouses"];

impl<'t> Walk<'_, 't> {
    /// Reads fields up to the closing brace, which stays.
    pub(super) fn fields(&mut self, fields: &mut Vec<Field>, broken: &mut Vec<Word>, in_block: bool) {
        while let Some(token) = self.peek().filter(|_| !self.starts_item(self.at)) {
            match token.kind {
                Kind::Close if !in_block && self.uneven < 0 && self.more_follows() => {
                    self.out.fault(
                        self.out.span(token.start, token.end()),
                        "this `}` closes nothing",
                        "delete it",
                    );
                    self.uneven += 1;
                    self.at += 1;
                }
                Kind::Close => return,
                Kind::Word if in_block && self.uneven > 0 && RULE_ONLY.contains(&token.text) => return,
                Kind::Word if token.text == "store" => self.override_(fields, broken, in_block),
                Kind::Word if is_name(token.text) || FIELD_KEYS.contains(&token.text) => {
                    let key = token;
                    match self.field(key) {
                        Some(field) => fields.push(field),
                        None => self.break_key(key, broken),
                    }
                }
                Kind::Word => {
                    faults::bad_name(&token, self.out);
                    self.at += 1;
                    self.at = self.field_end(token);
                    self.break_key(token, broken);
                }
                _ => self.stray("a field or `}`", FIELD_KEYS),
            }
        }
    }

    fn break_key(&mut self, key: Token<'t>, broken: &mut Vec<Word>) {
        broken.push(self.word(&key, key.text));
        if !FIELD_KEYS.contains(&key.text)
            && let Some(meant) = nearest(&key.text.to_lowercase(), FIELD_KEYS.iter().copied())
        {
            broken.push(self.word(&key, meant));
        }
    }

    fn override_(&mut self, fields: &mut Vec<Field>, broken: &mut Vec<Word>, in_block: bool) {
        let Some(key) = self.peek() else { return };
        let from = self.at;
        let known = self.told();
        if in_block {
            self.out.fault(
                self.out.span(key.start, key.end()),
                "an override cannot stand in another",
                "close the first one with `}`",
            );
        }
        self.at += 1;
        let stop = self.field_end(key);
        let head = self.tokens.get(self.at..stop).unwrap_or(&[]);
        let open = head.iter().position(|token| token.kind == Kind::Open);
        let head = head.get(..open.unwrap_or(head.len())).unwrap_or(&[]);
        let end = head.last().map_or(key.end(), Token::end);
        faults::fixed(head, &[Step::Name], "`store`", end, self.out);
        let head_is_whole = known == self.told();
        if open.is_none() {
            if head_is_whole {
                let help = "`store NAME { … }` is one store's override; `stores` names the rule's stores";
                missing(end, "`{`", help, self.out);
            }
            self.at = stop;
            self.break_key(key, broken);
            // It may be a `stores` that lacks its last letter: that is no second fault.
            broken.push(self.word(&key, "stores"));
            return;
        }
        self.at += head.len();
        let open = self.open();
        let mut inner = Vec::new();
        self.fields(&mut inner, &mut Vec::new(), true);
        let block_start = open.map_or(end, |open| open.start);
        self.close(open);
        let Some(store) = head.first().filter(|_| head_is_whole && !in_block) else {
            self.at = self.at.max(from + 1);
            return broken.push(self.word(&key, key.text));
        };
        let name = Term {
            span: self.out.span(store.start, store.end()),
            kind: TermKind::Word(store.text.to_owned()),
        };
        let block = Term { span: self.out.span(block_start, self.last_end()), kind: TermKind::Block(inner) };
        let span = self.out.span(key.start, self.last_end());
        fields.push(Field { span, key: self.word(&key, key.text), value: vec![name, block] });
    }

    fn field(&mut self, key: Token<'t>) -> Option<Field> {
        let from = self.at;
        self.at += 1;
        self.at = self.field_end(key);
        let tokens = self.tokens.get(from..self.at).unwrap_or(&[]);
        let known = self.told();
        let (slice, base) = self.slice(tokens);
        let next_is_item = self.peek().is_some_and(|token| {
            !token.first
                && is_name(token.text)
                && matches!(key.text, "skus" | "warehouses" | "stores" | "split")
        });
        let read = if next_is_item { Read::Refused } else { quick::lone_field(slice, base, self.out.id) };
        if let Read::Taken(field) = read {
            return Some(field);
        }
        if matches!(read, Read::Odd)
            && let Some(pair) = Grammar::parse(Rule::lone_field, slice).ok().and_then(first_inner)
        {
            let comments = self.out.file.comments.len();
            let read = lower::field(pair, base, self.out, &mut Vec::new());
            self.out.file.comments.truncate(comments);
            return read;
        }
        self.judge_field(key, tokens.get(1..).unwrap_or(&[]));
        self.generic_if_quiet(known, tokens);
        None
    }

    fn judge_field(&mut self, key: Token<'t>, value: &[Token<'t>]) {
        let Some(at) = value.iter().position(|token| token.kind == Kind::Open) else {
            return self.judge_value(key, value);
        };
        let before = value.get(..at).unwrap_or(&[]);
        if let Some(open) = value.get(at) {
            faults::unexpected(open, if at == 0 { "a value" } else { "a field or `}`" }, self.out);
        }
        if at > 0 {
            self.judge_value(key, before);
        }
    }

    fn judge_value(&mut self, key: Token<'t>, value: &[Token<'t>]) {
        let what = format!("`{}`", key.text);
        let end = value.last().map_or(key.end(), Token::end);
        let has = |word| value.iter().any(|token| token.is(Kind::Word, word));
        let steps: &[Step] = match key.text {
            "skus" | "warehouses" | "stores" => return faults::list(value, Of::Field, &what, end, self.out),
            "split" => return faults::list(value, Of::Split, &what, end, self.out),
            "active" if has("from") && (has("until") || value.len() > 2) => {
                &[Step::Key("from"), Step::Value, Step::Key("until"), Step::Value]
            }
            "active" if has("until") => &[Step::Key("until"), Step::Value],
            "active" => &[Step::Key("from"), Step::Value],
            "priority" => &[Step::Key("store"), Step::Name, Step::Key("below"), Step::Value],
            key if FIELD_KEYS.contains(&key) => &[Step::Value],
            _ => return faults::list(value, Of::Field, &what, end, self.out),
        };
        faults::fixed(value, steps, &what, end, self.out);
    }

    /// Where the value ends whose first token is the current one.
    fn field_end(&self, key: Token<'t>) -> usize {
        let is_list =
            matches!(key.text, "skus" | "warehouses" | "stores" | "split") || !FIELD_KEYS.contains(&key.text);
        let mut at = self.at;
        let mut depth = 0_usize;
        let is_unknown = !FIELD_KEYS.contains(&key.text);
        while let Some(token) = self.tokens.get(at).filter(|_| !self.starts_item(at)) {
            if is_unknown && token.first && at == self.at {
                return at;
            }
            let after_key = at == self.at;
            match token.kind {
                Kind::Open if key.text == "store" => return at + 1,
                Kind::Open => depth += 1,
                Kind::Close if depth == 0 => return at,
                Kind::Close if depth == 1 => return at + 1,
                Kind::Close => depth -= 1,
                Kind::Word if depth > 0 => {}
                Kind::Word if FIELD_KEYS.contains(&token.text) => {
                    let store = after_key && key.text == "priority" && token.text == "store";
                    let item = is_list && !token.first && self.kind(at + 1) == Some(Kind::Comma);
                    if !store && !item {
                        return at;
                    }
                }
                Kind::Word if !after_key && self.is_slip(key, at) => {}
                Kind::Word if !after_key && self.begins_unknown(at, is_list) => return at,
                _ => {}
            }
            at += 1;
        }
        at
    }

    /// Whether a word stands where the field has a word of its own: `to` for `until`, `under` for `below`.
    fn is_slip(&self, key: Token<'t>, at: usize) -> bool {
        let Some(token) = self.tokens.get(at).filter(|token| !token.first && at == self.at + 2) else {
            return false;
        };
        match key.text {
            "priority" => true,
            "active" => {
                let meant = nearest(token.text, ["until"]).is_some();
                meant || matches!(token.text, "to" | "till" | "til" | "through" | "before")
            }
            _ => false,
        }
    }

    /// Whether a word that is no key begins a field, although it could be an item whose comma is missing.
    fn begins_unknown(&self, at: usize, is_list: bool) -> bool {
        let Some(token) = self.tokens.get(at) else { return false };
        let before = self.tokens.get(at.saturating_sub(1));
        let continues = before
            .is_some_and(|b| b.kind == Kind::Comma || CONNECTORS.contains(&b.text) || b.text == "store");
        if continues || CONNECTORS.contains(&token.text) || before.is_some_and(|b| b.end() == token.start) {
            return false;
        }
        let has_value = self.tokens.get(at + 1).is_some_and(|next| {
            !next.first && !matches!(next.kind, Kind::Comma | Kind::Close) && !FIELD_KEYS.contains(&next.text)
        });
        has_value
            && (token.first
                || !is_list && before.is_some_and(|b| matches!(b.kind, Kind::Atom | Kind::Text | Kind::Word)))
            || token.first && !is_list
    }
}
