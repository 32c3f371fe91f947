//! What is wrong with a run of tokens, in the words of those who write rules.

use super::token::{Kind, Token};
use super::{KEYWORDS, Out, strings};

/// The words that begin a field; in a value they end it.
pub(super) const FIELD_KEYS: &[&str] = &[
    "active",
    "cap",
    "floor",
    "order",
    "plus",
    "priority",
    "rate",
    "reserve",
    "round",
    "skus",
    "split",
    "store",
    "stores",
    "threshold",
    "warehouses",
];

/// Whether a word can be a name.
pub(super) fn is_name(word: &str) -> bool {
    is_name_shaped(word) && !KEYWORDS.contains(&word)
}

fn is_name_shaped(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_lowercase())
        && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-'))
}

/// A token as a message names it.
pub(super) fn shown(token: Option<&Token<'_>>) -> String {
    match token {
        None => "the end of the file".to_owned(),
        Some(token) => format!("`{}`", short(token.text)),
    }
}

fn short(text: &str) -> String {
    if text.chars().count() <= 40 {
        return text.to_owned();
    }
    text.chars().take(39).chain(['…']).collect()
}

/// Tells that a token is not what should stand there.
pub(super) fn unexpected(token: &Token<'_>, expected: &str, out: &mut Out) {
    unexpected_in(token, expected, "", out);
}

/// The same, with how the whole is written.
fn unexpected_in(token: &Token<'_>, expected: &str, form: &str, out: &mut Out) {
    if !lexical(token, out) {
        let message = format!("expected {expected}, found {}", shown(Some(token)));
        out.fault(out.span(token.start, token.end()), message, form);
    }
}

/// How a field of several words is written.
fn form(what: &str) -> &'static str {
    match what {
        "`active`" => "write `active from MOMENT until MOMENT`, or one half of it",
        "`priority`" => "write `priority store NAME below QUANTITY`",
        _ => "",
    }
}

/// Tells that something is missing behind the byte `end`.
pub(super) fn missing(end: usize, what: &str, help: &str, out: &mut Out) {
    out.fault(out.span(end, end), format!("{what} is missing here"), help);
}

/// Tells what is wrong with a token wherever it stands, if anything is.
pub(super) fn lexical(token: &Token<'_>, out: &mut Out) -> bool {
    let (message, help) = match token.kind {
        Kind::Quoted if token.text == "\"\"" => {
            ("this string is empty".to_owned(), "write what is meant between the quotes".to_owned())
        }
        Kind::Quoted => (
            format!("{} is in quotes of the wrong kind", shown(Some(token))),
            "strings stand in straight double quotes: `\"…\"`".to_owned(),
        ),
        Kind::OpenText => (
            "this string is not closed".to_owned(),
            "put a `\"` at its end; a string stands on one line".to_owned(),
        ),
        Kind::Slashes => ("this is no comment".to_owned(), "a comment begins with `#`".to_owned()),
        Kind::Junk => junk(token.text),
        _ => return false,
    };
    out.fault(out.span(token.start, token.end()), message, help);
    true
}

fn junk(text: &str) -> (String, String) {
    let c = text.chars().next().unwrap_or(' ');
    let help = match c {
        ';' => "nothing is needed at the end of a field; items of a list are separated by commas",
        '[' | ']' | '(' | ')' => "a list is written without brackets: `a, b`",
        '=' | ':' => "a field is its name, white space and its value: `threshold 5`",
        '%' => "the `%` stands right behind its number: `50%`",
        '，' | '、' | '､' => "a comma is the plain `,`",
        '\'' | '“' | '”' | '„' | '‘' | '’' | '`' => {
            "strings stand in straight double quotes: `\"…\"`"
        }
        '\u{A0}' | '\u{2000}'..='\u{200B}' | '\u{3000}' => "use an ordinary space",
        '\u{FEFF}' => "delete it; a byte order mark may stand at the start of the file only",
        '\\' => "a backslash has a meaning within quotes only",
        c if c.is_control() => "delete it; it is invisible in most editors",
        _ => "",
    };
    let message = if strings::is_control(c) {
        match text.chars().count() {
            1 => strings::control(0, c).message,
            many => format!("there are {many} control characters here: is this a text?"),
        }
    } else if c.is_whitespace() || matches!(c, '\u{200B}' | '\u{FEFF}') {
        format!("there is an unusual space here (U+{:04X})", c as u32)
    } else if c.is_ascii() {
        format!("`{text}` means nothing here")
    } else {
        format!("`{c}` (U+{:04X}) means nothing here", c as u32)
    };
    (message, help.to_owned())
}

