//! `skus.csv`, where no SKU is there twice.

use crate::catalog::intern::{Names, Texts};
use crate::catalog::pieces::Pieces;
use crate::catalog::read::skus::COLUMNS;
use crate::catalog::scan::each_row;
use crate::source::FileId;
use crate::threads::Threads;
use std::io::Read;

pub(super) fn scan(file: FileId, stream: &mut (dyn Read + Send), threads: Threads) -> Option<Names> {
    let pieces = Pieces::open(stream, file, &COLUMNS, false)?;
    let header = &pieces.header;
    let column = header.place(0)?;
    let parts = pieces.each(threads, |piece, places| {
        let mut texts = Texts::default();
        let clean = each_row(piece.text, header.width, places, |row| {
            row.cell(column).filter(|sku| !sku.is_empty()).and_then(|sku| texts.push(&sku)).is_some()
        });
        clean.then_some(texts)
    })?;
    Names::distinct(&parts)
}
