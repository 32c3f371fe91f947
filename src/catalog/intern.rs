//! Distinct texts, each known by a number; no allocation a text.

mod blocks;
mod cells;
mod key;
mod regions;
mod short;
mod slots;

pub use key::TextKey;
pub(super) use regions::{Blocking, Order, Regions};
pub(super) use short::Short;

use crate::threads::Threads;
use cells::Cells;
use slots::{Beside, Slot, Slots};
use std::borrow::Cow;

/// Distinct texts, numbered from 0 in the order in which they came.
#[derive(Debug)]
pub(super) struct Names<S = u64> {
    texts: Texts,
    table: Slots<S>,
}

/// The same, where short texts stand in the table too: a look touches one place in memory, and a text takes 48 bytes more.
pub(super) type NamesBeside = Names<Beside>;

/// Texts by number.
#[derive(Debug, Default)]
pub(super) struct Texts {
    cells: Cells,
    /// Those that are not short, one behind the other.
    long: String,
}

impl Texts {
    /// Has room for so many short texts.
    pub(super) fn with_capacity(count: usize) -> Self {
        Self { cells: Cells::with_capacity(count), long: String::new() }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    /// The text of a number; empty for one that was not given out.
    pub(super) fn get(&self, id: u32) -> &str {
        self.cells.text(id).unwrap_or_else(|| self.cells.get(id).map_or("", |cell| self.long(&cell)))
    }

    /// The first 16 bytes of the text of a number, zeros behind its end.
    pub(super) fn beginning(&self, id: u32) -> u128 {
        self.cells.beginning(id).unwrap_or_else(|| {
            let mut bytes = [0; 16];
            bytes.iter_mut().zip(self.get(id).as_bytes()).for_each(|(to, from)| *to = *from);
            u128::from_be_bytes(bytes)
        })
    }

    /// What the text of a number is sorted by.
    fn key(&self, id: u32) -> TextKey {
        self.cells.key(id).unwrap_or_else(|| TextKey::of(self.get(id)))
    }

    /// Whether a number is of a text, which is given short, and as it is where it is long.
    fn is<'t>(&self, id: u32, short: &Short, text: impl FnOnce() -> Cow<'t, str>) -> bool {
        if short.is_long() { self.get(id) == text() } else { self.cells.is(id, short) }
    }

    /// The texts of all parts, in their order. `None` where they are too many.
    pub(super) fn joined(parts: impl IntoIterator<Item = Texts>) -> Option<Self> {
        let mut texts = Self::default();
        parts.into_iter().try_for_each(|part| texts.append(part))?;
        Some(texts)
    }

    /// What stands for each of them in a table.
    fn keys<S: Slot>(&self) -> impl Iterator<Item = S> + '_ {
        (0..).zip(self.cells.iter()).map(|(id, cell)| {
            let text = if cell.is_long() { Short::LONG } else { cell };
            S::new(self.hash(&cell), id, &text)
        })
    }

    /// The hash of what a cell of them stands for.
    fn hash(&self, cell: &Short) -> u32 {
        let key = if cell.is_long() { &Short::LONG } else { cell };
        key.hash(|| self.long(cell).into())
    }

    /// A text that is not short.
    fn long(&self, cell: &Short) -> &str {
        let place = cell.place().and_then(|(start, end)| self.long.get(start as usize..end as usize));
        place.unwrap_or_default()
    }

    /// Adds a text; the number it has. `None` where there is no room: for 4 GiB of long texts, and as many texts as there are numbers.
    pub(super) fn push(&mut self, text: &str) -> Option<u32> {
        let id = u32::try_from(self.cells.len()).ok().filter(|&id| id < u32::MAX)?;
        let short = Short::of(text);
        self.cells.push(if short.is_long() { push_long(&mut self.long, text)? } else { short });
        Some(id)
    }

    /// Adds many texts that are given short, and as they are, by their places among them, where they are long. `None` where there is no room.
    pub(super) fn extend<'t>(
        &mut self,
        shorts: &[Short],
        text: impl Fn(usize) -> Cow<'t, str>,
    ) -> Option<()> {
        u32::try_from(self.cells.len() + shorts.len()).ok().filter(|&len| len < u32::MAX)?;
        if !shorts.iter().any(Short::is_long) {
            self.cells.extend(shorts);
            return Some(());
        }
        for (at, short) in shorts.iter().enumerate() {
            self.cells.push(if short.is_long() { push_long(&mut self.long, &text(at))? } else { *short });
        }
        Some(())
    }

    /// Adds the texts of others behind its own. `None` where there is no room.
    fn append(&mut self, mut other: Texts) -> Option<()> {
        u32::try_from(self.long.len() + other.long.len()).ok()?;
        let base = self.long.len() as u32;
        if !other.long.is_empty() {
            other.cells.in_wide(|cells| {
                for cell in cells.iter_mut() {
                    if let Some((start, end)) = cell.place() {
                        *cell = Short::at(base + start, base + end);
                    }
                }
            });
            self.long.push_str(&other.long);
        }
        self.cells.append(other.cells);
        u32::try_from(self.len()).is_ok_and(|len| len < u32::MAX).then_some(())
    }
}

