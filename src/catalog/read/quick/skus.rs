//! `skus.csv`, where no SKU is there twice.

use super::rows_in;
use crate::catalog::intern::{NamesBeside, Short, Texts};
use crate::catalog::pieces::Pieces;
use crate::catalog::read::skus::COLUMNS;
use crate::catalog::scan::each_row;
use crate::source::FileId;
use crate::threads::Threads;
use std::io::Read;

pub(super) fn scan(file: FileId, stream: &mut (dyn Read + Send), threads: Threads) -> Option<NamesBeside> {
    let pieces = Pieces::open(stream, file, &COLUMNS, false)?;
    let header = &pieces.header;
    let column = header.place(0)?;
    let parts = pieces.each(threads, |piece, places| {
        let mut texts = Texts::with_capacity(rows_in(piece.text));
        let clean = each_row(piece.text, header.width, places, |row| {
            let sku = row.short(column).filter(|(short, _)| *short != Short::EMPTY);
            sku.and_then(|(short, place)| texts.push_short(&short, || place.text(row.text()))).is_some()
        });
        clean.then_some(texts)
    })?;
    NamesBeside::distinct(parts)
}
