//! Rows as they lie in memory on their way across the ABI.

use super::{BadRows, Page};
use crate::abi;

/// A page, with the structs that point into it.
#[derive(Debug, Default)]
pub struct EncodedRows {
    rows: u64,
    columns: Vec<abi::Column>,
    _page: Page,
    // Words, not bytes: the other side may read ends and numbers in place, so a column must be aligned for them.
    _copies: Vec<Vec<u64>>,
}

impl EncodedRows {
    /// Lays a page out. A column that lies at a whole word, as nearly all do, stays where it is.
    ///
    /// # Errors
    /// Columns of different lengths, or one column twice.
    pub fn new(page: Page) -> Result<Self, BadRows> {
        if !page.is_even() {
            page.view()?;
        }
        let mut copies = Vec::new();
        let columns = page.columns().map(|column| {
            let ptr = if column.bytes.as_ptr().cast::<u64>().is_aligned() {
                column.bytes.as_ptr().cast()
            } else {
                let words = words(column.bytes);
                let ptr = words.as_ptr().cast();
                copies.push(words);
                ptr
            };
            abi::Column { id: column.id, kind: column.kind, ptr, len: column.bytes.len() }
        });
        let columns = columns.collect();
        Ok(Self { rows: page.len() as u64, columns, _page: page, _copies: copies })
    }

    /// What the other side is shown; it points into `self`.
    #[must_use]
    pub fn as_abi(&self) -> abi::Rows {
        abi::Rows {
            struct_size: size_of::<abi::Rows>() as u32,
            columns_len: self.columns.len() as u32,
            rows: self.rows,
            columns: self.columns.as_ptr(),
        }
    }
}

fn words(bytes: &[u8]) -> Vec<u64> {
    let (whole, rest) = bytes.as_chunks::<8>();
    let mut words: Vec<u64> = whole.iter().map(|word| u64::from_ne_bytes(*word)).collect();
    if !rest.is_empty() {
        let mut last = [0; 8];
        last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        words.push(u64::from_ne_bytes(last));
    }
    words
}
