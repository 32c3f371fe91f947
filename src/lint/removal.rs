//! What goes with a thing when it is taken out of a text.

use super::Context;
use super::lists::{List, ListItem};
use crate::diagnostic::Edit;
use crate::source::Span;
use crate::syntax::ast::{Term, TermKind};

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

/// What takes each of a list's items out that is gone, exceptions behind the others; nothing for the rest. All can be
/// made together, and each alone. Comments stay.
pub(super) fn removals(context: &Context<'_>, list: &List<'_>, gone: &[bool]) -> Vec<Vec<Edit>> {
    let file = list.terms.first().map(|term| term.span.file);
    let comments = context.files.iter().find(|(id, _)| Some(*id) == file);
    let comments = comments.map_or(&[][..], |(_, file)| &file.comments);
    let (of_items, of_except) = gone.split_at_checked(list.items.len()).unwrap_or((gone, &[]));
    let mut edits = part(list, &list.items, of_items, comments);
    if !of_except.is_empty() && of_except.iter().all(|gone| *gone) {
        let all = without_except(list, comments);
        edits.extend(of_except.iter().map(|_| all.clone()));
    } else {
        edits.extend(part(list, &list.except, of_except, comments));
    }
    edits
}

/// Items at the front go with the comma behind them, all others with the one before.
fn part(list: &List<'_>, items: &[ListItem<'_>], gone: &[bool], comments: &[Span]) -> Vec<Vec<Edit>> {
    let leading = gone.iter().take_while(|gone| **gone).count();
    let mut edits = Vec::new();
    for (at, (item, gone)) in items.iter().zip(gone).enumerate() {
        let span = |at: Option<usize>| at.and_then(|at| items.get(at)).map(|item| item.span);
        let from_to = if at < leading {
            span(at.checked_add(1)).map(|next| (item.span.start, next.start))
        } else {
            span(at.checked_sub(1)).map(|before| (before.end, item.span.end))
        };
        let Some((from, to)) = from_to.filter(|_| *gone) else {
            edits.push(Vec::new());
            continue;
        };
        let range = Span::new(item.span.file, from, to);
        edits.push(without(range, list, comments));
    }
    edits
}

/// Takes `except` and all behind it out.
fn without_except(list: &List<'_>, comments: &[Span]) -> Vec<Edit> {
    let is_except = |term: &Term| matches!(&term.kind, TermKind::Word(word) if word == "except");
    let before = list.terms.iter().take_while(|term| !is_except(term)).last();
    let Some((before, last)) = before.zip(list.terms.last()) else { return Vec::new() };
    without(Span::new(before.span.file, before.span.end, last.span.end), list, comments)
}

/// Takes a piece of a list out; where comments stand in it, only what is no comment.
fn without(range: Span, list: &List<'_>, comments: &[Span]) -> Vec<Edit> {
    let within = |span: &Span| range.start <= span.start && span.end <= range.end;
    let from = comments.partition_point(|comment| comment.start < range.start);
    let none = !comments.get(from).is_some_and(within);
    let cut = |span: Span| Edit { span, text: String::new() };
    if none {
        return vec![cut(range)];
    }
    list.terms.iter().map(|term| term.span).filter(|span| within(span)).map(cut).collect()
}
