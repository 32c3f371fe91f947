//! Rows being made.

use super::{BadRows, COLUMNS_MAX, PAGE_ROWS_MAX, RawColumn, Rows};
use crate::abi::column_kind;

/// A page of rows, column by column. Every column must have the same number of rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    rows: usize,
    columns: Vec<Owned>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Owned {
    id: u32,
    kind: u32,
    rows: usize,
    bytes: Vec<u8>,
}

impl Page {
    /// No rows.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Adds a column of texts.
    #[must_use]
    pub fn texts(self, id: u32, column: TextColumn) -> Self {
        let TextColumn { mut ends, text } = column;
        let rows = ends.len() / 4;
        ends.extend_from_slice(text.as_bytes());
        self.column(id, column_kind::TEXT, rows, ends)
    }

    /// Adds a column of numbers.
    #[must_use]
    pub fn i64s(self, id: u32, numbers: &[i64]) -> Self {
        let bytes = in_memory(numbers, |number| number.to_ne_bytes());
        self.column(id, column_kind::I64, numbers.len(), bytes)
    }

    /// Adds a column of numbers of which some are absent.
    #[must_use]
    pub fn optional_i64s(self, id: u32, numbers: &[Option<i64>]) -> Self {
        let bytes = in_memory(numbers, |number| number.unwrap_or(0).to_ne_bytes());
        let valid = numbers.iter().map(|number| u8::from(number.is_some())).collect();
        self.column(id, column_kind::I64, numbers.len(), bytes).column(
            id,
            column_kind::VALIDITY,
            numbers.len(),
            valid,
        )
    }

    /// Adds a column of small numbers.
    #[must_use]
    pub fn u8s(self, id: u32, numbers: &[u8]) -> Self {
        self.column(id, column_kind::U8, numbers.len(), numbers.to_vec())
    }

    /// Adds a column of indexes.
    #[must_use]
    pub fn u32s(self, id: u32, numbers: &[u32]) -> Self {
        let bytes = in_memory(numbers, |number| number.to_ne_bytes());
        self.column(id, column_kind::U32, numbers.len(), bytes)
    }

    /// The same rows, to be read.
    ///
    /// # Errors
    /// Columns of different lengths, or one column twice.
    pub fn view(&self) -> Result<Rows<'_>, BadRows> {
        let columns: Vec<_> = self.columns().collect();
        Rows::decode(self.rows as u64, &columns)
    }

    /// Whether every column has as many rows, and stands there once: then the page is sound, since no column can be made that is not.
    pub(crate) fn is_even(&self) -> bool {
        let stands_once = |at: usize, column: &Owned| {
            column.kind == column_kind::VALIDITY
                || !self.columns.iter().take(at).any(|before| before.id == column.id)
        };
        let few = self.columns.len() <= COLUMNS_MAX && self.rows as u64 <= PAGE_ROWS_MAX;
        few && self
            .columns
            .iter()
            .enumerate()
            .all(|(at, column)| column.rows == self.rows && stands_once(at, column))
    }

    /// A copy of columns that were decoded before.
    pub(crate) fn copied(rows: u64, columns: &[RawColumn<'_>]) -> Self {
        let rows = usize::try_from(rows).unwrap_or(0);
        let owned =
            |raw: &RawColumn<'_>| Owned { id: raw.id, kind: raw.kind, rows, bytes: raw.bytes.to_vec() };
        Self { rows, columns: columns.iter().map(owned).collect() }
    }

    /// A page of columns as they lie in memory, checked.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn of_columns(rows: u64, columns: &[RawColumn<'_>]) -> Result<Self, BadRows> {
        Rows::decode(rows, columns)?;
        Ok(Self::copied(rows, columns))
    }

    /// How many rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows
    }

    /// The columns as they lie in memory.
    pub fn columns(&self) -> impl Iterator<Item = RawColumn<'_>> {
        self.columns.iter().map(|column| RawColumn { id: column.id, kind: column.kind, bytes: &column.bytes })
    }

    fn column(mut self, id: u32, kind: u32, rows: usize, bytes: Vec<u8>) -> Self {
        self.rows = self.rows.max(rows);
        self.columns.push(Owned { id, kind, rows, bytes });
        self
    }
}

/// Numbers as they lie in memory.
fn in_memory<T: Copy, const N: usize>(numbers: &[T], bytes: impl Fn(T) -> [u8; N]) -> Vec<u8> {
    let mut all = Vec::with_capacity(numbers.len() * N);
    numbers.iter().for_each(|number| all.extend_from_slice(&bytes(*number)));
    all
}

/// A column of texts being made: its ends and all texts in one piece.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextColumn {
    ends: Vec<u8>,
    text: String,
}

impl TextColumn {
    /// No texts.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text. A page holds at most 4 GiB of them; what goes beyond is cut off.
    pub fn push(&mut self, text: &str) {
        if u32::try_from(self.text.len() + text.len()).is_ok() {
            self.text.push_str(text);
        }
        let end = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        self.ends.extend_from_slice(&end.to_le_bytes());
    }

    /// Gives the texts away, and has room for as many again.
    #[must_use]
    pub fn take(&mut self) -> Self {
        let text_len = self.text.len() + self.text.len() / 16;
        // The texts will be put behind the ends.
        let room = Self {
            ends: Vec::with_capacity(self.ends.len() + text_len),
            text: String::with_capacity(text_len),
        };
        std::mem::replace(self, room)
    }

    /// How many texts.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len() / 4
    }

    /// Whether there is no text.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }
}

impl<'a> FromIterator<&'a str> for TextColumn {
    fn from_iter<I: IntoIterator<Item = &'a str>>(texts: I) -> Self {
        let mut column = Self::new();
        texts.into_iter().for_each(|text| column.push(text));
        column
    }
}