/// Tells that a word is no name, if it is none.
pub(super) fn bad_name(token: &Token<'_>, out: &mut Out) -> bool {
    if is_name(token.text) {
        return false;
    }
    let span = out.span(token.start, token.end());
    let name = shown(Some(token));
    if KEYWORDS.contains(&token.text) {
        out.fault(span, format!("{name} is a keyword and cannot be a name"), "");
        return true;
    }
    let lower = token.text.to_lowercase();
    let foreign = token.text.chars().find(|c| !c.is_ascii());
    let help = match foreign {
        None if FIELD_KEYS.contains(&lower.as_str()) => format!("write `{lower}`"),
        Some(c) => {
            format!("`{c}` (U+{:04X}) is no letter of a name; a SKU stands in double quotes", c as u32)
        }
        None if is_name(&lower) => format!("write `{lower}`; a SKU stands in double quotes"),
        None => "names are made of a-z, 0-9, `_` and `-`, a letter first; a SKU stands in double quotes"
            .to_owned(),
    };
    out.fault(span, format!("{name} is not a name"), help);
    true
}

/// What a list may hold.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    /// Items, `all` and one `except`.
    Field,
    /// The same without `all`.
    Let,
    /// Names with weights.
    Split,
    /// `warehouse qty` or `store qty`, with or without `none`.
    Names { none: bool },
    /// `"PART" n`.
    Parts,
}

impl Of {
    fn is_pairs(self) -> bool {
        matches!(self, Of::Split | Of::Names { .. } | Of::Parts)
    }
}

