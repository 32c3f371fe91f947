//! A pattern's text: what stands between the quotes of a string in a rule file.

use super::{Part, Pattern};
use std::fmt::{self, Display, Write};
use std::sync::Arc;

/// Few patterns have more parts.
const PARTS_OFTEN: usize = 4;

/// What is wrong with the text of a pattern, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PatternFault {
    /// Bytes into the text between the quotes.
    pub offset: usize,
    /// What is wrong, for people.
    pub message: String,
}

impl Pattern {
    /// Reads the text between the quotes of a string.
    pub fn parse(raw: &str) -> Result<Self, PatternFault> {
        if raw.is_empty() {
            return Err(PatternFault { offset: 0, message: "a pattern is never empty".to_owned() });
        }
        let mut parts = Vec::with_capacity(PARTS_OFTEN);
        let mut rest = raw;
        while let Some(at) = rest.find(['*', '?', '\\']) {
            let (plain, special) = rest.split_at(at);
            push_text(&mut parts, plain);
            let mut chars = special.chars();
            match chars.next() {
                Some('*') => push_any(&mut parts),
                Some('?') => push_one(&mut parts),
                _ => {
                    let c = escaped(raw.len() - special.len(), chars.next())?;
                    push_text(&mut parts, c.encode_utf8(&mut [0; 4]));
                }
            }
            rest = chars.as_str();
        }
        push_text(&mut parts, rest);
        Ok(Self { parts: parts.into() })
    }

    /// The pattern that matches this one SKU.
    pub fn from_literal(sku: &str) -> Self {
        let parts =
            if sku.is_empty() { Arc::default() } else { Arc::new([Part::Literal(sku.to_owned())]) as _ };
        Self { parts }
    }

    /// The one SKU that it matches, where it has no bare `*` or `?`.
    pub fn literal(&self) -> Option<&str> {
        match &*self.parts {
            [] => Some(""),
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// What every SKU that it matches starts with: all before the first `*` or `?`.
    pub fn prefix(&self) -> &str {
        match self.parts.first() {
            Some(Part::Literal(text)) => text,
            _ => "",
        }
    }
}

fn push_text(parts: &mut Vec<Part>, more: &str) {
    match parts.last_mut() {
        _ if more.is_empty() => {}
        Some(Part::Literal(text)) => text.push_str(more),
        _ => parts.push(Part::Literal(more.to_owned())),
    }
}

fn push_any(parts: &mut Vec<Part>) {
    if parts.last() != Some(&Part::Any) {
        parts.push(Part::Any);
    }
}

fn push_one(parts: &mut Vec<Part>) {
    let after_any = parts.pop_if(|last| *last == Part::Any);
    parts.push(Part::One);
    parts.extend(after_any);
}

/// The canonical text for between the quotes; parsing it gives the same pattern.
impl Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts.iter().try_for_each(|part| match part {
            Part::Literal(text) => write_literal(text, f),
            Part::One => f.write_char('?'),
            Part::Any => f.write_char('*'),
        })
    }
}

fn write_literal(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    text.chars().try_for_each(|c| {
        if matches!(c, '"' | '\\' | '*' | '?') {
            f.write_char('\\')?;
        }
        f.write_char(c)
    })
}

fn escaped(offset: usize, next: Option<char>) -> Result<char, PatternFault> {
    let message = match next {
        Some(c @ ('"' | '\\' | '*' | '?')) => return Ok(c),
        Some(c) => format!("`\\{}` is no escape", c.escape_debug()),
        None => "a lone `\\` at the end".to_owned(),
    };
    Err(PatternFault { offset, message })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_meaning_is_one_canonical_text() {
        for (raw, canonical) in [
            ("NIKE-42", "NIKE-42"),
            ("**", "*"),
            ("a***b", "a*b"),
            ("*?", "?*"),
            ("*?*?", "??*"),
            ("a?*?*b", "a??*b"),
            ("?*?", "??*"),
            (r#"\*\?\\\""#, r#"\*\?\\\""#),
            (r"\**", r"\**"),
            ("รองเท้า-?", "รองเท้า-?"),
        ] {
            assert_eq!(Pattern::parse(raw).map(|p| p.to_string()), Ok(canonical.to_owned()), "{raw}");
            assert_eq!(Pattern::parse(raw), Pattern::parse(canonical), "{raw}");
        }
    }

    #[test]
    fn faults_stand_at_their_backslash() {
        for (raw, offset, message) in [
            ("", 0, "a pattern is never empty"),
            (r"ab\n", 2, r"`\n` is no escape"),
            (r"鞋\", 3, r"a lone `\` at the end"),
            (r"\\\x", 2, r"`\x` is no escape"),
            (r"\ ", 0, r"`\ ` is no escape"),
        ] {
            let fault = PatternFault { offset, message: message.to_owned() };
            assert_eq!(Pattern::parse(raw), Err(fault), "{raw}");
        }
    }

    #[test]
    fn only_a_pattern_without_wildcards_is_a_literal() {
        for (raw, literal) in [("A-1", Some("A-1")), (r"A\*\?", Some("A*?")), ("A*", None), ("?", None)] {
            assert_eq!(Pattern::parse(raw).ok().as_ref().and_then(Pattern::literal), literal, "{raw}");
        }
    }

    #[test]
    fn the_prefix_ends_where_the_wildcards_start() {
        for (raw, prefix) in [("A-1", "A-1"), (r"A\*-*B", "A*-"), ("鞋?", "鞋"), ("*A", ""), ("?", "")] {
            assert_eq!(Pattern::parse(raw).as_ref().map(Pattern::prefix), Ok(prefix), "{raw}");
        }
    }

    #[test]
    fn a_literal_is_what_its_text_parses_to() {
        for sku in ["A-1", "*", "??", r#"\"x"#, "รองเท้า"] {
            let pattern = Pattern::from_literal(sku);
            assert_eq!(pattern.literal(), Some(sku));
            assert_eq!(Pattern::parse(&pattern.to_string()), Ok(pattern), "{sku}");
        }
        assert_eq!(Pattern::from_literal("").literal(), Some(""));
    }
}
