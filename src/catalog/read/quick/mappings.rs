//! `mappings.csv`, where no store SKU of a store is mapped twice.

use super::{NewSku, NewSkus, Skus, runs_of, whole};
use crate::catalog::listings::{Part, Table as Listed};
use crate::catalog::pieces::{Piece, Pieces};
use crate::catalog::read::Builder;
use crate::catalog::read::mappings::COLUMNS;
use crate::catalog::scan::Lines;
use crate::catalog::table::Header;
use crate::source::FileId;
use crate::threads::Threads;
use std::collections::BTreeMap;
use std::io::Read;

/// The listings of every declared store.
pub(super) fn scan(
    builder: &Builder<'_>,
    file: FileId,
    stream: &mut (dyn Read + Send),
    threads: Threads,
    new: &mut NewSkus,
) -> Option<Vec<Listed>> {
    let pieces = Pieces::open(stream, file, &COLUMNS, false)?;
    let header = &pieces.header;
    let read = pieces.each(threads, |piece, places| of_piece(builder, header, piece, places))?;
    let mut stores: Vec<Vec<Part>> = builder.declared.stores.iter().map(|_| Vec::new()).collect();
    for (mut parts, rows) in read {
        for (sku, place) in rows {
            let number = new.number(&sku, file)?;
            *parts.get_mut(&place.0)?.offers.skus.get_mut(place.1)? = number;
        }
        for (store, part) in parts {
            stores.get_mut(usize::from(store))?.push(part);
        }
    }
    let count = stores.iter().flatten().map(|part| part.offers.skus.len()).sum::<usize>();
    u32::try_from(count).ok()?;
    threads.each(stores, Listed::join).into_iter().collect()
}

/// By store, its listings; and the SKUs that are new, each with its store and its row there.
type OfPiece = (BTreeMap<u16, Part>, Vec<(NewSku, (u16, usize))>);

fn of_piece(
    builder: &Builder<'_>,
    header: &Header,
    piece: Piece<'_>,
    places: &mut Vec<u32>,
) -> Option<OfPiece> {
    let lines = Lines::of(piece.text, header.width, places)?;
    let Skus { numbers, new } = Skus::of(lines.column(header.place(0)?), &builder.catalog.skus)?.at(piece.at);
    let runs = runs_of(lines.column(header.place(1)?), &builder.declared.stores)?;
    let store_skus = lines.column(header.place(2)?);
    let mut units = match header.place(3) {
        Some(column) => lines.column(column).texts().map(|text| units(&text)).collect::<Option<_>>()?,
        None => Vec::new(),
    };
    if units.iter().all(|&units| units == 1) {
        units.clear();
    }
    let (mut parts, mut places) = (BTreeMap::new(), Vec::with_capacity(new.len()));
    let mut new = new.into_iter().peekable();
    let mut from = 0;
    for (store, to) in runs {
        // Most tables have one store after the other: the first run is all of the piece.
        let room = if from == 0 { lines.len() } else { 0 };
        let part = parts.entry(store).or_insert_with(|| Part::with_capacity(room));
        while let Some(sku) = new.next_if(|sku| sku.row < to) {
            let row = part.offers.skus.len() + (sku.row - from);
            places.push((sku, (store, row)));
        }
        store_skus.each(from..to, |first, shorts| {
            let rows = first..first + shorts.len();
            let offers = (numbers.get(rows.clone())?, units.get(rows).unwrap_or_default());
            part.extend(shorts, |at| store_skus.text(first + at), offers)
        })?;
        from = to;
    }
    Some((parts, places))
}

/// Units as a cell has them: 1 where it is empty. What the plain reader must look at is none.
fn units(text: &str) -> Option<u32> {
    match text {
        "" => Some(1),
        text => u32::try_from(whole(text, 1, i64::from(u32::MAX))?).ok(),
    }
}
