//! Texts as they cross into records and URLs.

/// The most characters of a text for a person.
const TEXT_CHARS_MAX: usize = 300;

/// A marketplace's words on one line, without control characters, cut where they are too long.
#[must_use]
pub fn one_line(text: &str) -> String {
    let mut line = String::new();
    for (count, word) in text.split(|char: char| char.is_whitespace() || char.is_control()).enumerate() {
        if word.is_empty() {
            continue;
        }
        if count > 0 && !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    match line.char_indices().nth(TEXT_CHARS_MAX) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}

/// Percent-encoded (RFC 3986): every byte that is not unreserved is escaped, so that it can stand anywhere in a URL.
#[must_use]
pub fn percent(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
