//! One store behind its connector: whole operations, and every way in which they can fail.

mod abreast;
mod addresses;
mod news;
mod numbers;
mod poll;
mod write;

pub use abreast::Writer;
pub use addresses::{Address, AddressChanges, Addresses};
pub use news::Webhook;
pub use poll::{Accepted, AcceptedSource};
pub use write::{ItemOutcome, ItemSource, Written};

use super::fault::{StoreFault, clean};
use super::files::Files;
use super::net::{Lane, Net};
use super::plugin::{Opened, read_manifest};
use super::secrets::{Keyring, Loaded, Vault, holds_placeholder};
use super::session::{Course, Ended, Limits, News, Operation, Session};
use super::settings::check_settings;
use super::transport::{Transport, Way};
use super::watchdog::Watched;
use crate::dispatch::CallLimits;
use numbers::{ROWS_TOGETHER, hand_on, numbers};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use stocksync_sdk::abi::column_id;
use stocksync_sdk::message::{FORMAT_VERSION, Manifest, OpenConfig, QuantityKind, ReadKind};
use stocksync_sdk::rows::{Page, Rows, TextColumn};

/// A store as it is configured.
#[derive(Clone, Debug, Default)]
pub struct StoreSpec {
    /// Its name.
    pub name: String,
    /// The connector's name.
    pub connector: String,
    /// The connector's settings.
    pub settings: Value,
    /// Where its secrets are, by name: `env:NAME` or `file:PATH`.
    pub secrets: BTreeMap<String, String>,
    /// Requests a second, where the configuration tightens them.
    pub requests_per_second: Option<f64>,
    /// Requests side by side, where the configuration tightens them.
    pub concurrency: Option<u32>,
    /// Whether nobody else writes it meanwhile: then half-written files are left by killed runs, and removed.
    pub alone: bool,
    /// The network that it shares with the other stores of the run.
    pub net: Net,
    /// Whether its connector runs in a process of its own.
    pub isolate: bool,
}

/// Store SKUs by index.
pub trait SkuSource {
    /// How many there are.
    fn len(&self) -> usize;
    /// Whether there is none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// The store SKU at an index below `len`.
    fn store_sku(&self, index: usize) -> &str;
}

impl<T: AsRef<str>> SkuSource for [T] {
    fn len(&self) -> usize {
        <[T]>::len(self)
    }
    fn store_sku(&self, index: usize) -> &str {
        self.get(index).map(AsRef::as_ref).unwrap_or_default()
    }
}

/// A listing as the store shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listing<'a> {
    /// The store SKU.
    pub store_sku: &'a str,
    /// What can be sold, where the connector tells it.
    pub available: Option<i64>,
    /// Its title, where the connector tells it.
    pub title: &'a str,
    /// Its parent product, where the connector tells it.
    pub parent: &'a str,
}

/// A store whose connector is loaded and whose settings are good.
#[derive(Debug)]
pub struct Store {
    spec: StoreSpec,
    project: PathBuf,
    plugin: Opened,
    manifest: Manifest,
    vault: Arc<Vault>,
    way: Arc<Way>,
    limits: Limits,
    // What open orders hold, for stores that take them off themselves; as it was last read.
    held: HashMap<String, i64>,
    // What listings show, for stores that take parents whole; as it was last read.
    shown: HashMap<String, i64>,
    addresses: Addresses,
}

impl Store {
    /// Checks settings and secrets, and opens the connector once for what it says of this store.
    ///
    /// # Errors
    /// The first thing that keeps the store from being worked with.
    pub fn open(
        project: &Path,
        spec: StoreSpec,
        plugin: &Opened,
        limits: Limits,
    ) -> Result<Self, StoreFault> {
        let fault = |what: String| store_fault(&spec, what);
        check_spec(&spec, &plugin.manifest).map_err(fault)?;
        let vault = Arc::new(Vault::new(project, &spec.name, spec.secrets.clone()));
        let loaded = vault.load().map_err(|faults| fault(faults.join("; ")))?;
        let (_, effective) = watched(&spec, plugin, &loaded, limits)
            .map_err(|what| store_fault(&spec, vault.redact(&what)))?;
        let manifest = match effective.as_slice() {
            [] => Manifest::clone(&plugin.manifest),
            effective => read_manifest(effective, &spec.connector)
                .map_err(|what| store_fault(&spec, vault.redact(&what)))?,
        };
        Ok(Self {
            project: project.to_path_buf(),
            plugin: plugin.clone(),
            way: Arc::new(Way::new(&spec.net, &manifest.hosts, &lane(&spec, &manifest))),
            manifest,
            vault,
            limits,
            held: HashMap::new(),
            shown: HashMap::new(),
            addresses: Addresses::default(),
            spec,
        })
    }

