//! Text on a terminal: safe to print, cut and padded by the columns that it takes up.

use super::Color;
use std::borrow::Cow;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The text on one line, with everything that could steer a terminal or turn the reading direction made visible.
pub(super) fn visible(text: &str) -> Cow<'_, str> {
    if text.chars().any(|c| shown(c) != c) { text.chars().map(shown).collect() } else { text.into() }
}

/// What stands for a character on a terminal: itself, or a symbol for it.
pub(super) fn shown(c: char) -> char {
    match c {
        '\0'..='\x1f' => char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}'),
        '\x7f' => '\u{2421}',
        '\u{80}'..='\u{9f}' | '\u{2028}' | '\u{2029}' => '\u{fffd}',
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        _ => c,
    }
}

/// How many terminal columns a text takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// The text made visible and, where it takes more than `columns`, cut with `...` at its end.
pub(super) fn fit(text: &str, columns: usize) -> String {
    let text = visible(text);
    if width(&text) <= columns {
        return text.into_owned();
    }
    let room = columns.saturating_sub(3);
    let mut used = 0;
    let kept = text.chars().take_while(|c| {
        used += c.width().unwrap_or(0);
        used <= room
    });
    let mut cut: String = kept.collect();
    cut.push_str(if columns < 3 { "" } else { "..." });
    cut
}

/// The text, cut to `columns` and filled up with spaces behind.
pub(super) fn left(text: &str, columns: usize) -> String {
    let mut cell = fit(text, columns);
    let missing = columns.saturating_sub(width(&cell));
    cell.extend(std::iter::repeat_n(' ', missing));
    cell
}

/// The text, filled up with spaces before.
pub(super) fn right(text: &str, columns: usize) -> String {
    format!("{}{text}", " ".repeat(columns.saturating_sub(width(text))))
}

/// The text behind a head, broken between words where it takes more than `columns`, each further line below the text.
pub(super) fn wrapped(head: &str, text: &str, columns: usize) -> Vec<String> {
    let indent = width(head);
    let mut lines = vec![head.to_owned()];
    let mut used = indent;
    for word in text.split(' ') {
        let gap = usize::from(used > indent);
        if gap > 0 && used + gap + width(word) > columns {
            lines.push(" ".repeat(indent));
            used = indent;
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(if used > indent { " " } else { "" });
            line.push_str(word);
            used += usize::from(used > indent) + width(word);
        }
    }
    lines
}

/// The few looks there are.
#[derive(Clone, Copy)]
pub(super) enum Style {
    Bold,
    Dim,
    Red,
    Yellow,
    Green,
    Cyan,
}

/// The text in a style, where there is colour.
pub(super) fn paint(text: &str, style: Style, color: Color) -> Cow<'_, str> {
    let number = match (color, style) {
        (Color::Never, _) => return text.into(),
        (_, Style::Bold) => 1,
        (_, Style::Dim) => 2,
        (_, Style::Red) => 31,
        (_, Style::Yellow) => 33,
        (_, Style::Green) => 32,
        (_, Style::Cyan) => 36,
    };
    format!("\x1b[{number}m{text}\x1b[0m").into()
}

/// `1 row`, `2 rows`.
pub(super) fn count(number: u64, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// A length of time for a person: `45 s`, `12 min`, `3 h 20 min`, `2 d 4 h`.
pub(super) fn duration(seconds: i64) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match seconds {
        ..60 => format!("{} s", seconds.max(0)),
        60..3600 => format!("{minutes} min"),
        3600..86_400 if minutes % 60 == 0 => format!("{hours} h"),
        3600..86_400 => format!("{hours} h {} min", minutes % 60),
        _ if hours % 24 == 0 => format!("{days} d"),
        _ => format!("{days} d {} h", hours % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_steers_the_terminal() {
        let safe = [
            ("plain \u{e01}\u{e34} 鞋", "plain \u{e01}\u{e34} 鞋"),
            ("a\x1b[31mb", "a␛[31mb"),
            ("a\nb\rc\td\x07\x7f", "a␊b␍c␉d␇␡"),
            ("\u{9b}31m \u{202e}abc", "\u{fffd}31m \u{fffd}abc"),
        ];
        for (text, expected) in safe {
            assert_eq!(visible(text), expected);
        }
    }

    #[test]
    fn cells_are_measured_in_columns() {
        assert_eq!(left("鞋", 4), "鞋  ");
        assert_eq!(left("กี่", 3), "กี่  ", "Thai marks take no column");
        assert_eq!(fit("鞋鞋鞋鞋", 7), "鞋鞋...");
        assert_eq!(fit("鞋鞋鞋鞋", 6), "鞋...");
        assert_eq!(fit("abcdef", 6), "abcdef");
        assert_eq!(right("12", 4), "  12");
        assert_eq!(fit("abc", 2), "");
    }

    #[test]
    fn a_long_text_is_broken_between_words() {
        assert_eq!(wrapped("a  ", "one two three", 10), ["a  one two", "   three"]);
        assert_eq!(wrapped("a  ", "one two three", 80), ["a  one two three"]);
        assert_eq!(wrapped("a  ", "much-too-long x", 5), ["a  much-too-long", "   x"]);
        assert_eq!(wrapped("a  ", "鞋鞋 鞋", 8), ["a  鞋鞋", "   鞋"]);
        assert_eq!(wrapped("a  ", "", 8), ["a  "]);
    }

    #[test]
    fn durations_are_for_people() {
        let durations = [
            (-5, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (3600, "1 h"),
            (12_000, "3 h 20 min"),
            (86_400, "1 d"),
        ];
        for (seconds, expected) in durations {
            assert_eq!(duration(seconds), expected);
        }
        assert_eq!(duration(187_200), "2 d 4 h");
    }
}
