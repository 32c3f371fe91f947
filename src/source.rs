//! The texts that a person wrote, and places in them.

/// A file of the project, as an index into [`Sources`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FileId(u32);

/// A piece of one file: byte offsets, `end` exclusive.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Span {
    /// The file it lies in.
    pub file: FileId,
    /// The first byte.
    pub start: u32,
    /// The byte after the last one.
    pub end: u32,
}

impl Span {
    /// The piece `start..end` of `file`, in bytes.
    pub const fn new(file: FileId, start: u32, end: u32) -> Self {
        Self { file, start, end }
    }

    /// The piece from the start of this one to the end of `other`.
    pub fn to(self, other: Span) -> Span {
        Span::new(self.file, self.start, other.end.max(self.start))
    }
}

/// A place as people and editors count: from 1, columns in Unicode scalar values.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Position {
    /// The line, from 1.
    pub line: u32,
    /// The column in Unicode scalar values, from 1.
    pub column: u32,
    /// The offset in bytes, from 0.
    pub offset: u32,
}

/// One text with its lines, found by binary search.
#[derive(Debug)]
pub struct Source {
    path: String,
    text: String,
    line_starts: Vec<u32>,
    /// How many characters start before each block: a column far into a long line is found without reading the line.
    chars_before: Vec<u32>,
}

const BLOCK_BYTES: usize = 1024;

impl Source {
    /// A text under the path that people see: relative to the project, with `/`.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let line_starts = std::iter::once(0)
            .chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at as u32 + 1))
            .collect();
        let chars_before = text
            .as_bytes()
            .chunks(BLOCK_BYTES)
            .scan(0, |before, block| {
                let here = *before;
                *before += char_starts(block);
                Some(here)
            })
            .collect();
        Self { path: path.into(), text, line_starts, chars_before }
    }

    /// The path relative to the project, with `/`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How many lines there are; an empty text has one.
    pub fn line_count(&self) -> u32 {
        self.line_starts.len() as u32
    }

    /// The byte at which a line starts; lines count from 1. Past the end: the length of the text.
    pub fn line_start(&self, line: u32) -> u32 {
        let index = line.saturating_sub(1) as usize;
        self.line_starts.get(index).copied().unwrap_or(self.text.len() as u32)
    }

    /// A line without its line end; lines count from 1. Past the end: empty.
    pub fn line(&self, line: u32) -> &str {
        let range = self.line_start(line) as usize..self.line_start(line + 1) as usize;
        self.text.get(range).unwrap_or("").trim_end_matches(['\n', '\r'])
    }

    /// The line that the byte offset `offset` is in, from 1.
    pub fn line_of(&self, offset: u32) -> u32 {
        self.line_starts.partition_point(|&start| start <= offset) as u32
    }

    /// Where the byte offset `offset` is. An offset past the end is the end; one inside a character is its start.
    pub fn position(&self, offset: u32) -> Position {
        let mut at = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        let offset = at as u32;
        let line = self.line_of(offset);
        let column = self.chars_until(at) - self.chars_until(self.line_start(line) as usize) + 1;
        Position { line, column, offset }
    }

    fn chars_until(&self, at: usize) -> u32 {
        let block = (at / BLOCK_BYTES).min(self.chars_before.len().saturating_sub(1));
        let rest = self.text.as_bytes().get(block * BLOCK_BYTES..at).unwrap_or_default();
        self.chars_before.get(block).copied().unwrap_or_default() + char_starts(rest)
    }
}

fn char_starts(utf8: &[u8]) -> u32 {
    utf8.iter().filter(|&&byte| byte & 0xC0 != 0x80).count() as u32
}

/// Every text of a run, in the order in which they were added.
#[derive(Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
}

impl Sources {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a text in. `path` is what people see: relative to the project, with `/`.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<String>) -> FileId {
        self.files.push(Source::new(path, text));
        FileId(self.files.len() as u32 - 1)
    }

    /// Gives a file that was added empty (a large table, kept only where a diagnostic needs it) its text.
    pub fn fill(&mut self, file: FileId, text: impl Into<String>) {
        if let Some(source) = self.files.get_mut(file.0 as usize) {
            let path = std::mem::take(&mut source.path);
            *source = Source::new(path, text);
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Takes the texts from a number on out, to be put back with [`Sources::append`] behind as many others.
    pub fn split_off(&mut self, from: usize) -> Vec<Source> {
        self.files.split_off(from.min(self.files.len()))
    }

    /// Adds texts behind the others.
    pub fn append(&mut self, sources: Vec<Source>) {
        self.files.extend(sources);
    }

    /// The text of a file that came from [`Sources::add`] of this same collection.
    #[expect(
        clippy::indexing_slicing,
        reason = "a FileId is only made by `add`, and files are never removed"
    )]
    pub fn get(&self, file: FileId) -> &Source {
        &self.files[file.0 as usize]
    }

    /// Every file with its id.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &Source)> {
        self.files.iter().enumerate().map(|(index, source)| (FileId(index as u32), source))
    }

    /// The text under a span.
    pub fn text(&self, span: Span) -> &str {
        self.get(span.file).text().get(span.start as usize..span.end as usize).unwrap_or("")
    }

    /// Where a span starts and ends.
    pub fn positions(&self, span: Span) -> (Position, Position) {
        let source = self.get(span.file);
        (source.position(span.start), source.position(span.end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_count_from_one() {
        let source = Source::new("a.sync", "ก\"あ\"x\r\n\nlast");
        let position = |offset| {
            let p = source.position(offset);
            (p.line, p.column, p.offset)
        };
        assert_eq!(position(0), (1, 1, 0));
        assert_eq!(position(8), (1, 5, 8));
        assert_eq!(position(5), (1, 3, 4), "inside a character is its start");
        assert_eq!(position(11), (2, 1, 11));
        assert_eq!(position(999), (3, 5, 16));
        assert_eq!(source.line(1), "ก\"あ\"x");
        assert_eq!((source.line(2), source.line(3), source.line(9)), ("", "last", ""));
    }

    #[test]
    fn every_column_of_long_lines_is_right() {
        let long = "aก鞋".repeat(700);
        let text = format!("{long}\n{long}{long}");
        let source = Source::new("a.sync", text.as_str());
        let (mut line, mut column) = (1, 1);
        for (at, c) in text.char_indices() {
            let found = source.position(at as u32);
            assert_eq!((found.line, found.column, found.offset), (line, column, at as u32));
            (line, column) = if c == '\n' { (line + 1, 1) } else { (line, column + 1) };
        }
        assert_eq!(source.position(u32::MAX).column, column);
        assert_eq!(Source::new("a.sync", "").position(7).column, 1);
    }

    #[test]
    fn many_places_in_one_long_line_are_found_soon() {
        // A character at a time, this would read 90 GB.
        let source = Source::new("a.sync", "ก".repeat(3 << 20));
        for at in 0..30_000 {
            assert_eq!(source.position((3 << 20) + 3 * at).column, (1 << 20) + at + 1);
        }
    }
}
