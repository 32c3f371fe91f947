//! Whether a SKU matches a pattern.

use super::{Part, Pattern};

impl Pattern {
    /// Whether the whole SKU matches.
    ///
    /// What stands before the first `*` is matched at the front and what stands after the last at the back;
    /// between them the leftmost place for each piece is as good as any, so nothing is ever tried again.
    pub fn matches(&self, sku: &str) -> bool {
        let mut pieces = self.parts.split(|part| *part == Part::Any);
        let head = pieces.next().unwrap_or_default();
        let Some(rest) = strip_front(head, sku) else { return false };
        let Some(tail) = pieces.next_back() else { return rest.is_empty() };
        let Some(middle) = strip_back(tail, rest) else { return false };
        pieces.try_fold(middle, |rest, piece| strip_leftmost(piece, rest)).is_some()
    }
}

/// What of the text follows the piece, where the text starts with it.
fn strip_front<'t>(piece: &[Part], text: &'t str) -> Option<&'t str> {
    piece.iter().try_fold(text, |rest, part| match part {
        Part::Literal(literal) => rest.strip_prefix(literal.as_str()),
        Part::One => {
            let mut chars = rest.chars();
            chars.next().map(|_| chars.as_str())
        }
        Part::Any => Some(rest),
    })
}

/// What of the text precedes the piece, where the text ends with it.
fn strip_back<'t>(piece: &[Part], text: &'t str) -> Option<&'t str> {
    piece.iter().rev().try_fold(text, |rest, part| match part {
        Part::Literal(literal) => rest.strip_suffix(literal.as_str()),
        Part::One => {
            let mut chars = rest.chars();
            chars.next_back().map(|_| chars.as_str())
        }
        Part::Any => Some(rest),
    })
}

/// What of the text follows the leftmost place where the piece stands.
///
/// A piece behind a `*` always starts with a literal, since `*?` is written `?*`.
fn strip_leftmost<'t>(piece: &[Part], text: &'t str) -> Option<&'t str> {
    let Some((Part::Literal(first), others)) = piece.split_first() else { return strip_front(piece, text) };
    let mut from = text;
    loop {
        let place = from.get(find(first, from)?..)?;
        let rest = place.strip_prefix(first.as_str())?;
        if let Some(found) = strip_front(others, rest) {
            return Some(found);
        }
        let mut chars = place.chars();
        chars.next();
        from = chars.as_str();
    }
}

/// In a text of at most so many bytes, looking at each place is faster than what a search of `str` gets ready first.
const SHORT_BYTES: usize = 64;

/// The leftmost place of a literal.
fn find(literal: &str, text: &str) -> Option<usize> {
    if text.len() > SHORT_BYTES || literal.is_empty() {
        return text.find(literal);
    }
    let (literal, first) = (literal.as_bytes(), literal.as_bytes().first());
    text.as_bytes().windows(literal.len()).position(|place| place.first() == first && place == literal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_matches() {
        for (raw, yes, no) in [
            ("NIKE-42", &["NIKE-42"][..], &["nike-42", "NIKE-4", "NIKE-422", "", " NIKE-42"][..]),
            ("NIKE-*", &["NIKE-", "NIKE-42", "NIKE--"], &["NIKE", "ANIKE-42"]),
            ("*-SAMPLE", &["-SAMPLE", "A-SAMPLE", "-SAMPLE-SAMPLE"], &["SAMPLE", "A-SAMPLES"]),
            ("*", &["", "x", "คน"], &[]),
            ("?", &["x", "ก", "鞋", "👟", "\n"], &["", "xy", "e\u{301}", "👟👟", "👩‍👩‍👧"]),
            ("??", &["e\u{301}", "鞋子"], &["é", "鞋"]),
            ("?*", &["a", "鞋子"], &[""]),
            ("CLR-??-*", &["CLR-ab-", "CLR-鞋子-x"], &["CLR-a-", "CLR-abc-x"]),
            ("a*a", &["aa", "aba"], &["a", "ab"]),
            ("ab*ba", &["abba", "abxba"], &["aba"]),
            ("*ab?d*", &["abcd", "abxabcd", "ababxd"], &["abd", "ab", "abxe"]),
            ("*aa?b*aa?b", &["aaxbaaxb", "aaaxbaaaxb"], &["aaxb", "aaxbaxb"]),
            ("*ก?ค*", &["กขค", "xกกขค"], &["กค", "กขข"]),
            (r"\*\?", &["*?"], &["ab", "*a", r"\*\?"]),
            (r"\**", &["*", "*x"], &["x"]),
            (r#"a\"\\b"#, &[r#"a"\b"#], &["ab"]),
        ] {
            let pattern = Pattern::parse(raw).unwrap();
            for sku in yes {
                assert!(pattern.matches(sku), "`{raw}` should match `{sku}`");
            }
            for sku in no {
                assert!(!pattern.matches(sku), "`{raw}` should not match `{sku}`");
            }
        }
    }

    #[test]
    fn many_stars_over_a_long_sku_end_soon() {
        let sku = "a".repeat(10_000);
        assert!(!Pattern::parse(&format!("{}b", "*a".repeat(40))).unwrap().matches(&sku));
        assert!(!Pattern::parse(&format!("{}b*", "*a".repeat(40))).unwrap().matches(&sku));
        assert!(Pattern::parse(&"*a".repeat(10_000)).unwrap().matches(&sku));
        assert!(!Pattern::parse(&"*a".repeat(10_001)).unwrap().matches(&sku));
    }

    proptest! {
        #[test]
        fn a_literal_is_found_where_a_search_finds_it(literal in "[abก]{0,3}", text in "[abก]{0,80}") {
            prop_assert_eq!(find(&literal, &text), text.find(&literal));
        }

        #[test]
        fn as_the_definition_says(raw in "[ab?*]{1,8}", sku in "[abก]{0,8}") {
            let tokens: Vec<char> = raw.chars().collect();
            let text: Vec<char> = sku.chars().collect();
            prop_assert_eq!(Pattern::parse(&raw).unwrap().matches(&sku), by_definition(&tokens, &text));
        }
    }

    fn by_definition(tokens: &[char], text: &[char]) -> bool {
        match (tokens.split_first(), text.split_first()) {
            (None, rest) => rest.is_none(),
            (Some(('*', after)), None) => by_definition(after, text),
            (Some(('*', after)), Some((_, rest))) => {
                by_definition(after, text) || by_definition(tokens, rest)
            }
            (Some(('?', after)), Some((_, rest))) => by_definition(after, rest),
            (Some((token, after)), Some((c, rest))) => token == c && by_definition(after, rest),
            (Some(_), None) => false,
        }
    }
}