    /// The same store again, for another thread: they share its limits, its secrets and its plugin, and nothing that was read.
    #[must_use]
    pub fn twin(&self) -> Self {
        Self {
            spec: self.spec.clone(),
            project: self.project.clone(),
            plugin: self.plugin.clone(),
            manifest: self.manifest.clone(),
            vault: Arc::clone(&self.vault),
            way: Arc::clone(&self.way),
            limits: self.limits,
            held: HashMap::new(),
            shown: HashMap::new(),
            addresses: Addresses::default(),
        }
    }

    /// Forgets what orders held and what listings showed when they were last read: it is read again before it is needed.
    pub fn forget_shown(&mut self) {
        self.held.clear();
        self.shown.clear();
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.spec.name
    }

    /// The connector's name.
    pub fn connector(&self) -> &str {
        &self.spec.connector
    }

    /// SHA-256 of its connector's library, in hexadecimal.
    pub fn plugin_hash(&self) -> &str {
        self.plugin.sha256()
    }

    /// What its connector says of this very store.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// How often it is asked: as its connector says, or less where the configuration wants that.
    pub fn call_limits(&self) -> CallLimits {
        call_limits(&self.spec, &self.manifest)
    }

    /// Are the settings and secrets good? One cheap read; nothing where the connector has none.
    ///
    /// # Errors
    /// They are not, or the connector fails.
    pub fn check(&mut self) -> Result<(), StoreFault> {
        if !self.offers("check") {
            return Ok(());
        }
        self.ask("check", 0, &|_| Page::new(), &mut |_| Ok(()))
    }

    /// Live available quantities: of those wanted where the connector can be asked for some, else of all.
    ///
    /// # Errors
    /// The store cannot be read; what was handed to `sink` before must then not be used.
    pub fn read(
        &mut self,
        wanted: &(impl SkuSource + ?Sized),
        sink: &mut dyn FnMut(&str, i64),
    ) -> Result<(), StoreFault> {
        self.read_columns(wanted, &mut |store_skus, quantities| {
            store_skus.iter().zip(quantities).for_each(|(store_sku, quantity)| sink(store_sku, *quantity));
        })
    }

    /// The same, some rows at a time: store SKUs, and their quantities.
    ///
    /// # Errors
    /// As of [`Store::read`].
    pub fn read_columns(
        &mut self,
        wanted: &(impl SkuSource + ?Sized),
        sink: &mut dyn FnMut(&[&str], &[i64]),
    ) -> Result<(), StoreFault> {
        let some = self.manifest.read == ReadKind::Some;
        if some && wanted.is_empty() {
            return Ok(());
        }
        if !some {
            return self.read_these(wanted, &[], sink).map(drop);
        }
        let mut asked: Vec<usize> =
            (0..wanted.len()).filter(|&index| self.may_send(wanted.store_sku(index))).collect();
        // A second time for those that are not any more where they were.
        for _ in 0..2 {
            self.resolve(wanted, &asked)?;
            asked.retain(|&index| self.is_addressed(wanted.store_sku(index)));
            if asked.is_empty() {
                break;
            }
            let missed = self.read_these(wanted, &asked, sink)?;
            asked = self.lose(wanted, missed);
        }
        Ok(())
    }

