//! Single values: quantities, percentages, moments, strings.

use super::moment;
use super::terms::said;
use crate::diagnostic::{Code, Diagnostic, Edit, Fix, codes};
use crate::rules::{BasisPoints, basis_points};
use crate::syntax::ast::{Term, TermKind};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The largest quantity.
pub(super) const QUANTITY_MAX: u32 = u32::MAX;
const RATE_MAX_BP: u64 = 100_000;

/// A quantity: a whole number from 0.
pub(super) fn quantity(term: &Term) -> Result<u32, Diagnostic> {
    let text =
        atom(term, &codes::BAD_QUANTITY, "a whole number", "write a whole number such as `5` or `1_000`")?;
    let bad = |message: String| Diagnostic::new(&codes::BAD_QUANTITY, term.span, message);
    match whole_number(text) {
        Some(Ok(number)) => Ok(number),
        Some(Err(())) => {
            Err(bad(format!("`{text}` is too large"))
                .with_help(format!("a quantity is at most {QUANTITY_MAX}")))
        }
        None if text.strip_prefix('-').and_then(whole_number).is_some() => {
            Err(bad(format!("`{text}` is below 0")).with_help("a quantity is 0 or more"))
        }
        None if text.ends_with('%') => {
            Err(bad(format!("`{text}` is a percentage, and a quantity belongs here"))
                .with_help("write a whole number such as `5`"))
        }
        None => Err(bad(format!("`{text}` is not a whole number"))
            .with_help("write digits, with a single `_` between digits at most: `5`, `1_000`")),
    }
}

/// A stock number of a test, which may be negative.
pub(super) fn stock_quantity(term: &Term) -> Result<i64, Diagnostic> {
    let negative = match &term.kind {
        TermKind::Atom(text) => text.strip_prefix('-'),
        _ => None,
    };
    match negative.and_then(whole_number) {
        Some(Ok(number)) => Ok(-i64::from(number)),
        Some(Err(())) => {
            Err(Diagnostic::new(&codes::BAD_QUANTITY, term.span, format!("{} is too small", said(term)))
                .with_help(format!("stock is at least -{QUANTITY_MAX}")))
        }
        None => quantity(term).map(i64::from),
    }
}

