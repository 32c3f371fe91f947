//! `skus.csv`, where no SKU is there twice.

use crate::catalog::intern::{NamesBeside, Short, Texts};
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
        let (mut texts, mut shorts) = (Texts::with_capacity(lines.len()), Vec::with_capacity(lines.len()));
        skus.shorts(0..lines.len(), &mut shorts);
        texts.extend(&shorts, |row| skus.text(row))?;
        (!shorts.contains(&Short::EMPTY)).then_some(texts)
    })?;
    NamesBeside::distinct(parts, threads)
}
