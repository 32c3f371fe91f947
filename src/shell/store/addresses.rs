//! What a store calls its listings: asked once, kept by the state, handed back with every item.

use super::{SkuSource, Store, sku_page};
use crate::shell::fault::{StoreFault, clean};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use stocksync_sdk::abi::column_id;
use stocksync_sdk::rows::Rows;

/// The longest address or parent, in bytes.
const ADDRESS_BYTES_MAX: usize = 4096;

/// What a listing is called by its store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// In the connector's own encoding.
    pub address: String,
    /// The product that it is a part of; empty for none.
    pub parent: String,
}

/// The addresses of one store, and what of them the state does not know yet.
#[derive(Debug, Default)]
pub struct Addresses {
    known: HashMap<String, Address>,
    /// The store SKUs of each parent; some may be forgotten by now.
    parents: HashMap<String, BTreeSet<String>>,
    /// Listings that the store has more than once.
    twice: HashSet<String>,
    /// Asked for in this run: what is not known then is not there.
    asked: HashSet<String>,
    fresh: BTreeSet<String>,
    // Sessions side by side find out that a listing is gone.
    gone: Mutex<BTreeSet<String>>,
}

/// What the state is to keep, and to forget.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct AddressChanges {
    /// Store SKUs with their addresses.
    pub keep: Vec<(String, Address)>,
    /// Store SKUs.
    pub forget: Vec<String>,
}

impl Addresses {
    /// What is known of a listing.
    pub fn of(&self, store_sku: &str) -> Option<&Address> {
        self.known.get(store_sku)
    }

    /// Store SKUs of a parent, without order.
    pub fn of_parent<'a>(&'a self, parent: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        let of_parent = self.parents.get(parent).into_iter().flatten();
        of_parent.map(String::as_str).filter(|store_sku| self.known.contains_key(*store_sku))
    }

    /// Whether another was known.
    fn know(&mut self, store_sku: String, address: Address) -> bool {
        if !address.parent.is_empty() {
            self.parents.entry(address.parent.clone()).or_default().insert(store_sku.clone());
        }
        self.known.insert(store_sku, address).is_some()
    }

    /// Notes that a listing is not where it was.
    pub fn lost(&self, store_sku: &str) {
        self.gone.lock().unwrap_or_else(PoisonError::into_inner).insert(store_sku.to_owned());
    }

    /// Forgets what was lost.
    fn forget(&mut self) {
        for store_sku in self.gone.get_mut().unwrap_or_else(PoisonError::into_inner).iter() {
            self.known.remove(store_sku);
            self.fresh.remove(store_sku);
        }
    }

    fn take(
        &mut self,
        wanted: &HashSet<&str>,
        rows: &Rows<'_>,
        may_send: &dyn Fn(&str) -> bool,
    ) -> Result<(), String> {
        let skus = rows.texts(column_id::STORE_SKU).ok_or("gave addresses without store SKUs")?;
        let addresses = rows.texts(column_id::ADDRESS).ok_or("gave store SKUs without addresses")?;
        let parents = rows.texts(column_id::PARENT);
        for (row, store_sku) in skus.iter().enumerate() {
            if !wanted.contains(store_sku) {
                return Err(format!("gave an address for `{}`, which was not asked for", clean(store_sku)));
            }
            let text = |texts: Option<&str>| texts.unwrap_or_default().to_owned();
            let address = Address {
                address: text(addresses.get(row)),
                parent: text(parents.and_then(|parents| parents.get(row))),
            };
            if !may_send(&address.address) || !may_send(&address.parent) {
                return Err(format!(
                    "gave an address for `{}` with a secret's place in it",
                    clean(store_sku)
                ));
            }
            if address.address.len().max(address.parent.len()) > ADDRESS_BYTES_MAX {
                return Err(format!("gave an address of more than {ADDRESS_BYTES_MAX} bytes"));
            }
            if self.know(store_sku.to_owned(), address) {
                self.twice.insert(store_sku.to_owned());
            }
            self.fresh.insert(store_sku.to_owned());
            self.gone.get_mut().unwrap_or_else(PoisonError::into_inner).remove(store_sku);
        }
        Ok(())
    }
}

