//! `mappings.csv`, where no store SKU of a store is mapped twice.

use super::{Declared, NewSku, NewSkus, SkuColumn, rows_in, whole};
use crate::catalog::intern::Short;
use crate::catalog::listings::{Part, Table as Listed};
use crate::catalog::pieces::{Piece, Pieces};
use crate::catalog::read::Builder;
use crate::catalog::read::mappings::COLUMNS;
use crate::catalog::scan::{QuickRow, each_row};
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
            *parts.get_mut(&place.0)?.skus.get_mut(place.1)? = number;
        }
        for (store, part) in parts {
            stores.get_mut(usize::from(store))?.push(part);
        }
    }
    let count = stores.iter().flatten().map(|part| part.skus.len()).sum::<usize>();
    u32::try_from(count).ok()?;
    threads.each(stores, Listed::join).into_iter().collect()
}

type OfPiece = (BTreeMap<u16, Part>, Vec<(NewSku, (u16, usize))>);

fn of_piece(
    builder: &Builder<'_>,
    header: &Header,
    piece: Piece<'_>,
    places: &mut Vec<u32>,
) -> Option<OfPiece> {
    let names = &builder.catalog.skus;
    let mut stores = Declared::new(&builder.declared.stores);
    let room = rows_in(piece.text);
    let mut skus = SkuColumn::new(piece.text, room);
    let mut runs = Runs { room, ..Runs::default() };
    let clean = each_row(piece.text, header.width, places, |row| {
        let pushed = skus.push(&row, header.place(0), names);
        pushed.and_then(|()| runs.push(row, header, &mut stores)).is_some()
    });
    if !clean {
        return None;
    }
    skus.look_up(names)?;
    runs.parts(skus, piece.at)
}

/// Rows of one store that stand together, and whose they are.
#[derive(Default)]
struct Runs {
    /// The store of each run, and the row behind it.
    runs: Vec<(u16, usize)>,
    rows: usize,
    /// So many rows may come of the first store.
    room: usize,
    parts: BTreeMap<u16, Part>,
    /// The part of the store of the last row.
    last: Option<(u16, Part)>,
}

impl Runs {
    fn push(&mut self, row: QuickRow<'_, '_>, header: &Header, stores: &mut Declared<'_>) -> Option<()> {
        let store = stores.find(&row, header.place(1))?;
        let (short, place) = row.short(header.place(2)?)?;
        let units = match header.place(3).map(|column| row.cell(column)) {
            None => 1,
            Some(cell) => match cell?.as_ref() {
                "" => 1,
                text => u32::try_from(whole(text, 1, i64::from(u32::MAX))?).ok()?,
            },
        };
        if short == Short::EMPTY {
            return None;
        }
        if self.last.as_ref().is_none_or(|(last, _)| *last != store) {
            self.turn();
            let room = std::mem::take(&mut self.room);
            let part = self.parts.remove(&store).unwrap_or_else(|| Part::with_capacity(room));
            self.last = Some((store, part));
        }
        self.rows += 1;
        self.last.as_mut()?.1.push(&short, || place.text(row.text()), units)
    }

    /// Puts the last part back where the others are.
    fn turn(&mut self) {
        if let Some((store, part)) = self.last.take() {
            self.runs.push((store, self.rows));
            self.parts.insert(store, part);
        }
    }

    /// Gives every part its SKUs, and tells where in the parts the new ones are.
    fn parts(mut self, skus: SkuColumn<'_>, at: u32) -> Option<OfPiece> {
        self.turn();
        let mut new = skus.new.into_iter().peekable();
        let mut found = Vec::new();
        let mut from = 0;
        for &(store, to) in &self.runs {
            let part = self.parts.get_mut(&store)?;
            while let Some(mut sku) = new.next_if(|sku| sku.row < to) {
                let row = part.skus.len() + (sku.row - from);
                sku.place = (sku.place.0 + at, sku.place.1 + at);
                found.push((sku, (store, row)));
            }
            part.skus.extend_from_slice(skus.numbers.get(from..to)?);
            from = to;
        }
        Some((self.parts, found))
    }
}
