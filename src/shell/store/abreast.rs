//! Writing many batches of one store side by side, where its connector uses a session again: each is an operation of its own, with an end of
//! its own.

use super::write::{Answers, ItemSource, NOT_OFFERED, Refused, Written, all_refused};
use super::{Store, config};
use crate::shell::fault::StoreFault;
use crate::shell::plugin::PAGE_ROWS_MAX;
use crate::shell::secrets::{Keyring, Loaded};
use crate::shell::session::{Abreast, Job, Ran};
use crate::shell::transport::Transport;
use std::collections::HashMap;
use std::sync::Arc;

/// What is under way of one store.
pub struct Writer<'s> {
    store: &'s Store,
    abreast: Abreast<Answers>,
    config: Arc<Vec<u8>>,
    under_way: HashMap<u64, Refused>,
    /// Those that ended before they began.
    ended: Vec<(u64, Written)>,
}

impl Store {
    /// Whether many batches may be written by one [`Writer`].
    pub fn writes_abreast(&self) -> bool {
        self.manifest.reusable && self.plugin.apart().is_none()
    }

    /// Begins to write. So many batches that have ended are told at once, if that does not take long.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn writer(&self, together: usize) -> Result<Writer<'_>, StoreFault> {
        let abreast = Abreast::start(&self.plugin, self.limits.step(), together);
        let abreast = abreast.map_err(|what| self.fault(&what))?;
        Ok(Writer {
            store: self,
            abreast,
            config: Arc::default(),
            under_way: HashMap::new(),
            ended: Vec::new(),
        })
    }
}

impl Writer<'_> {
    /// Begins to send batches, each with its name and its key; [`Store::prepare`] was asked for their items before.
    pub fn give<I: ItemSource>(&mut self, batches: &[(u64, I, String)]) {
        let store = self.store;
        let loaded = match store.offers("write") {
            true => store.vault.load().map_err(|faults| faults.join("; ")),
            false => Err(NOT_OFFERED.to_owned()),
        };
        let loaded = loaded.and_then(|loaded| self.open_with(&loaded).map(|()| loaded));
        for (id, items, key) in batches {
            let (refused, lines) = store.sift(items);
            if lines.is_empty() {
                self.ended.push((*id, all_refused(refused)));
                continue;
            }
            let loaded = match &loaded {
                Ok(loaded) => loaded,
                Err(what) => {
                    let written = store.written(items, refused, Vec::new(), Err(what.clone()), false);
                    self.ended.push((*id, written));
                    continue;
                }
            };
            let keys = Keyring::new(&store.vault, loaded);
            let transport = Transport::telling(&store.way, keys, self.abreast.landing(*id));
            self.under_way.insert(*id, refused);
            self.abreast.give(Job {
                id: *id,
                config: Arc::clone(&self.config),
                key: key.clone(),
                pages: lines.chunks(PAGE_ROWS_MAX).map(|lines| store.line_page(lines)).collect(),
                course: store.course(transport),
                taking: Answers::none(lines.len(), &store.vault),
            });
        }
    }

    /// Waits for some to end; none where none is under way. `items` gives those of a batch.
    pub fn ended<I: ItemSource>(&mut self, items: impl Fn(u64) -> I) -> Vec<(u64, Written)> {
        if !self.ended.is_empty() {
            return std::mem::take(&mut self.ended);
        }
        let mut ended = Vec::new();
        for Ran { id, ended: run, touched, taking } in self.abreast.ended() {
            let Some(refused) = self.under_way.remove(&id) else { continue };
            let told = taking.map(|answers| answers.told).unwrap_or_default();
            ended.push((id, self.store.written(&items(id), refused, told, run, touched)));
        }
        ended
    }

    /// Sessions are opened with the very same as long as nothing of it changes.
    fn open_with(&mut self, loaded: &Loaded) -> Result<(), String> {
        let config = config(&self.store.spec, loaded)?;
        if config != *self.config {
            self.config = Arc::new(config);
        }
        Ok(())
    }
}
