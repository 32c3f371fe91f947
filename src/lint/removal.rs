//! What goes with a thing when it is taken out of a text.

use super::Context;
use crate::source::Span;

/// A whole item: with the comment lines right above it, what stands behind it on its last line where that is a
/// comment, and one of the empty lines around it. An item that shares its lines with others goes alone.
pub(super) fn item_with_comments(context: &Context<'_>, item: Span) -> Span {
    let text = context.sources.get(item.file).text();
    let (start, end) = (item.start as usize, item.end as usize);
    let (Some(before), Some(behind)) = (text.get(..start), text.get(end..)) else { return item };
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let rest = behind.split_inclusive('\n').next().unwrap_or("");
    let alone = before.get(line_start..).is_some_and(|text| text.trim().is_empty())
        && (rest.trim().is_empty() || rest.trim_start().starts_with('#'));
    if !alone {
        return item;
    }
    let from = first_comment_line(text, line_start);
    let to = end + rest.len();
    let above = text.get(..from).and_then(|above| above.lines().next_back());
    let blank_above = above.is_none_or(|line| line.trim().is_empty());
    let blank_below = text.get(to..).and_then(|below| below.split_inclusive('\n').next());
    let blank_below = blank_below.filter(|line| blank_above && line.trim().is_empty()).map_or(0, str::len);
    Span::new(item.file, from as u32, (to + blank_below) as u32)
}

/// Where the comment lines right above a line begin.
fn first_comment_line(text: &str, line_start: usize) -> usize {
    let mut from = line_start;
    for line in text.get(..line_start).unwrap_or("").split_inclusive('\n').rev() {
        if !line.trim_start().starts_with('#') {
            break;
        }
        from -= line.len();
    }
    from
}