/// Tells every fault of a list; `end` is where it ends. Quiet about what the grammar takes.
pub(super) fn list(tokens: &[Token<'_>], of: Of, what: &str, end: usize, out: &mut Out) {
    let mut walk =
        List { of, need: true, value: false, excepted: false, all: false, items: 0, bracket: false };
    let mut last: Option<&Token<'_>> = None;
    for token in tokens {
        if last.is_some_and(|last| is_glue(last) && last.end() == token.start && is_odd(token)) {
            last = Some(token);
            continue;
        }
        walk.step(token, last, out);
        last = Some(token);
    }
    let comma_last = last.is_some_and(|token| matches!(token.kind, Kind::Comma | Kind::Junk));
    if walk.value {
        missing(end, "a quantity", "write one behind each name", out);
    } else if walk.need
        && !(comma_last && walk.items > 0)
        && !(of.is_pairs() && of != Of::Split && last.is_none())
    {
        let help = if last.is_some_and(|token| token.text == "except") { "`except` needs items" } else { "" };
        missing(end, &format!("the value of {what}"), help, out);
    }
}

struct List {
    of: Of,
    need: bool,
    value: bool,
    excepted: bool,
    all: bool,
    items: usize,
    /// A bracket stands open.
    bracket: bool,
}

impl List {
    fn step(&mut self, token: &Token<'_>, last: Option<&Token<'_>>, out: &mut Out) {
        match token.kind {
            Kind::Comma => self.comma(token, out),
            Kind::Word if token.text == "except" && !self.of.is_pairs() => self.except(token, last, out),
            Kind::Open | Kind::Close => unexpected(token, "an item", out),
            Kind::Junk if matches!(token.text, "，" | "、" | "､") || token.text.starts_with(';') => {
                lexical(token, out);
                (self.need, self.value) = (true, false);
                self.items += 1;
            }
            // The bracket that opened the list was reported.
            Kind::Junk if self.bracket && matches!(token.text, "]" | ")") => self.bracket = false,
            Kind::Junk | Kind::Slashes => {
                self.bracket |= matches!(token.text, "[" | "(");
                lexical(token, out);
            }
            _ if self.value => self.quantity(token, out),
            _ => self.item(token, last, out),
        }
    }

    fn comma(&mut self, token: &Token<'_>, out: &mut Out) {
        let span = out.span(token.start, token.end());
        if self.value {
            missing(token.start, "a quantity", "write one behind each name", out);
            self.value = false;
        } else if self.need {
            out.fault(span, "no item stands before this comma", "delete the comma");
        } else if token.text.len() > 1 {
            out.fault(out.span(token.start + 1, token.end()), "there is a comma too many here", "delete it");
        }
        self.need = true;
    }

    fn except(&mut self, token: &Token<'_>, last: Option<&Token<'_>>, out: &mut Out) {
        let span = out.span(token.start, token.end());
        if self.excepted {
            out.fault(span, "a list has one `except` at most", "write its items behind the first one");
        } else if self.items == 0 || last.is_some_and(|last| last.text == "except") {
            out.fault(
                span,
                "there is nothing for `except` to take away from",
                "write items or `all` before it",
            );
        }
        (self.excepted, self.need, self.all, self.items) = (true, true, false, self.items + 1);
    }

    fn item(&mut self, token: &Token<'_>, last: Option<&Token<'_>>, out: &mut Out) {
        let span = out.span(token.start, token.end());
        if !self.need {
            // `NAME WEIGHT` is one item to the grammar.
            let weight = token.kind == Kind::Atom
                && self.of == Of::Field
                && last.is_some_and(|last| last.kind == Kind::Word);
            if weight {
                return;
            }
            if self.all || token.text == "all" {
                out.fault(
                    span,
                    "`all` stands alone",
                    "`all` takes everything; name exceptions behind `except`",
                );
            } else if last.is_none_or(|last| last.kind != Kind::Junk) {
                let message = format!("a comma is missing before {}", shown(Some(token)));
                out.fault(span, message, "items of a list are separated by commas");
            }
        } else if token.text == "all" && token.kind == Kind::Word && self.of == Of::Let {
            out.fault(span, "`all` cannot stand in a `let`", "write `all` in the rules themselves");
        } else if self.of == Of::Field
            && (self.all
                || token.text == "all"
                    && self.items > usize::from(self.excepted)
                    && last.is_none_or(|last| last.text != "except"))
        {
            out.fault(span, "`all` stands alone", "`all` takes everything; name exceptions behind `except`");
        } else {
            self.key(token, out);
        }
        self.need = false;
        self.value = self.of.is_pairs();
        self.all |= token.text == "all" && token.kind == Kind::Word;
        self.items += 1;
    }

    fn key(&self, token: &Token<'_>, out: &mut Out) {
        let wrong = match (self.of, token.kind) {
            (_, Kind::Quoted | Kind::OpenText) => {
                lexical(token, out);
                return;
            }
            (Of::Field, Kind::Word) if token.text == "all" => false,
            (Of::Field | Of::Let | Of::Split | Of::Names { .. }, Kind::Word) => {
                bad_name(token, out);
                return;
            }
            (Of::Field | Of::Let, _) | (Of::Parts, Kind::Text) => false,
            _ => true,
        };
        if wrong {
            unexpected(token, if self.of == Of::Parts { "a SKU in double quotes" } else { "a name" }, out);
        }
    }

    fn quantity(&mut self, token: &Token<'_>, out: &mut Out) {
        self.value = false;
        let none = token.is(Kind::Word, "none");
        match token.kind {
            Kind::Quoted | Kind::OpenText => {
                lexical(token, out);
            }
            Kind::Word if none && self.of == (Of::Names { none: true }) => {}
            Kind::Word if none => unexpected(token, "a quantity", out),
            Kind::Word => {
                bad_name(token, out);
            }
            _ => {}
        }
    }
}

/// Whether what follows without white space belongs to the same slip.
fn is_glue(token: &Token<'_>) -> bool {
    match token.kind {
        Kind::Junk => {
            !matches!(token.text, "=" | ":" | "，" | "、" | "､" | "[" | "]" | "(" | ")")
                && !token.text.starts_with(';')
        }
        Kind::Word => !is_name_shaped(token.text),
        _ => false,
    }
}

fn is_odd(token: &Token<'_>) -> bool {
    matches!(token.kind, Kind::Junk | Kind::Word | Kind::Atom)
}

/// What a field of a fixed form holds, in turn.
pub(super) enum Step {
    /// A value of any kind.
    Value,
    /// A name.
    Name,
    /// This word.
    Key(&'static str),
}

/// Tells the faults of a value of a fixed form.
pub(super) fn fixed(tokens: &[Token<'_>], steps: &[Step], what: &str, end: usize, out: &mut Out) {
    let known = out.faults.len() + out.untold;
    let mut last: Option<&Token<'_>> = None;
    for token in tokens {
        let glued = last.is_some_and(|last| is_glue(last) && last.end() == token.start);
        if !glued {
            lexical(token, out);
        }
        last = Some(token);
    }
    if out.faults.len() + out.untold > known {
        return;
    }
    let mut tokens = tokens.iter();
    for step in steps {
        let expected = match step {
            Step::Value => format!("the value of {what}"),
            Step::Name => "a name".to_owned(),
            Step::Key(word) => format!("`{word}`"),
        };
        let Some(token) = tokens.next() else {
            missing(end, &expected, form(what), out);
            return;
        };
        let right = match (step, token.kind) {
            (Step::Value, Kind::Text | Kind::Atom) => true,
            (Step::Value | Step::Name, Kind::Word) => {
                if bad_name(token, out) {
                    return;
                }
                true
            }
            (Step::Key(word), Kind::Word) => token.text == *word,
            _ => false,
        };
        if !right {
            return unexpected_in(token, &expected, form(what), out);
        }
    }
    if let Some(token) = tokens.next() {
        let message = format!("{} is too much: {what} is already complete", shown(Some(token)));
        let help = match token.kind {
            Kind::Comma => "in a number, write `1000` or `1_000`, and `12.5%` with a point",
            _ => "",
        };
        out.fault(out.span(token.start, token.end()), message, help);
    }
}
