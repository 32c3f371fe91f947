//! What is left of a SKU when case, white space and Unicode form are taken away, all together or some of them.

use unicode_normalization::UnicodeNormalization;

/// Writes the folded form of a text: SKUs with the same one look alike.
pub(crate) fn fold_into(text: &str, folded: &mut String) {
    folded.clear();
    let has_blank = || text.bytes().any(|byte| is_blank(char::from(byte)));
    if text.is_ascii() && !has_blank() {
        folded.push_str(text);
        folded.make_ascii_lowercase();
    } else if text.is_ascii() {
        let shown = text.bytes().filter(|byte| !is_blank(char::from(*byte)));
        folded.extend(shown.map(|byte| char::from(byte.to_ascii_lowercase())));
    } else {
        let plain: String = text.nfkc().collect();
        // Case may take a text out of its normal form.
        folded.extend(without_case(&without_blanks(&plain)).nfkc());
    }
}

/// Through upper case, so that `ß` and `ss`, `ς` and `σ` are one.
pub(crate) fn without_case(text: &str) -> String {
    text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

pub(crate) fn without_blanks(text: &str) -> String {
    text.chars().filter(|c| !is_blank(*c)).collect()
}

/// White space, and the characters that take no room at all.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

/// By what texts of one folded form differ from the first of them: `case`, `case and white space` …
pub(crate) fn differences<'a>(first: &str, others: impl Iterator<Item = &'a str>) -> String {
    let mut by = [false; 3];
    for other in others {
        let least = WAYS.iter().find(|way| same_in(first, other, **way)).unwrap_or(&[true; 3]);
        by.iter_mut().zip(least).for_each(|(by, least)| *by |= least);
    }
    let names = ["case", "white space", "Unicode form"].iter().zip(by).filter(|(_, by)| *by);
    let names: Vec<&str> = names.map(|(name, _)| *name).collect();
    match names.as_slice() {
        [most @ .., last] if !most.is_empty() => format!("{} and {last}", most.join(", ")),
        _ => names.concat(),
    }
}

/// Case, white space, Unicode form: alone, then two of them.
const WAYS: [[bool; 3]; 6] = [
    [true, false, false],
    [false, true, false],
    [false, false, true],
    [true, true, false],
    [true, false, true],
    [false, true, true],
];

fn same_in(one: &str, other: &str, [case, blanks, form]: [bool; 3]) -> bool {
    let folded = |text: &str| {
        let text: String = if form { text.nfkc().collect() } else { text.to_owned() };
        let text = if blanks { without_blanks(&text) } else { text };
        if case { without_case(&text) } else { text }
    };
    folded(one) == folded(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(one: &str, other: &str, expect: Option<&str>) {
        let fold = |text| {
            let mut folded = String::from("left over");
            fold_into(text, &mut folded);
            folded
        };
        let by = (fold(one) == fold(other)).then(|| differences(one, [other].into_iter()));
        assert_eq!(by.as_deref(), expect, "{one:?} {other:?}");
    }

    #[test]
    fn what_looks_alike_is_one() {
        check("NIKE-42", "nike-42", Some("case"));
        check("NIKE-42", "NIKE-42 ", Some("white space"));
        check("NIKE-42", "NIKE\u{a0}-42", Some("white space"));
        check("NIKE-42", "NIKE-42\u{200b}", Some("white space"));
        check("CAF\u{c9}", "CAFE\u{301}", Some("Unicode form"));
        check("NIKE-42", "ＮＩＫＥ-４２", Some("Unicode form"));
        check("caf\u{e9}", "CAFE\u{301}", Some("case and Unicode form"));
        check("NIKE-42", " nike-42", Some("case and white space"));
        check("NIKE-42", "ｎｉｋｅ -42", Some("case, white space and Unicode form"));
        check("STRASSE", "straße", Some("case"));
        check("ΟΔΟΣ", "οδος", Some("case"));
    }

    #[test]
    fn what_reads_differently_is_not() {
        for (one, other) in
            [("NIKE-42", "NIKE-43"), ("NIKE-42", "NIKE42"), ("cafe", "caf\u{e9}"), ("ผ้า", "ผา")]
        {
            check(one, other, None);
        }
    }
}
