//! What went wrong with a plugin or a store, in one line for a person.

use std::fmt;

/// How many characters of another program's words are shown at most.
pub const TEXT_CHARS_MAX: usize = 500;

/// A plugin that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginFault {
    /// What is wrong: one line.
    pub what: String,
    /// How to put it right.
    pub help: Option<String>,
    /// Whether it is there, and only nobody has said that it is to be trusted.
    pub untrusted: bool,
}

impl PluginFault {
    /// A fault without help.
    pub fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), help: None, untrusted: false }
    }

    /// The same of one that nobody has said is to be trusted.
    pub fn untrusted(what: impl Into<String>) -> Self {
        Self { untrusted: true, ..Self::new(what) }
    }

    /// The same, with how to put it right.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for PluginFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

/// A store that cannot be worked with; other stores are not touched by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreFault {
    /// The store's name.
    pub store: String,
    /// The connector's name.
    pub connector: String,
    /// What happened: one line, without secrets.
    pub what: String,
    /// How to put it right.
    pub help: Option<String>,
}

impl fmt::Display for StoreFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "store `{}` (connector `{}`): {}", self.store, self.connector, self.what)
    }
}

/// Another program's words as one line that cannot harm a terminal: no control or direction characters, and not too long.
pub fn clean(text: &str) -> String {
    let mut shown: String = text.chars().take(TEXT_CHARS_MAX).map(harmless).collect();
    if text.chars().nth(TEXT_CHARS_MAX).is_some() {
        shown.push('…');
    }
    shown.trim().to_owned()
}

/// The system's words, as a message has them: lower case, and without the system's number.
pub(super) fn plainly(fault: &std::io::Error) -> String {
    let text = fault.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

fn harmless(c: char) -> char {
    let turns = matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if c.is_control() || turns { ' ' } else { c }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_become_spaces() {
        assert_eq!(clean("a\u{1b}[31mb\nc\u{202e}d\0"), "a [31mb c d");
    }

    #[test]
    fn long_texts_are_cut() {
        assert_eq!(clean(&"é".repeat(500)).chars().count(), 500);
        assert_eq!(clean(&"é".repeat(501)), format!("{}…", "é".repeat(500)));
    }
}
