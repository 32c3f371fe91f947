//! What names a finding from one run to the next, whatever happens above it in the file.

use crate::diagnostic::Diagnostic;
use crate::hex::hex;
use crate::source::{Sources, Span};
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// Longer lines count only around the place, so that a thousand findings in one long line stay cheap.
const LINE_BYTES_MAX: usize = 512;

/// A fingerprint for each finding: of its name, file and text, without white space; equal ones are told apart by their turn.
pub fn fingerprints(sources: &Sources, diagnostics: &[Diagnostic]) -> Vec<String> {
    let mut seen: HashMap<[u8; 32], u32> = HashMap::new();
    diagnostics
        .iter()
        .map(|diagnostic| {
            let hash = hash(sources, diagnostic);
            let turn = seen.entry(hash).or_default();
            *turn += 1;
            let named = if *turn == 1 { hash } else { again(hash, *turn) };
            half(&named)
        })
        .collect()
}

fn hash(sources: &Sources, diagnostic: &Diagnostic) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(diagnostic.code.name);
    if let Some(span) = diagnostic.span {
        for part in [sources.get(span.file).path(), line_around(sources, span), sources.text(span)] {
            hasher.update([0]);
            part.split_whitespace().for_each(|word| {
                hasher.update(word);
                hasher.update(b" ");
            });
        }
    }
    hasher.finalize().into()
}

fn line_around(sources: &Sources, span: Span) -> &str {
    let source = sources.get(span.file);
    let line = source.line(source.position(span.start).line);
    if line.len() <= LINE_BYTES_MAX { line } else { "" }
}

fn again(hash: [u8; 32], turn: u32) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(hash);
    hasher.update(turn.to_le_bytes());
    hasher.finalize().into()
}

/// Half of the hash is enough to tell findings apart, and half as long to look at.
fn half(hash: &[u8]) -> String {
    hex(hash.get(..16).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::codes::UNKNOWN_STORE;

    /// The fingerprints of the findings at every `bad` in a text.
    fn of(text: &str) -> Vec<String> {
        let mut sources = Sources::new();
        let file = sources.add("a.sync", text);
        let spans = text.match_indices("bad").map(|(at, _)| Span::new(file, at as u32, at as u32 + 3));
        let all: Vec<_> = spans.map(|span| Diagnostic::new(&UNKNOWN_STORE, span, "unknown")).collect();
        fingerprints(&sources, &all)
    }

    #[test]
    fn lines_above_and_layout_do_not_matter() {
        assert_eq!(of("stores bad\n"), of("# new\n\n  stores   bad\r\n"));
    }

    #[test]
    fn another_text_is_another_finding() {
        assert_ne!(of("stores bad\n"), of("stores x, bad\n"));
    }

    #[test]
    fn equal_ones_differ_by_their_turn() {
        let twice = of("stores bad\nstores bad\n");
        assert_ne!(twice.first(), twice.last());
        assert_eq!(twice.first(), of("stores bad\n").first());
        assert!(twice.iter().all(|print| print.len() == 32));
    }
}
