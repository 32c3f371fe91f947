//! Text inside XML 1.0.

use super::text::shown;
use std::fmt::Write;

/// The text, safe between tags and in an attribute of either quote. Its line ends stay what they are where `lines` keeps
/// them; in an attribute a reader would make spaces of them, so that they are written as references there.
pub(super) fn escaped(text: &str, lines: Lines) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            // `]]>` may not stand in text.
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&apos;"),
            '\n' if lines == Lines::Kept => safe.push('\n'),
            '\n' | '\t' | '\r' => {
                let _ = write!(safe, "&#{};", u32::from(c));
            }
            // These two are no characters of XML, not even as references; nor are the control characters.
            '\u{fffe}' | '\u{ffff}' => safe.push('\u{fffd}'),
            _ => safe.push(shown(c)),
        }
    }
    safe
}

/// What becomes of line ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Lines {
    /// They stay: between tags.
    Kept,
    /// They are written as references: in attributes.
    Referenced,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_its_tag_or_attribute() {
        let texts = [
            ("a & b <c> \"d\" 'e'", "a &amp; b &lt;c&gt; &quot;d&quot; &apos;e&apos;"),
            ("]]>", "]]&gt;"),
            ("a\nb\tc\r", "a&#10;b&#9;c&#13;"),
            ("\0\x1b[31m\u{7f}\u{85}\u{fffe}\u{ffff}\u{202e}", "␀␛[31m␡\u{fffd}\u{fffd}\u{fffd}\u{fffd}"),
            ("鞋 กี่ 👟", "鞋 กี่ 👟"),
        ];
        for (text, expected) in texts {
            assert_eq!(escaped(text, Lines::Referenced), expected);
        }
        assert_eq!(escaped("a\nb", Lines::Kept), "a\nb");
    }
}
