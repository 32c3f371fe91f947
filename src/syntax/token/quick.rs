//! Plain texts, cut by hand: what the grammar's `tokens` make of them, several times as fast. Who has many faults waits for this.

use super::super::quick::{is_atom_end, is_local_moment};
use super::{Kind, Token};

/// The tokens of a text, and where its comments start and end in it.
type Cut<'t> = (Vec<Token<'t>>, Vec<(usize, usize)>);

/// A text that starts at `base` in its file; nothing where anything in it is odd.
pub(super) fn cut(text: &str, base: usize) -> Option<Cut<'_>> {
    let bytes = text.as_bytes();
    let (mut tokens, mut comments) = (Vec::new(), Vec::new());
    let (mut at, mut first) = (0, true);
    while let Some(&byte) = bytes.get(at) {
        let rest = bytes.get(at..)?;
        let (kind, length) = match byte {
            b' ' | b'\t' | b'\n' | b'\r' => {
                first |= matches!(byte, b'\n' | b'\r');
                at += 1;
                continue;
            }
            b'#' => {
                let length = line(rest);
                comments.push((at, at + length));
                at += length;
                continue;
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'*' | b'?' => (Kind::Word, word(rest)?),
            b'"' => string(rest),
            b',' => (Kind::Comma, run(rest, |byte| byte == b',')),
            b'{' => (Kind::Open, run(rest, |byte| byte == b'{')),
            b'}' => (Kind::Close, 1),
            b'0'..=b'9' => (Kind::Atom, atom(rest)),
            b'-' | b'+' if rest.get(1).is_some_and(u8::is_ascii_digit) => (Kind::Atom, atom(rest)),
            _ => return None,
        };
        tokens.push(Token { kind, text: text.get(at..at + length)?, start: base + at, first });
        first = false;
        at += length;
    }
    Some((tokens, comments))
}

/// How many bytes from the start are wanted.
fn run(bytes: &[u8], wanted: impl Fn(u8) -> bool) -> usize {
    bytes.iter().position(|&byte| !wanted(byte)).unwrap_or(bytes.len())
}

fn line(bytes: &[u8]) -> usize {
    run(bytes, |byte| !matches!(byte, b'\n' | b'\r'))
}

fn word(bytes: &[u8]) -> Option<usize> {
    let is_end = |byte| is_atom_end(byte) || matches!(byte, b':' | b'\'' | b'(' | b')' | b'[' | b']' | b'%');
    let length = run(bytes, |byte| !is_end(byte));
    // Of other characters, some end a word.
    bytes.get(..length)?.iter().all(|byte| matches!(byte, b'!'..=b'~')).then_some(length)
}

fn atom(bytes: &[u8]) -> usize {
    let moment = if is_local_moment(bytes) { "2026-11-27 ".len() } else { 0 };
    moment + run(bytes.get(moment..).unwrap_or_default(), |byte| !is_atom_end(byte))
}

/// A string; where no quote ends it, an empty one or the rest of the line.
fn string(bytes: &[u8]) -> (Kind, usize) {
    let mut at = 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' if at > 1 => return (Kind::Text, at + 1),
            b'"' => return (Kind::Quoted, at + 1),
            b'\\' if bytes.get(at + 1).is_some_and(|next| !matches!(next, b'\n' | b'\r')) => at += 2,
            b'\\' | b'\n' | b'\r' => break,
            _ => at += 1,
        }
    }
    (Kind::OpenText, line(bytes))
}
