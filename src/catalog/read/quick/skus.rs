//! `skus.csv`, where no SKU is there twice.

use crate::catalog::intern::{NamesBeside, Texts};
use crate::catalog::pieces::Pieces;
use crate::catalog::read::skus::COLUMNS;
use crate::catalog::scan::Lines;
use crate::source::FileId;
use crate::threads::Threads;
use std::io::Read;

pub(super) fn scan(file: FileId, stream: &mut (dyn Read + Send), threads: Threads) -> Option<NamesBeside> {
    let pieces = Pieces::open(stream, file, &COLUMNS, false)?;
    let header = &pieces.header;
    let column = header.place(0)?;
    let parts = pieces.each(threads, |piece, places| {
        let lines = Lines::of(piece.text, header.width, places)?;
        let skus = lines.column(column);
        let mut texts = Texts::with_capacity(lines.len());
        skus.each(0..lines.len(), |first, shorts| texts.extend(shorts, |at| skus.text(first + at)))?;
        Some(texts)
    })?;
    NamesBeside::distinct(parts, threads)
}
