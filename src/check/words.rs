//! Names: what may be one, and what a wrong one was meant to be.

use crate::diagnostic::{Diagnostic, Edit, Fix, codes, nearest};
use crate::source::Span;

pub use crate::syntax::{KEYWORDS, is_keyword};

/// The most names that a help lists.
const NAMES_SHOWN_MAX: usize = 10;

/// Whether `text` may name a warehouse, a store or a list.
pub fn is_name(text: &str) -> bool {
    is_name_shape(text) && !is_keyword(text)
}

fn is_name_shape(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-')
}

/// A name that the configuration declares.
#[derive(Clone, Debug)]
pub struct DeclaredName<'a> {
    /// The name.
    pub text: &'a str,
    /// What it names, as people say it: `store`, `warehouse`.
    pub what: &'a str,
    /// Where it stands, if that is known.
    pub span: Option<Span>,
}

/// Finds the names that cannot be written in a rule: `bad-name`. A store and a warehouse may share a name, as
/// no field takes both.
pub fn check_names(names: &[DeclaredName<'_>]) -> Vec<Diagnostic> {
    names.iter().filter_map(|name| bad_name(name.what, name.text, name.span)).collect()
}

pub(super) fn bad_name(what: &str, text: &str, span: Option<Span>) -> Option<Diagnostic> {
    if is_name(text) {
        return None;
    }
    let message = if is_keyword(text) {
        format!("{what} `{text}` has the name of a keyword")
    } else {
        format!("`{text}` cannot be the name of a {what}")
    };
    let help = "a name starts with a letter a-z, goes on with a-z, 0-9, `_` and `-`, and is no keyword";
    Some(Diagnostic::new(&codes::BAD_NAME, span, message).with_help(help))
}

/// The finding with the nearest known word as help and fix; where none is near, with what there is.
pub(super) fn suggest(found: Diagnostic, wrong: &str, known: &[&str], what: &str) -> Diagnostic {
    match (nearest(wrong, known.iter().copied()), found.span) {
        (Some(meant), Some(span)) => found.with_help(format!("did you mean `{meant}`?")).with_fix(Fix {
            safe: false,
            message: format!("write `{meant}`"),
            edits: vec![Edit { span, text: meant.to_owned() }],
        }),
        _ => found.with_help(listing(known, what)),
    }
}

fn listing(known: &[&str], what: &str) -> String {
    if known.is_empty() {
        return format!("there are no {what}");
    }
    let shown: Vec<String> = known.iter().take(NAMES_SHOWN_MAX).map(|name| format!("`{name}`")).collect();
    match known.len().saturating_sub(NAMES_SHOWN_MAX) {
        0 => format!("the {what} are {}", shown.join(", ")),
        more => format!("the {what} are {}, and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_sorted() {
        assert!(KEYWORDS.is_sorted());
    }

    #[test]
    fn names_are_lower_case_and_no_keywords() {
        for good in ["a", "shopee_id", "wh-1", "a9_-"] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["", "A", "9a", "_a", "-a", "a b", "é", "order", "all", "none", "a.b"] {
            assert!(!is_name(bad), "{bad}");
        }
    }

    #[test]
    fn a_store_and_a_warehouse_may_share_a_name() {
        let name = |text, what| DeclaredName { text, what, span: None };
        let found = check_names(&[
            name("hq", "store"),
            name("hq", "warehouse"),
            name("Shop", "store"),
            name("order", "warehouse"),
        ]);
        let said: Vec<_> = found.iter().map(|d| (d.code.name, d.message.as_str())).collect();
        assert_eq!(
            said,
            [
                ("bad-name", "`Shop` cannot be the name of a store"),
                ("bad-name", "warehouse `order` has the name of a keyword"),
            ]
        );
    }
}