    /// Reads in one session; gives back which listings the answer does not have, where listings have addresses.
    fn read_these(
        &mut self,
        wanted: &(impl SkuSource + ?Sized),
        indexes: &[usize],
        sink: &mut dyn FnMut(&[&str], &[i64]),
    ) -> Result<Vec<usize>, StoreFault> {
        let on_hand = self.manifest.quantity_kind == QuantityKind::OnHand;
        let whole = self.manifest.batch.whole_groups;
        let addressed = self.has_addresses() && !indexes.is_empty();
        let (mut held, mut shown) = (std::mem::take(&mut self.held), std::mem::take(&mut self.shown));
        let mut found = HashSet::new();
        let page = |range| sku_page(wanted, indexes.get(range), addressed.then_some(&self.addresses));
        let keeps_nothing = !on_hand && !whole && !addressed;
        let read = self.ask("read", indexes.len(), &page, &mut |rows| {
            if keeps_nothing {
                return hand_on(rows, sink);
            }
            let (mut store_skus, mut quantities) = (Vec::new(), Vec::new());
            for listing in numbers(rows, on_hand)? {
                let (store_sku, available, holds) = listing?;
                if on_hand {
                    held.insert(store_sku.to_owned(), holds);
                }
                if whole {
                    shown.insert(store_sku.to_owned(), available);
                }
                if addressed {
                    found.insert(store_sku.to_owned());
                }
                store_skus.push(store_sku);
                quantities.push(available);
                if quantities.len() == ROWS_TOGETHER {
                    sink(&store_skus, &quantities);
                    store_skus.clear();
                    quantities.clear();
                }
            }
            sink(&store_skus, &quantities);
            Ok(())
        });
        (self.held, self.shown) = (held, shown);
        read?;
        let missed = |index: &&usize| addressed && !found.contains(wanted.store_sku(**index));
        Ok(indexes.iter().filter(missed).copied().collect())
    }