/// Adds a text that is not short; what stands for it. `None` where there is no room.
fn push_long(long: &mut String, text: &str) -> Option<Short> {
    let start = u32::try_from(long.len()).ok()?;
    let cell = Short::at(start, u32::try_from(long.len() + text.len()).ok()?);
    long.push_str(text);
    Some(cell)
}

impl<S> Default for Names<S> {
    fn default() -> Self {
        Self { texts: Texts::default(), table: Slots::default() }
    }
}

impl<S: Slot> Names<S> {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.texts.len()
    }

    /// The text of a number; empty for one that was not given out.
    pub(super) fn get(&self, id: u32) -> &str {
        self.texts.get(id)
    }

    /// The first 16 bytes of the text of a number, zeros behind its end.
    pub(super) fn beginning(&self, id: u32) -> u128 {
        self.texts.beginning(id)
    }

    /// What the text of a number is sorted by.
    pub(super) fn key(&self, id: u32) -> TextKey {
        self.texts.key(id)
    }

    /// The number of a text.
    pub(super) fn find(&self, name: &str) -> Option<u32> {
        let (short, hash) = Short::with_hash(name);
        self.find_key(hash, &short, || Cow::Borrowed(name))
    }

    fn find_key<'t>(&self, hash: u32, short: &Short, text: impl Fn() -> Cow<'t, str>) -> Option<u32> {
        self.table.find(hash, |slot| self.is(slot, short, &text))
    }

    /// Whether a place of the table is of a text, which is given short, and as it is where it is long.
    #[inline]
    fn is<'t>(&self, slot: &S, short: &Short, text: impl Fn() -> Cow<'t, str>) -> bool {
        match slot.is(short) {
            Some(is_it) if !is_it || !short.is_long() => is_it,
            _ => self.texts.is(slot.id(), short, &text),
        }
    }

    /// The numbers of many texts, as [`Names::find`] gives them, into `found`, which is emptied first.
    ///
    /// Each pass touches one place a text, and no text waits for another: the processor fetches several at once.
    pub(super) fn find_all<T: AsRef<str>>(&self, names: &[T], found: &mut Vec<Option<u32>>) {
        found.clear();
        let mut keys = [Short::EMPTY; AHEAD];
        for names in names.chunks(AHEAD) {
            keys.iter_mut().zip(names).for_each(|(key, name)| *key = Short::of(name.as_ref()));
            let keys = keys.get(..names.len()).unwrap_or_default();
            self.find_some(keys, |at| names.get(at).map_or("", AsRef::as_ref).into(), found);
        }
    }

    /// The numbers of many texts that are given short, and as they are where they are long, into `found`, which is emptied first.
    pub(super) fn find_short<'t>(
        &self,
        keys: &[Short],
        text: impl Fn(usize) -> Cow<'t, str>,
        found: &mut Vec<Option<u32>>,
    ) {
        found.clear();
        for keys in keys.chunks(AHEAD) {
            let done = found.len();
            self.find_some(keys, |at| text(done + at), found);
        }
    }

    /// Adds the numbers of [`AHEAD`] texts at most: what is not in the line that a hash leads to is looked for behind it, once all were.
    fn find_some<'t>(
        &self,
        keys: &[Short],
        text: impl Fn(usize) -> Cow<'t, str>,
        found: &mut Vec<Option<u32>>,
    ) {
        let mut hashes = [0; AHEAD];
        let hashed = keys.iter().enumerate().zip(&mut hashes);
        hashed.for_each(|((at, key), hash)| *hash = key.hash(|| text(at)));
        let hashes = hashes.get(..keys.len()).unwrap_or_default();
        self.table.look(hashes);
        let done = found.len();
        let mut further = [(0, 0); AHEAD];
        let mut count = 0;
        found.extend(keys.iter().zip(hashes).enumerate().map(|(at, (key, &hash))| {
            let in_line = self.table.find_in_line(hash);
            let is_sure = in_line.is_some_and(|slot| slot.is_none_or(|slot| slot.is(key).unwrap_or(true)));
            if let (false, Some(further)) = (is_sure, further.get_mut(count)) {
                (*further, count) = ((hash, at), count + 1);
            }
            in_line.flatten().map(Slot::id)
        }));
        let found = found.get_mut(done..).unwrap_or_default();
        let further = further.get(..count).unwrap_or_default();
        self.table.look_behind(further.iter().map(|(hash, _)| *hash));
        for &(hash, at) in further {
            if let (Some(key), Some(found)) = (keys.get(at), found.get_mut(at)) {
                *found = self.find_key(hash, key, || text(at));
            }
        }
        // A table that holds short texts has told of them.
        if S::HOLDS_TEXT && !keys.iter().any(Short::is_long) {
            return;
        }
        self.texts.cells.look(found.iter().flatten().copied());
        for ((at, (key, &hash)), found) in keys.iter().zip(hashes).enumerate().zip(found) {
            if found.is_some_and(|id| !self.texts.is(id, key, || text(at))) {
                *found = self.find_key(hash, key, || text(at));
            }
        }
    }

    /// The number of a text with the same hash, most often the same text.
    pub(super) fn may_hold(&self, name: &str) -> Option<u32> {
        self.table.find(Short::with_hash(name).1, |_| true)
    }

    /// The number of a text, tried first on the number given before and the one behind it: rows are often sorted.
    pub(super) fn intern_near(&mut self, name: &str, before: u32) -> Option<(u32, bool)> {
        let next = before.saturating_add(1);
        let short = Short::of(name);
        let is_it = |id: &u32| !name.is_empty() && self.texts.is(*id, &short, || name.into());
        let near = [before, next].into_iter().find(is_it);
        near.map_or_else(|| self.intern(name), |id| Some((id, false)))
    }

    /// The number of a text, and whether it is new. `None` where the arena (4 GiB) is full.
    pub(super) fn intern(&mut self, name: &str) -> Option<(u32, bool)> {
        let (short, hash) = Short::with_hash(name);
        if let Some(id) = self.find_key(hash, &short, || name.into()) {
            return Some((id, false));
        }
        let id = self.texts.push(name)?;
        self.table.add(S::new(hash, id, &short));
        Some((id, true))
    }

    /// The texts of all parts, numbered in their order. `None` where one is there twice, or where they are too many.
    pub(super) fn distinct(parts: impl IntoIterator<Item = Texts>, threads: Threads) -> Option<Self> {
        let texts = Texts::joined(parts)?;
        let same = |one: &S, other: &S| texts.get(one.id()) == texts.get(other.id());
        let table = Slots::of(texts.len(), || texts.keys(), same, threads.for_work(texts.len()))?;
        Some(Names { texts, table })
    }

    /// Gives back what was reserved for more texts.
    pub(super) fn shrink(&mut self) {
        self.texts.cells.shrink();
        self.texts.long.shrink_to_fit();
    }

    /// Looks at all of a region, from one end to the other, before texts of it are looked for in no order.
    pub(super) fn look_through(&self, region: usize) {
        let parts = self.regions().count();
        self.table.look_through(region, parts);
        let near = |region: usize| (region * self.len() / parts) as u32;
        // One in each line of memory at least.
        self.texts.cells.look((near(region)..near(region + 1)).step_by(2));
    }

    /// The texts, without the table.
    pub(super) fn into_texts(self) -> Texts {
        self.texts
    }

    /// The regions of its table.
    pub(super) fn regions(&self) -> Regions {
        Regions::of(self.len())
    }
}

