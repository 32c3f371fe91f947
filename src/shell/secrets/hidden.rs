//! What no text may show: every form of every secret that a store has or had, and what was filled into its last requests.

use super::fill::json;
use crate::shell::{base64, percent};
use std::collections::VecDeque;
use std::sync::{PoisonError, RwLock};

/// So many forms of passing things (signatures, unusual encodings) are known at once; the oldest is forgotten first.
const PASSING_MAX: usize = 1024;
const HIDDEN: &str = "***";

/// The forms, behind a lock: sessions of a store run side by side.
#[derive(Debug, Default)]
pub(super) struct Hidden(RwLock<Shapes>);

#[derive(Default)]
struct Shapes {
    // The longest first, so that no part of one is left over.
    lasting: Vec<String>,
    passing: VecDeque<String>,
}

impl std::fmt::Debug for Shapes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shapes").finish_non_exhaustive()
    }
}

impl Hidden {
    /// Hides a secret from now on, in the usual encodings.
    pub(super) fn keep(&self, secret: &str) {
        let once = |value: &str| [percent::encode(value, b""), base64::encode(value.as_bytes()), json(value)];
        let mut shapes: Vec<String> = once(secret).iter().flat_map(|shape| once(shape)).collect();
        shapes.extend(once(secret));
        // As others write it who say it back: a form, lower-case escapes, JSON with `\/`.
        let encoded = percent::encode(secret, b"");
        shapes.push(encoded.replace("%20", "+"));
        shapes.push(lower_escapes(&encoded));
        shapes.push(json(secret).replace('/', "\\/"));
        shapes.push(secret.to_owned());
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        known.lasting.extend(shapes.into_iter().filter(|shape| !shape.is_empty()));
        known.lasting.sort_by(longest_first);
        known.lasting.dedup();
    }

    /// Hides what was just filled in, until many others have been.
    pub(super) fn pass(&self, value: &str) {
        if value.is_empty() || self.knows(value) {
            return;
        }
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.passing.len() == PASSING_MAX {
            known.passing.pop_front();
        }
        known.passing.push_back(value.to_owned());
    }

    /// The text with all of them taken out.
    pub(super) fn redact(&self, text: &str) -> String {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if text.is_empty() {
            return String::new();
        }
        let mut passing: Vec<&String> = known.passing.iter().collect();
        passing.sort_by(|a, b| longest_first(a, b));
        let shapes = passing.into_iter().chain(&known.lasting);
        shapes.fold(text.to_owned(), |text, shape| {
            if text.contains(shape.as_str()) { text.replace(shape.as_str(), HIDDEN) } else { text }
        })
    }

    fn knows(&self, value: &str) -> bool {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let probe = value.to_owned();
        known.lasting.binary_search_by(|shape| longest_first(shape, &probe)).is_ok()
            || known.passing.contains(&probe)
    }
}

/// Percent-encoding with escapes in lower case.
fn lower_escapes(encoded: &str) -> String {
    let mut parts = encoded.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let (escape, rest) = part.split_at_checked(2).unwrap_or((part, ""));
        text + "%" + &escape.to_lowercase() + rest
    })
}

fn longest_first(a: &String, b: &String) -> std::cmp::Ordering {
    b.len().cmp(&a.len()).then_with(|| a.cmp(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_form_is_taken_out_first() {
        let hidden = Hidden::default();
        hidden.keep("abc");
        hidden.keep("abcdef");
        assert_eq!(hidden.redact("abcdef abcd"), "*** ***d");
    }

    #[test]
    fn what_others_say_back_is_hidden_however_they_write_it() {
        let hidden = Hidden::default();
        hidden.keep("s3/c r+t");
        let forms = "s3/c r+t s3%2Fc%20r%2Bt s3%2fc%20r%2bt s3%2Fc+r%2Bt s3\\/c r+t czMvYyByK3Q=";
        assert_eq!(hidden.redact(forms), "*** *** *** *** *** ***");
    }

    #[test]
    fn passing_ones_are_forgotten_and_lasting_ones_are_not() {
        let hidden = Hidden::default();
        hidden.keep("kept");
        for number in 0..=PASSING_MAX {
            hidden.pass(&format!("signature-{number:05}"));
            hidden.pass("kept");
        }
        let text = format!("kept signature-00000 signature-00001 signature-{PASSING_MAX:05}");
        assert_eq!(hidden.redact(&text), "*** signature-00000 *** ***");
    }

    #[test]
    fn nothing_is_hidden_where_nothing_is_secret() {
        let hidden = Hidden::default();
        hidden.keep("");
        hidden.pass("");
        assert_eq!(hidden.redact("text"), "text");
        hidden.keep("s3cret");
        assert!(!format!("{hidden:?}").contains("s3cret"));
    }
}