    /// Every listing.
    ///
    /// # Errors
    /// The store cannot be read; what was handed to `sink` before must then not be used.
    pub fn listings(&mut self, sink: &mut dyn FnMut(Listing<'_>)) -> Result<(), StoreFault> {
        let on_hand = self.manifest.quantity_kind == QuantityKind::OnHand;
        self.ask("listings", 0, &|_| Page::new(), &mut |rows| {
            let skus = rows.texts(column_id::STORE_SKU).ok_or("gave listings without store SKUs")?;
            let (quantities, held) = (rows.i64s(column_id::QUANTITY), rows.i64s(column_id::HELD));
            let (titles, parents) = (rows.texts(column_id::TEXT), rows.texts(column_id::PARENT));
            for row in 0..rows.len() {
                let taken = if on_hand { held.and_then(|held| held.get(row)) } else { Some(0) };
                let available = quantities.and_then(|all| all.get(row)).zip(taken);
                sink(Listing {
                    store_sku: skus.get(row).unwrap_or_default(),
                    available: available.map(|(quantity, taken)| quantity.saturating_sub(taken)),
                    title: titles.and_then(|titles| titles.get(row)).unwrap_or_default(),
                    parent: parents.and_then(|parents| parents.get(row)).unwrap_or_default(),
                });
            }
            Ok(())
        })
    }

    fn ask(
        &self,
        name: &'static str,
        items: usize,
        page: &dyn Fn(Range<usize>) -> Page,
        answer: &mut dyn FnMut(&Rows<'_>) -> Result<(), String>,
    ) -> Result<(), StoreFault> {
        if !self.offers(name) {
            return Err(self.fault(&format!("cannot `{name}`: its manifest does not offer it")));
        }
        let (mut session, _) = self.session().map_err(|what| self.fault(&what))?;
        let mut operation =
            Operation { name, idempotency_key: String::new(), items, page, answer, news: News::None };
        match session.run(&mut operation) {
            Ok(Ended { error: None, .. }) => Ok(()),
            Ok(Ended { error: Some(what), .. }) | Err(what) => Err(self.fault(&what)),
        }
    }

    /// A store SKU that looks like a secret's placeholder would be filled in with the secret, in a request that the
    /// connector makes of it.
    fn may_send(&self, store_sku: &str) -> bool {
        self.manifest.hosts.is_empty() || !holds_placeholder(store_sku)
    }

    fn offers(&self, operation: &str) -> bool {
        self.manifest.operations.iter().any(|name| name == operation)
    }

    /// Requests side by side, as connector and configuration allow; 0 where neither names a number.
    fn concurrency(&self) -> u32 {
        concurrency(&self.spec, &self.manifest)
    }

    fn session(&self) -> Result<(Session, Vec<u8>), String> {
        let loaded = self.vault.load().map_err(|faults| faults.join("; "))?;
        let (plugin, effective) = watched(&self.spec, &self.plugin, &loaded, self.limits)?;
        let transport = Transport::new(&self.way, Keyring::new(&self.vault, &loaded));
        Ok((Session::new(plugin, self.course(transport)), effective))
    }

    fn course(&self, transport: Transport) -> Course {
        Course::new(Files::new(&self.project, self.spec.alone), transport, self.limits)
    }

    fn fault(&self, what: &str) -> StoreFault {
        store_fault(&self.spec, self.vault.redact(what))
    }
}

fn watched(
    spec: &StoreSpec,
    plugin: &Opened,
    loaded: &Loaded,
    limits: Limits,
) -> Result<(Watched, Vec<u8>), String> {
    Watched::open(plugin, config(spec, loaded)?, limits.step())
}

/// What a session is opened with.
fn config(spec: &StoreSpec, loaded: &Loaded) -> Result<Vec<u8>, String> {
    let config = OpenConfig {
        format_version: FORMAT_VERSION,
        store: spec.name.clone(),
        settings: spec.settings.clone(),
        secrets: loaded.secrets.names(),
        secret_expires: loaded.expires.clone(),
    };
    serde_json::to_vec(&config).map_err(|error| format!("cannot be told its settings: {error}"))
}

fn lane(spec: &StoreSpec, manifest: &Manifest) -> Arc<Lane> {
    let theirs = &manifest.limits;
    let account = theirs.account.as_deref().filter(|_| theirs.scope.as_deref() == Some("account"));
    let pace = match account {
        Some(account) => format!("account {} {account}", spec.connector),
        None => format!("store {}", spec.name),
    };
    let turns = spec.net.turns(&pace, call_limits(spec, manifest), theirs.points_per_second);
    spec.net.lane(&spec.name, || Lane::new(concurrency(spec, manifest), turns, spec.net.settings()))
}

fn call_limits(spec: &StoreSpec, manifest: &Manifest) -> CallLimits {
    let (requests_per_second, burst) = (manifest.limits.requests_per_second, manifest.limits.burst);
    CallLimits { requests_per_second, burst }.at_most(spec.requests_per_second)
}

fn concurrency(spec: &StoreSpec, manifest: &Manifest) -> u32 {
    let theirs = manifest.limits.concurrency;
    match spec.concurrency {
        Some(ours) if theirs == 0 || ours < theirs => ours,
        _ => theirs,
    }
}

fn store_fault(spec: &StoreSpec, what: String) -> StoreFault {
    StoreFault { store: spec.name.clone(), connector: spec.connector.clone(), what, help: None }
}

fn check_spec(spec: &StoreSpec, manifest: &Manifest) -> Result<(), String> {
    let secrets: Value = spec.secrets.keys().map(|name| (name.clone(), Value::from(""))).collect();
    let settings = match &spec.settings {
        Value::Null => &Value::Object(serde_json::Map::new()),
        settings => settings,
    };
    let of = |what: &str, faults: Vec<(String, String)>| -> Vec<String> {
        faults
            .into_iter()
            .map(|(at, fault)| format!("{what} `{}` {fault}", clean(at.trim_start_matches('/'))))
            .collect()
    };
    let mut faults = of("setting", check_settings(&manifest.settings, settings));
    faults.extend(of("secret", check_settings(&manifest.secrets, &secrets)));
    if faults.is_empty() { Ok(()) } else { Err(faults.join("; ")) }
}

fn sku_page(
    wanted: &(impl SkuSource + ?Sized),
    indexes: Option<&[usize]>,
    addresses: Option<&Addresses>,
) -> Page {
    let skus = indexes.unwrap_or_default().iter().map(|&index| wanted.store_sku(index));
    let page = Page::new().texts(column_id::STORE_SKU, skus.clone().collect::<TextColumn>());
    addresses.map_or(page.clone(), |addresses| address_columns(page, skus, addresses))
}

fn address_columns<'a>(
    page: Page,
    store_skus: impl Iterator<Item = &'a str> + Clone,
    addresses: &Addresses,
) -> Page {
    let texts = |text: fn(&Address) -> &str| -> TextColumn {
        store_skus.clone().map(|store_sku| addresses.of(store_sku).map_or("", text)).collect()
    };
    page.texts(column_id::ADDRESS, texts(|address| &address.address))
        .texts(column_id::PARENT, texts(|address| &address.parent))
}
