//! Taking an item out of a rule file, without its comments.

use super::Context;
use crate::diagnostic::Edit;
use crate::source::Span;

const BLANKS: [char; 2] = [' ', '\t'];

/// The edits that take an item out: the whole lines, where nothing else stands in them. `None` where a comment would
/// be lost with it.
pub(super) fn removal(context: &Context<'_>, item: Span) -> Option<Vec<Edit>> {
    let (_, file) = context.files.iter().find(|(file, _)| *file == item.file)?;
    let behind = file.comments.partition_point(|comment| comment.start < item.start);
    if file.comments.get(behind).is_some_and(|comment| comment.start < item.end) {
        return None;
    }
    let text = context.sources.get(item.file).text();
    let before = text.get(..item.start as usize)?;
    let after = text.get(item.end as usize..)?;
    let indent = before.len() - before.trim_end_matches(BLANKS).len();
    let gap = after.len() - after.trim_start_matches(BLANKS).len();
    let starts_line = before.len() == indent || before.trim_end_matches(BLANKS).ends_with('\n');
    let line_end = line_end(after.get(gap..)?);
    let (start, end) = match (starts_line, line_end) {
        (true, Some(line_end)) => (item.start - indent as u32, item.end + (gap + line_end) as u32),
        (false, Some(_)) => (item.start - indent as u32, item.end),
        (_, None) => (item.start, item.end + gap as u32),
    };
    Some(vec![Edit { span: Span::new(item.file, start, end), text: String::new() }])
}

/// How many bytes the line end is long that stands here; the end of the text ends a line too.
fn line_end(text: &str) -> Option<usize> {
    ["\r\n", "\n"]
        .iter()
        .find(|end| text.starts_with(**end))
        .map(|end| end.len())
        .or(text.is_empty().then_some(0))
}
