//! Edits applied to texts.

use crate::diagnostic::Edit;

/// The text with `edits` made, all of them of this text; their places count in the text as it was.
///
/// Edits may stand in any order. Where two meet in the same place, or one does not fit the text, there is no result.
/// Equal edits, as two findings may propose them, count once.
pub fn apply(text: &str, edits: &[Edit]) -> Option<String> {
    let mut sorted: Vec<&Edit> = edits.iter().collect();
    sorted.sort_by(|a, b| (a.span, &a.text).cmp(&(b.span, &b.text)));
    sorted.dedup();
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for (index, edit) in sorted.iter().enumerate() {
        let (start, end) = (edit.span.start as usize, edit.span.end as usize);
        let twice = index > 0 && sorted.get(index - 1).is_some_and(|last| last.span.start == edit.span.start);
        if twice {
            return None;
        }
        out.push_str(text.get(done..start)?);
        out.push_str(&edit.text);
        text.get(start..end)?;
        done = end;
    }
    out.push_str(text.get(done..)?);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Sources, Span};

    #[track_caller]
    fn check(text: &str, edits: &[(u32, u32, &str)], expect: Option<&str>) {
        let file = Sources::new().add("a", text);
        let edits: Vec<Edit> = edits
            .iter()
            .map(|&(start, end, text)| Edit { span: Span::new(file, start, end), text: text.to_owned() })
            .collect();
        assert_eq!(apply(text, &edits).as_deref(), expect);
    }

    #[test]
    fn edits_are_made_in_the_order_of_the_text() {
        check("abc", &[], Some("abc"));
        check("abc", &[(2, 3, "C"), (0, 1, "A")], Some("AbC"));
        check("abc", &[(0, 1, ""), (1, 2, "")], Some("c"));
        check("abc", &[(3, 3, "d")], Some("abcd"));
        check("abc", &[(0, 1, "A"), (0, 1, "A")], Some("Abc"));
    }

    #[test]
    fn what_meets_or_does_not_fit_is_not_made() {
        check("abc", &[(0, 2, "A"), (1, 3, "B")], None);
        check("abc", &[(1, 1, "A"), (1, 1, "B")], None);
        check("abc", &[(2, 9, "")], None);
        check("ä", &[(1, 2, "")], None);
        check("abc", &[(2, 1, "")], None);
    }
}
