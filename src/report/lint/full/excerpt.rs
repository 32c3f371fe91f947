//! The few lines of a file that a finding is about, ready to be drawn.

use crate::report::text::{fit, shown};
use crate::source::Source;
use crate::source::Span;
use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};
use std::collections::BTreeMap;
use unicode_width::UnicodeWidthChar;

/// Terminal columns of a line; a longer one is cut around what it is shown for.
const LINE_WIDTH_MAX: usize = 68;
/// Terminal columns that are shown before a place in a long line.
const BEFORE_MAX: usize = 24;
/// Terminal columns of a label.
const LABEL_WIDTH_MAX: usize = 48;
/// Terminal columns of a file's path.
const PATH_WIDTH_MAX: usize = 50;
/// Spaces for a tab.
const TAB: &str = "    ";

/// A piece of a file, with labels that point into the piece.
#[derive(Debug)]
pub(super) struct Excerpt {
    path: String,
    blocks: Vec<Block>,
    pub(super) labels: Vec<LabeledSpan>,
    /// Where each label starts in the file: offset in the excerpt, then line and column from 0.
    places: Vec<(usize, usize, usize)>,
}

/// Lines that follow one another.
#[derive(Debug)]
struct Block {
    /// The first line, from 1.
    first_line: u32,
    last_line: u32,
    /// Where its text starts, were the texts of all blocks one.
    offset: usize,
    text: String,
}

impl Excerpt {
    /// Of the lines with the labels, the first of which is the main one, and one line around each.
    pub(super) fn new(source: &Source, labels: &[(Span, Option<&str>)]) -> Self {
        let path = fit(source.path(), PATH_WIDTH_MAX);
        let mut excerpt = Excerpt { path, blocks: vec![], labels: vec![], places: vec![] };
        for (line, span) in wanted_lines(source, labels) {
            excerpt.add_line(line, &drawable(source, line, span).0);
        }
        for (index, (span, label)) in labels.iter().enumerate() {
            let at = source.position(span.start);
            let Some((from, to)) = excerpt.place(source, at.line, *span) else { continue };
            let label = label.map(|label| fit(label, LABEL_WIDTH_MAX));
            let range = (from, to.saturating_sub(from).max(1));
            excerpt.labels.push(match index {
                0 => LabeledSpan::new_primary_with_span(label, range),
                _ => LabeledSpan::new_with_span(label, range),
            });
            excerpt.places.push((from, at.line as usize - 1, at.column as usize - 1));
        }
        excerpt
    }

    fn add_line(&mut self, line: u32, text: &str) {
        let offset = self.blocks.last().map_or(0, |block| block.offset + block.text.len());
        match self.blocks.last_mut() {
            Some(block) if block.last_line + 1 == line => {
                block.last_line = line;
                block.text.push_str(text);
            }
            _ => {
                let text = text.to_owned();
                self.blocks.push(Block { first_line: line, last_line: line, offset, text });
            }
        }
    }

    /// Where a span lies in the excerpt; `None` where its line was cut around another one.
    fn place(&self, source: &Source, line: u32, span: Span) -> Option<(usize, usize)> {
        let block = self.blocks.iter().find(|block| (block.first_line..=block.last_line).contains(&line))?;
        let lines_before = block.text.split_inclusive('\n').take((line - block.first_line) as usize);
        let before: usize = lines_before.map(str::len).sum();
        let (text, from, to) = drawable(source, line, Some(span));
        let offset = block.offset + before;
        block.text.get(before..)?.starts_with(&text).then_some((offset + from, offset + to))
    }
}

/// The lines to draw, each with the span that it is cut around, if any.
fn wanted_lines(source: &Source, labels: &[(Span, Option<&str>)]) -> BTreeMap<u32, Option<Span>> {
    let mut lines = BTreeMap::new();
    for (span, _) in labels {
        let line = source.position(span.start).line;
        lines.entry(line).or_insert(None).get_or_insert(*span);
        for near in [line - 1, line + 1] {
            if (1..=source.line_count()).contains(&near) {
                lines.entry(near).or_insert(None);
            }
        }
    }
    lines
}

/// A line made safe, cut around the span, with its line end, and where the span lies in it.
fn drawable(source: &Source, line: u32, span: Option<Span>) -> (String, usize, usize) {
    let whole = source.line(line);
    let start = source.line_start(line) as usize;
    let inside = |offset: u32| floor(whole, (offset as usize).saturating_sub(start));
    let (from, to) = span.map_or((0, 0), |span| (inside(span.start), inside(span.end.max(span.start))));
    let cut_from = if fits(whole) { 0 } else { back(whole, from) };
    let (mut text, mut marked) = (String::new(), (None, None));
    if cut_from > 0 {
        text.push_str("...");
    }
    let mut columns = text.len();
    for (at, c) in whole.get(cut_from..).unwrap_or("").char_indices() {
        let at = at + cut_from;
        mark(&mut marked, (from, to), at, text.len());
        if columns >= LINE_WIDTH_MAX {
            text.push_str("...");
            break;
        }
        columns += push(&mut text, c);
    }
    let (from, to) = (marked.0.unwrap_or(text.len()), marked.1.unwrap_or(text.len()));
    text.push('\n');
    (text, from, to)
}

fn mark(marked: &mut (Option<usize>, Option<usize>), (from, to): (usize, usize), at: usize, drawn: usize) {
    if at == from {
        marked.0 = Some(drawn);
    }
    if at == to {
        marked.1 = Some(drawn);
    }
}

/// Appends a character as it is drawn; says how many columns it takes.
fn push(text: &mut String, c: char) -> usize {
    if c == '\t' {
        text.push_str(TAB);
        return TAB.len();
    }
    let c = shown(c);
    text.push(c);
    c.width().unwrap_or(0)
}

fn fits(line: &str) -> bool {
    let width = |c: char| if c == '\t' { TAB.len() } else { c.width().unwrap_or(1) };
    line.len() <= LINE_WIDTH_MAX * 8 && line.chars().map(width).sum::<usize>() <= LINE_WIDTH_MAX
}

/// The start of a line's piece that ends at `from` and is not too wide.
fn back(line: &str, from: usize) -> usize {
    let before = line.get(..from).unwrap_or("").char_indices().rev();
    before.take(BEFORE_MAX / 2).last().map_or(from, |(at, _)| at)
}

/// The start of the character at a byte, or the end of the line.
fn floor(line: &str, at: usize) -> usize {
    line.floor_char_boundary(at)
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        context_lines_before: usize,
        _context_lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let (start, end) = (span.offset(), span.offset() + span.len());
        let block = self
            .blocks
            .iter()
            .find(|block| block.offset <= start && end <= block.offset + block.text.len())
            .ok_or(MietteError::OutOfBounds)?;
        let whole = SourceSpan::from((block.offset, block.text.len()));
        let place = self.places.iter().find(|(at, ..)| *at == start && context_lines_before == 0);
        let (line, column) =
            place.map_or((block.first_line as usize - 1, 0), |&(_, line, column)| (line, column));
        let lines = (block.last_line - block.first_line) as usize + 1;
        let (name, data) = (self.path.clone(), block.text.as_bytes());
        Ok(Box::new(MietteSpanContents::new_named(name, data, whole, line, column, lines)))
    }
}
