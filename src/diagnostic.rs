//! What is said to a person about their text: one model, from which every output is rendered.

pub mod codes;

pub use codes::ERRORS;

use crate::source::Span;

/// How much a finding matters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Level {
    /// Not reported.
    Allow,
    /// Reported, and never a failure.
    Info,
    /// Reported; a failure only where asked for.
    Warn,
    /// A failure.
    Deny,
}

impl Level {
    /// As it stands in configuration and output.
    pub const fn name(self) -> &'static str {
        match self {
            Level::Allow => "allow",
            Level::Info => "info",
            Level::Warn => "warn",
            Level::Deny => "deny",
        }
    }
}

/// What is known of one kind of finding: everything `explain` prints.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// `SS014`; never reused.
    pub code: &'static str,
    /// `unknown-store`; never reused.
    pub name: &'static str,
    /// Its level. `Deny` is by nature, and can be neither lowered nor silenced; any other is a default.
    pub level: Level,
    /// What it finds, in one sentence.
    pub what: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// An example that has the fault: a fragment of a rule file, a table or the configuration.
    pub bad: &'static str,
    /// The example, put right.
    pub good: &'static str,
}

/// Another place that has to do with a finding.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Related {
    /// What is there: `first declared here`.
    pub message: String,
    /// Where.
    pub span: Span,
}

/// One replacement of a piece of text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edit {
    /// What is replaced.
    pub span: Span,
    /// By what.
    pub text: String,
}

/// A way to put a finding right.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fix {
    /// Whether it never changes what the rules do.
    pub safe: bool,
    /// What it does.
    pub message: String,
    /// The edits, which do not overlap.
    pub edits: Vec<Edit>,
}

/// One finding.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    /// Of which kind.
    pub code: &'static Code,
    /// At which level, after configuration.
    pub level: Level,
    /// One line, lower case, no full stop; the user's names in backticks.
    pub message: String,
    /// The place, where there is one.
    pub span: Option<Span>,
    /// What the place is labelled with, where the message alone would not tell.
    pub label: Option<String>,
    /// Other places that belong to it.
    pub related: Vec<Related>,
    /// How to put it right.
    pub help: Option<String>,
    /// Edits that put it right.
    pub fixes: Vec<Fix>,
}

impl Diagnostic {
    /// A finding of `code` at its own level. `span` is a `Span`, or `None` where there is no place.
    pub fn new(code: &'static Code, span: impl Into<Option<Span>>, message: impl Into<String>) -> Self {
        Self {
            code,
            level: code.level,
            message: message.into(),
            span: span.into(),
            label: None,
            related: Vec::new(),
            help: None,
            fixes: Vec::new(),
        }
    }

    /// The same, with how to put it right.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same, with the place labelled.
    #[must_use]
    pub fn with_label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// The same, with another place.
    #[must_use]
    pub fn with_related(mut self, span: Span, message: impl Into<String>) -> Self {
        self.related.push(Related { message: message.into(), span });
        self
    }

    /// The same, with a fix.
    #[must_use]
    pub fn with_fix(mut self, fix: Fix) -> Self {
        self.fixes.push(fix);
        self
    }
}

/// Every kind of finding there is, errors first, each by its code.
pub fn codes() -> impl Iterator<Item = &'static Code> {
    let lints = crate::lint::LINTS.iter().map(|lint| lint.code);
    ERRORS.iter().copied().chain(lints).chain(crate::lint::JUDGED_LAST.iter().copied())
}

/// The kind that goes by this code or name.
pub fn find_code(code_or_name: &str) -> Option<&'static Code> {
    codes().find(|code| code.code.eq_ignore_ascii_case(code_or_name) || code.name == code_or_name)
}

/// Longer names are not compared: time and memory go with the product of two lengths.
const COMPARED_CHARS_MAX: usize = 64;

/// The name in `known` that is nearest to `wrong`, if one is near enough to be meant.
pub fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let chars = |text: &str| text.chars().take(COMPARED_CHARS_MAX + 1).count();
    let length = chars(wrong);
    if length > COMPARED_CHARS_MAX {
        return None;
    }
    let letters = letters(wrong);
    let mut best: Option<(usize, &str)> = None;
    for name in known {
        let within = best.map_or((length / 3).max(1), |(distance, _)| distance);
        let count = chars(name);
        // Most names are passed over by what is soon counted.
        if count > COMPARED_CHARS_MAX || count.abs_diff(length) > within || apart(&letters, name) > within {
            continue;
        }
        let distance = strsim::damerau_levenshtein(wrong, name);
        if distance <= within && best.is_none_or(|best| (distance, name) < best) {
            best = Some((distance, name));
        }
    }
    best.map(|(_, name)| name)
}

/// How often each letter stands in a text; several letters may share a place.
type Letters = [u8; 64];

fn letters(text: &str) -> Letters {
    let mut letters = [0; 64];
    for letter in text.chars() {
        if let Some(count) = letters.get_mut(letter as usize % 64) {
            *count += 1;
        }
    }
    letters
}

/// How many edits two texts are apart at least, for the letters that one of them has and the other has not. A text has
/// at most [`COMPARED_CHARS_MAX`] of them.
fn apart(one: &Letters, other: &str) -> usize {
    let sum = |one: &Letters, less: &Letters| -> usize {
        one.iter().zip(less).map(|(one, less)| usize::from(one.saturating_sub(*less))).sum()
    };
    let other = letters(other);
    sum(one, &other).max(sum(&other, one))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_near() {
        for (wrong, known, meant) in [
            ("shopee", &["shopee_id", "shopy", "outlet"][..], Some("shopy")),
            ("shoppee_id", &["shopee_my", "shopee_id"], Some("shopee_id")),
            ("ab", &["ba", "xy"], Some("ba")),
            ("outlet", &["shopee_id"], None),
            ("x", &[], None),
        ] {
            assert_eq!(nearest(wrong, known.iter().copied()), meant, "{wrong}");
        }
    }

    proptest::proptest! {
        #[test]
        fn the_nearest_is_nearest(wrong in "[abcä鞋]{1,9}", known in proptest::collection::vec("[abcä鞋]{0,9}", 0..20)) {
            let within = (wrong.chars().count() / 3).max(1);
            let all = known.iter().map(|name| (strsim::damerau_levenshtein(&wrong, name), name.as_str()));
            let expect = all.filter(|&(distance, _)| distance <= within).min().map(|(_, name)| name);
            proptest::prop_assert_eq!(nearest(&wrong, known.iter().map(String::as_str)), expect);
        }
    }

    #[test]
    fn long_names_take_neither_time_nor_memory() {
        let name = |length: usize| "a".repeat(length);
        assert_eq!(nearest(&name(64), [name(63).as_str()]), Some(name(63).as_str()));
        for (wrong, known) in [(65, 64), (64, 65), (2_000_000, 2_000_001), (3, 2_000_000)] {
            assert_eq!(nearest(&name(wrong), [name(known).as_str()]), None, "{wrong} {known}");
        }
    }
}