/// `None`: no whole number. `Some(Err)`: a whole number that is too large.
fn whole_number(text: &str) -> Option<Result<u32, ()>> {
    let digits_between_underscores = text.split('_').all(|run| !run.is_empty() && all_digits(run));
    digits_between_underscores.then(|| {
        text.bytes().filter(u8::is_ascii_digit).try_fold(0_u32, |sum, digit| {
            sum.checked_mul(10).and_then(|tens| tens.checked_add(u32::from(digit - b'0'))).ok_or(())
        })
    })
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A percentage with at most two places, exactly.
pub(super) fn percentage(term: &Term) -> Result<BasisPoints, Diagnostic> {
    let help = "write a percentage such as `50%` or `12.5%`";
    let text = atom(term, &codes::BAD_PERCENTAGE, "a percentage", help)?;
    let bad = |message: String| Diagnostic::new(&codes::BAD_PERCENTAGE, term.span, message);
    let Some(number) = text.strip_suffix('%') else {
        let found = bad(format!("`{text}` has no `%` sign"));
        return Err(if rate(text).is_some() {
            let edits = vec![Edit { span: term.span, text: format!("{text}%") }];
            let message = format!("write `{text}%`");
            found.with_help(message.clone()).with_fix(Fix { safe: false, message, edits })
        } else {
            found.with_help(help)
        });
    };
    match rate(number) {
        Some(Ok(points)) => Ok(BasisPoints(points)),
        Some(Err(())) => Err(bad(format!("`{text}` is too large")).with_help("a rate is at most `1000%`")),
        None if number.starts_with('-') => {
            Err(bad(format!("`{text}` is below 0")).with_help("a rate is 0% or more"))
        }
        None => Err(bad(format!("`{text}` is not a percentage"))
            .with_help("write digits with at most two decimal places and a `%` sign: `50%`, `12.5%`")),
    }
}

/// A rate in basis points, or that it is too large.
fn rate(number: &str) -> Option<Result<u32, ()>> {
    basis_points(number).map(|points| match points {
        Ok(points) if points <= RATE_MAX_BP => u32::try_from(points).map_err(|_| ()),
        _ => Err(()),
    })
}

/// A moment, in `zone` where it names no offset.
pub(super) fn moment(term: &Term, zone: &TimeZone) -> Result<Timestamp, Diagnostic> {
    let help = "write `2026-11-27`, `2026-11-27 18:00` or `2026-11-27T18:00:00+07:00`";
    let text = atom(term, &codes::BAD_MOMENT, "a moment", help)?;
    moment::read(text, zone).map_err(|fault| {
        let found = Diagnostic::new(&codes::BAD_MOMENT, term.span, fault.message);
        match fault.help {
            Some(help) => found.with_help(help),
            None => found,
        }
    })
}

fn atom<'a>(term: &'a Term, code: &'static Code, what: &str, help: &str) -> Result<&'a str, Diagnostic> {
    match &term.kind {
        TermKind::Atom(text) => Ok(text),
        _ => Err(Diagnostic::new(code, term.span, format!("{} is not {what}", said(term))).with_help(help)),
    }
}

/// The content of a string that is no pattern: `\"` and `\\` are its escapes.
pub(super) fn unescape(raw: &str) -> Option<String> {
    let mut text = String::with_capacity(raw.len());
    let mut chars = raw.chars();
    while let Some(char) = chars.next() {
        match char {
            '\\' => text.push(chars.next().filter(|escaped| matches!(escaped, '"' | '\\'))?),
            other => text.push(other),
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Sources, Span};

    fn atom_of(text: &str) -> Term {
        let file = Sources::new().add("a.sync", "");
        Term { span: Span::new(file, 0, 0), kind: TermKind::Atom(text.to_owned()) }
    }

    #[test]
    fn quantities() {
        for (text, number) in
            [("0", 0), ("007", 7), ("1_000", 1000), ("4294967295", u32::MAX), ("4_294_967_295", u32::MAX)]
        {
            assert_eq!(quantity(&atom_of(text)).ok(), Some(number), "{text}");
        }
        for text in
            ["", "-1", "+1", "1__0", "_1", "1_", "1.0", "5%", "4294967296", "99999999999999999999", "5x", "٣"]
        {
            assert_eq!(quantity(&atom_of(text)).map_err(|d| d.code.name), Err("bad-quantity"), "{text}");
        }
        assert_eq!(stock_quantity(&atom_of("-1_000")).ok(), Some(-1000));
        assert_eq!(stock_quantity(&atom_of("-4294967295")).ok(), Some(-4_294_967_295));
        assert!(stock_quantity(&atom_of("-4294967296")).is_err());
        assert!(stock_quantity(&atom_of("--1")).is_err());
    }

    #[test]
    fn percentages_are_exact() {
        for (text, points) in [
            ("0%", 0),
            ("0.01%", 1),
            ("12.5%", 1250),
            ("33.33%", 3333),
            ("1000%", 100_000),
            ("0050%", 5000),
            ("1000.00%", 100_000),
        ] {
            assert_eq!(percentage(&atom_of(text)).ok(), Some(BasisPoints(points)), "{text}");
        }
        for text in [
            "",
            "%",
            "50",
            ".5%",
            "5.%",
            "1.234%",
            "1000.01%",
            "-1%",
            "+1%",
            "1_0%",
            "50%%",
            "1e2%",
            "99999999999999999999%",
        ] {
            assert_eq!(percentage(&atom_of(text)).map_err(|d| d.code.name), Err("bad-percentage"), "{text}");
        }
    }

    #[test]
    fn a_percentage_of_any_length_is_counted_as_it_reads() {
        for digits in 1..=22 {
            let whole = "987654321098765432109".get(..digits).unwrap_or("1000000000000000000000");
            for places in ["", "5", "25"] {
                let text = if places.is_empty() { whole.to_owned() } else { format!("{whole}.{places}") };
                let plain = format!("{whole}{places:0<2}").parse::<u64>();
                assert_eq!(basis_points(&text), Some(plain), "{text}");
            }
        }
    }

    #[test]
    fn strings_have_two_escapes() {
        assert_eq!(unescape(r#"a\"b\\c"#).as_deref(), Some(r#"a"b\c"#));
        assert_eq!(unescape(r"a\*"), None);
        assert_eq!(unescape("a\\"), None);
    }
}