impl Store {
    /// Whether listings have addresses that must be known.
    pub fn has_addresses(&self) -> bool {
        self.offers("resolve")
    }

    /// Tells what the state knows, before anything is asked.
    pub fn know_addresses(&mut self, known: impl IntoIterator<Item = (String, Address)>) {
        for (store_sku, address) in known {
            // One that must not be handed on is asked for again, and refused where it is the same.
            if !self.may_send(&address.address) || !self.may_send(&address.parent) {
                continue;
            }
            self.addresses.know(store_sku, address);
        }
    }

    /// What the state does not know yet; told once.
    pub fn address_changes(&mut self) -> AddressChanges {
        self.addresses.forget();
        let fresh = std::mem::take(&mut self.addresses.fresh);
        let gone = std::mem::take(self.addresses.gone.get_mut().unwrap_or_else(PoisonError::into_inner));
        let kept =
            |store_sku: String| Some((store_sku.clone(), self.addresses.known.get(&store_sku)?.clone()));
        AddressChanges {
            forget: gone.into_iter().collect(),
            keep: fresh.into_iter().filter_map(kept).collect(),
        }
    }

    /// Listings that the store has more than once, of those that were asked for.
    pub fn listed_twice(&self) -> impl Iterator<Item = &str> {
        self.addresses.twice.iter().map(String::as_str)
    }

    pub(super) fn is_listed_twice(&self, store_sku: &str) -> bool {
        self.addresses.twice.contains(store_sku)
    }

    /// Whether a listing's address is known.
    pub fn knows(&self, store_sku: &str) -> bool {
        self.addresses.of(store_sku).is_some()
    }

    /// What a listing is a part of, where that is known.
    pub fn parent(&self, store_sku: &str) -> Option<&str> {
        self.addresses
            .of(store_sku)
            .map(|address| address.parent.as_str())
            .filter(|parent| !parent.is_empty())
    }

    /// Asks for the addresses of these listings that are not known. Nothing where the connector has none.
    ///
    /// # Errors
    /// The store cannot be asked.
    pub(super) fn resolve(
        &mut self,
        wanted: &(impl SkuSource + ?Sized),
        indexes: &[usize],
    ) -> Result<(), StoreFault> {
        if !self.has_addresses() {
            return Ok(());
        }
        self.addresses.forget();
        let is_new = |index: &usize| {
            let store_sku = wanted.store_sku(*index);
            self.addresses.of(store_sku).is_none() && !self.addresses.asked.contains(store_sku)
        };
        let unknown: Vec<usize> = indexes.iter().copied().filter(is_new).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let asked: HashSet<&str> = unknown.iter().map(|&index| wanted.store_sku(index)).collect();
        let mut addresses = std::mem::take(&mut self.addresses);
        let page = |range| sku_page(wanted, unknown.get(range), None);
        let done = self.ask("resolve", unknown.len(), &page, &mut |rows| {
            addresses.take(&asked, rows, &|text| self.may_send(text))
        });
        addresses.asked.extend(asked.into_iter().map(str::to_owned));
        // Which of the two would be written is anybody's guess.
        for store_sku in &addresses.twice {
            addresses.known.remove(store_sku);
            addresses.fresh.remove(store_sku);
        }
        self.addresses = addresses;
        done
    }

    /// Of listings that a read did not find where they were: those whose address is older than this run, and may be another by now.
    pub(super) fn lose(&self, wanted: &(impl SkuSource + ?Sized), missed: Vec<usize>) -> Vec<usize> {
        missed.iter().for_each(|&index| self.addresses.lost(wanted.store_sku(index)));
        let is_old = |index: &usize| !self.addresses.asked.contains(wanted.store_sku(*index));
        missed.into_iter().filter(is_old).collect()
    }

    /// Whether an item may go to the connector: it has its address, where it needs one.
    pub(super) fn is_addressed(&self, store_sku: &str) -> bool {
        !self.has_addresses() || self.addresses.of(store_sku).is_some()
    }
}