/// Texts that stand region by region of their table.
pub(super) struct Gathered {
    pub(super) names: Names,
    /// How they were put there.
    pub(super) order: Order,
    /// Whether none is there twice.
    pub(super) is_distinct: bool,
}

impl Gathered {
    /// Texts that belong near each other in the table stand near each other too, else in their order. Who looks up many of a region at a time finds texts and
    /// table near the processor.
    pub(super) fn of(mut texts: Texts) -> Self {
        let regions = Regions::of(texts.len());
        let mut hashes = texts.cells.hashes(|cell| texts.hash(cell));
        let mut order = Order::default();
        if regions.count() > 1 {
            order = regions.order(&hashes);
            let mut room = order.room(0, Blocking::One);
            room.put(&hashes);
            hashes = room.all();
            texts.cells = std::mem::take(&mut texts.cells).ordered(&order);
        }
        let same = |one: &u64, other: &u64| texts.get(one.id()) == texts.get(other.id());
        let numbers = (0..).zip(&hashes).map(|(id, &hash)| u64::new(hash, id, &Short::EMPTY));
        let (table, is_distinct) = Slots::in_order(texts.len(), numbers, same);
        Self { names: Names { texts, table }, order, is_distinct }
    }
}

/// So many texts are looked at before the first of them is needed.
const AHEAD: usize = 128;

#[cfg(test)]
mod tests;
