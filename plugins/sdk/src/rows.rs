//! Pages of rows as columns: made by [`Page`], read by [`Rows`].
//!
//! Both are safe on any bytes: what another side wrote is checked as a whole by [`Rows::decode`], before anything is read of it.

mod encode;
mod page;

pub use encode::EncodedRows;
pub use page::{Page, TextColumn};

use crate::abi::column_kind;
use std::fmt;

/// How many rows a page should have at most.
pub const PAGE_ROWS: usize = 65_536;
/// How many rows of a page are read at most.
pub const PAGE_ROWS_MAX: u64 = 1 << 20;
/// How many columns of a page are read at most.
pub const COLUMNS_MAX: usize = 64;

/// A column as it lies in memory, not yet looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawColumn<'a> {
    /// One of [`crate::abi::column_id`].
    pub id: u32,
    /// One of [`column_kind`].
    pub kind: u32,
    /// Its bytes.
    pub bytes: &'a [u8],
}

/// Why columns could not be read: one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRows(pub String);

impl fmt::Display for BadRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A page of rows that was found to be sound.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows<'a> {
    len: usize,
    columns: Vec<(u32, Column<'a>)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Column<'a> {
    Texts(Texts<'a>),
    I64s(I64s<'a>),
    U8s(&'a [u8]),
    U32s(U32s<'a>),
}

impl<'a> Rows<'a> {
    /// Checks columns: their lengths, ends, UTF-8 and validity. A kind that is not known is left out.
    ///
    /// # Errors
    /// The first column that is not sound.
    pub fn decode(rows: u64, columns: &[RawColumn<'a>]) -> Result<Self, BadRows> {
        if rows > PAGE_ROWS_MAX {
            return Err(BadRows(format!("a page of {rows} rows, at most {PAGE_ROWS_MAX} are read")));
        }
        if columns.len() > COLUMNS_MAX {
            return Err(BadRows(format!("{} columns, at most {COLUMNS_MAX} are read", columns.len())));
        }
        let mut page = Self { len: usize::try_from(rows).unwrap_or(0), columns: Vec::new() };
        for raw in columns {
            page.add(raw).map_err(|why| BadRows(format!("column {} {why}", raw.id)))?;
        }
        Ok(page)
    }

    /// How many rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The text column of this id.
    #[must_use]
    pub fn texts(&self, id: u32) -> Option<Texts<'a>> {
        self.columns.iter().find_map(|column| match column {
            (of, Column::Texts(texts)) if *of == id => Some(*texts),
            _ => None,
        })
    }

    /// The `int64_t` column of this id.
    #[must_use]
    pub fn i64s(&self, id: u32) -> Option<I64s<'a>> {
        self.columns.iter().find_map(|column| match column {
            (of, Column::I64s(numbers)) if *of == id => Some(*numbers),
            _ => None,
        })
    }

    /// The `uint8_t` column of this id.
    #[must_use]
    pub fn u8s(&self, id: u32) -> Option<&'a [u8]> {
        self.columns.iter().find_map(|column| match column {
            (of, Column::U8s(bytes)) if *of == id => Some(*bytes),
            _ => None,
        })
    }

    /// The `uint32_t` column of this id.
    #[must_use]
    pub fn u32s(&self, id: u32) -> Option<U32s<'a>> {
        self.columns.iter().find_map(|column| match column {
            (of, Column::U32s(numbers)) if *of == id => Some(*numbers),
            _ => None,
        })
    }

    fn add(&mut self, raw: &RawColumn<'a>) -> Result<(), String> {
        if raw.kind == column_kind::VALIDITY {
            return self.add_validity(raw);
        }
        let column = match raw.kind {
            column_kind::TEXT => Column::Texts(Texts::decode(self.len, raw.bytes)?),
            column_kind::I64 => Column::I64s(I64s { bytes: sized(raw, self.len, 8)?, valid: None }),
            column_kind::U8 => Column::U8s(sized(raw, self.len, 1)?),
            column_kind::U32 => Column::U32s(U32s { bytes: sized(raw, self.len, 4)? }),
            _ => return Ok(()),
        };
        if self.columns.iter().any(|(id, _)| *id == raw.id) {
            return Err("stands twice".to_owned());
        }
        self.columns.push((raw.id, column));
        Ok(())
    }

    fn add_validity(&mut self, raw: &RawColumn<'a>) -> Result<(), String> {
        let valid = sized(raw, self.len, 1)?;
        if valid.iter().any(|flag| *flag > 1) {
            return Err("has a validity that is neither 0 nor 1".to_owned());
        }
        match self.columns.last_mut() {
            Some((id, Column::I64s(numbers))) if *id == raw.id && numbers.valid.is_none() => {
                numbers.valid = Some(valid);
                Ok(())
            }
            _ => Err("has a validity that does not stand behind its numbers".to_owned()),
        }
    }
}

fn sized<'a>(raw: &RawColumn<'a>, rows: usize, width: usize) -> Result<&'a [u8], String> {
    if raw.bytes.len() == rows * width {
        return Ok(raw.bytes);
    }
    Err(format!("has {} bytes where {rows} rows need {}", raw.bytes.len(), rows * width))
}

