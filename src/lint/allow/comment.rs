//! One `# allow: NAME until 2026-12-31 -- reason`, as far as it can be read.

use crate::check::parse_moment;
use crate::diagnostic::{Code, find_code};
use crate::source::Span;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// More names do not stand in one comment.
const NAMES_MAX: usize = 20;

/// A comment that silences warnings.
#[derive(Debug)]
pub(super) struct Comment<'a> {
    /// From `#` to the end of the line.
    pub(super) span: Span,
    /// The warnings that it names; at least one.
    pub(super) names: Vec<Name<'a>>,
    /// The moment from which it counts no more, as written and as it is meant.
    pub(super) until: Option<(&'a str, Timestamp)>,
    /// Whether it says why.
    pub(super) has_reason: bool,
}

/// A warning as it is named.
#[derive(Debug)]
pub(super) struct Name<'a> {
    /// Where.
    pub(super) span: Span,
    /// As written.
    pub(super) text: &'a str,
    /// What is meant, where it exists.
    pub(super) code: Option<&'static Code>,
}

/// A comment that was meant to silence warnings and cannot be read.
#[derive(Debug)]
pub(super) struct Malformed {
    /// What is wrong.
    pub(super) span: Span,
    /// In one line.
    pub(super) message: String,
}

/// Reads the comment `text`, which stands at `span`; `None` where it is any other.
pub(super) fn read<'a>(text: &'a str, span: Span, zone: &TimeZone) -> Option<Result<Comment<'a>, Malformed>> {
    let body = text.trim_start_matches('#').trim_start();
    let (word, rest) = body.split_at_checked(5)?;
    if !word.eq_ignore_ascii_case("allow") {
        return None;
    }
    let within = Within { text, span };
    match rest.trim_start().strip_prefix(':') {
        Some(list) if word == "allow" => Some(within.list(list, zone)),
        _ if names_a_warning(rest) => {
            Some(Err(within
                .malformed(body, "this comment is not written as `# allow: NAME`, and silences nothing")))
        }
        _ => None,
    }
}

/// Whether the first word is a warning's, so that the comment is no prose.
fn names_a_warning(rest: &str) -> bool {
    let rest = rest.trim_start_matches([':', '(', '=', ' ', '\t']);
    let word = rest.split(|c: char| c.is_whitespace() || matches!(c, ',' | ')')).next();
    word.and_then(find_code).is_some()
}

/// A comment's text with its place.
#[derive(Clone, Copy)]
struct Within<'a> {
    text: &'a str,
    span: Span,
}