/// A text column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Texts<'a> {
    ends: &'a [u8],
    text: &'a str,
}

impl<'a> Texts<'a> {
    /// The text of a row.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<&'a str> {
        let start = if row == 0 { 0 } else { self.end(row - 1)? };
        self.text.get(start..self.end(row)?)
    }

    /// All texts, in order.
    pub fn iter(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let (text, mut start) = (self.text, 0);
        ends(self.ends).map(move |end| text.get(std::mem::replace(&mut start, end)..end).unwrap_or_default())
    }

    fn end(&self, row: usize) -> Option<usize> {
        word(self.ends, row).map(|end| u32::from_le_bytes(end) as usize)
    }

    fn decode(rows: usize, bytes: &'a [u8]) -> Result<Self, String> {
        let Some((head, text)) = bytes.split_at_checked(rows * 4) else {
            return Err(format!("has {} bytes, too few for the ends of {rows} texts", bytes.len()));
        };
        let text = std::str::from_utf8(text).map_err(|_| "is not UTF-8".to_owned())?;
        let mut before = 0;
        for (row, end) in ends(head).enumerate() {
            if end < before || !text.is_char_boundary(end) {
                return Err(format!("has a text that ends at a wrong place, in row {row}"));
            }
            before = end;
        }
        if before != text.len() {
            return Err(format!("has {} bytes of text, its last text ends at {before}", text.len()));
        }
        Ok(Self { ends: head, text })
    }
}

fn ends(bytes: &[u8]) -> impl Iterator<Item = usize> + use<'_> {
    bytes.as_chunks().0.iter().map(|end| u32::from_le_bytes(*end) as usize)
}

fn word<const N: usize>(bytes: &[u8], row: usize) -> Option<[u8; N]> {
    bytes.as_chunks().0.get(row).copied()
}

/// A column of `int64_t`, some of which may be absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct I64s<'a> {
    bytes: &'a [u8],
    valid: Option<&'a [u8]>,
}

impl<'a> I64s<'a> {
    /// The numbers of all rows, in order.
    pub fn iter(&self) -> impl Iterator<Item = Option<i64>> + use<'a> {
        let numbers = self.bytes.as_chunks().0.iter().map(|number| i64::from_ne_bytes(*number));
        // Where nothing tells of rows without a number, there is none.
        let valid = self.valid.unwrap_or_default().iter();
        let valid = valid.map(|valid| *valid == 1).chain(std::iter::repeat(self.valid.is_none()));
        numbers.zip(valid).map(|(number, valid)| valid.then_some(number))
    }

    /// The number of a row, if it has one.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<i64> {
        let valid = self.valid.is_none_or(|valid| valid.get(row) == Some(&1));
        word(self.bytes, row).filter(|_| valid).map(i64::from_ne_bytes)
    }
}

/// A column of `uint32_t`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct U32s<'a> {
    bytes: &'a [u8],
}

impl U32s<'_> {
    /// The number of a row.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<u32> {
        word(self.bytes, row).map(u32::from_ne_bytes)
    }
}

#[cfg(test)]
mod tests;