impl<'a> Within<'a> {
    fn list(self, list: &'a str, zone: &TimeZone) -> Result<Comment<'a>, Malformed> {
        let (head, reason) = list.split_once("--").map_or((list, ""), |(head, reason)| (head, reason.trim()));
        let (names, until) = split_until(head);
        let until = until.map(|text| self.until(text, zone)).transpose()?;
        Ok(Comment { span: self.span, names: self.names(names)?, until, has_reason: !reason.is_empty() })
    }

    fn until(self, text: &'a str, zone: &TimeZone) -> Result<(&'a str, Timestamp), Malformed> {
        let text = text.trim();
        if text.is_empty() {
            return Err(self.malformed(self.text, "a date is missing behind `until`"));
        }
        let moment = parse_moment(text, zone).map_err(|fault| self.malformed(text, &fault))?;
        Ok((text, moment))
    }

    fn names(self, list: &'a str) -> Result<Vec<Name<'a>>, Malformed> {
        let list = list.trim();
        let list = list.strip_suffix(',').unwrap_or(list);
        if list.trim().is_empty() {
            return Err(self.malformed(self.text, "this comment names no warning"));
        }
        if list.split(',').nth(NAMES_MAX).is_some() {
            return Err(self.malformed(list, &format!("this comment names more than {NAMES_MAX} warnings")));
        }
        list.split(',').map(|text| self.name(text.trim())).collect()
    }

    fn name(self, text: &'a str) -> Result<Name<'a>, Malformed> {
        if text.is_empty() {
            return Err(self.malformed(self.text, "a name is missing between two commas"));
        }
        if let Some((first, rest)) = text.split_once(char::is_whitespace) {
            let message = format!("behind `{first}` comes a comma, `until` or `--`");
            return Err(self.malformed(rest.trim(), &message));
        }
        Ok(Name { span: self.place(text), text, code: find_code(text) })
    }

    fn malformed(self, part: &str, message: &str) -> Malformed {
        Malformed { span: self.place(part), message: message.to_owned() }
    }

    /// Where a part of the text stands.
    fn place(self, part: &str) -> Span {
        let before = (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        let start = self.span.start + before as u32;
        Span::new(self.span.file, start, start + part.len() as u32)
    }
}

/// What stands before the word `until`, and what behind it.
fn split_until(head: &str) -> (&str, Option<&str>) {
    let is_word = |&(at, word): &(usize, &str)| {
        let before = head.get(..at).and_then(|text| text.chars().next_back());
        let behind = head.get(at + word.len()..).and_then(|text| text.chars().next());
        before.is_none_or(|c| c.is_whitespace() || c == ',') && behind.is_none_or(char::is_whitespace)
    };
    let found = head.match_indices("until").find(is_word);
    let parts = found.and_then(|(at, word)| Some((head.get(..at)?, Some(head.get(at + word.len()..)?))));
    parts.unwrap_or((head, None))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    /// The names, the date and whether there is a reason; or what is wrong and where; or `other`.
    #[track_caller]
    fn check(text: &str, expect: &str) {
        let file = Sources::new().add("a.sync", text);
        let span = Span::new(file, 0, text.len() as u32);
        let under = |span: Span| text.get(span.start as usize..span.end as usize).unwrap_or("?");
        let shown = match read(text, span, &TimeZone::UTC) {
            None => "other".to_owned(),
            Some(Err(fault)) => format!("{} [{}]", fault.message, under(fault.span)),
            Some(Ok(comment)) => {
                let names = comment.names.iter().map(|name| {
                    assert_eq!(under(name.span), name.text);
                    name.code.map_or(format!("?{}", name.text), |code| code.code.to_owned())
                });
                let until = comment.until.map_or("-", |(text, _)| text);
                format!("{} {until} {}", names.collect::<Vec<_>>().join("+"), comment.has_reason)
            }
        };
        assert_eq!(shown, expect, "{text}");
    }

    #[test]
    fn what_silences() {
        check("# allow: unknown-sku until 2026-12-31 -- comes in March", "SS101 2026-12-31 true");
        check("#allow:SS101--x", "SS101 - true");
        check(
            "## allow : unknown-sku , ss104, until 2026-12-31 18:00 --  ",
            "SS101+SS104 2026-12-31 18:00 false",
        );
        check("# allow: until-soon, syntax -- ขาย -- a", "?until-soon+SS001 - true");
    }

    #[test]
    fn what_was_meant_to() {
        check("# allow:", "this comment names no warning [# allow:]");
        check("# allow: -- reason", "this comment names no warning [# allow: -- reason]");
        check("# allow: a,,b", "a name is missing between two commas [# allow: a,,b]");
        check(
            "# allow: unknown-sku it is new",
            "behind `unknown-sku` comes a comma, `until` or `--` [it is new]",
        );
        check(
            "# allow: unknown-sku until -- x",
            "a date is missing behind `until` [# allow: unknown-sku until -- x]",
        );
        check(
            "# allow: unknown-sku until 2026-02-30 -- x",
            "`2026-02-30` names a day or time that no calendar has [2026-02-30]",
        );
        for text in
            ["# allow unknown-sku -- x", "# Allow: SS101", "# allow(unknown-sku)", "# allow = unknown-sku"]
        {
            let body = text.trim_start_matches("# ");
            check(
                text,
                &format!("this comment is not written as `# allow: NAME`, and silences nothing [{body}]"),
            );
        }
        let many = format!("# allow: {}", "a,".repeat(22));
        check(&many, &format!("this comment names more than 20 warnings [{}a]", "a,".repeat(21)));
    }

    #[test]
    fn what_is_prose() {
        for text in [
            "#",
            "# allow",
            "# allow two days",
            "# Allow: no returns",
            "# disallow: SS101",
            "# กกก allow: SS101",
        ] {
            check(text, "other");
        }
    }
}
