//! The way to one store: what all its sessions share, made when the first request is sent.

use crate::shell::net::{Finishing, Lane, Net, NetSettings, Tape};
use reqwest::Client;
use std::sync::{Arc, OnceLock};

/// Where requests of a store may go, and how.
#[derive(Debug)]
pub struct Way {
    net: Net,
    hosts: Arc<[String]>,
    lane: Arc<Lane>,
    ground: OnceLock<Result<Arc<Ground>, String>>,
}

/// What every request needs.
#[derive(Debug)]
pub(super) struct Ground {
    pub(super) client: Client,
    pub(super) tape: Option<Arc<Tape>>,
    pub(super) settings: NetSettings,
    pub(super) finishing: Finishing,
    pub(super) hosts: Arc<[String]>,
    pub(super) lane: Arc<Lane>,
}

impl Way {
    /// Requests to `hosts`, on this lane.
    pub fn new(net: &Net, hosts: &[String], lane: &Arc<Lane>) -> Self {
        Self { net: net.clone(), hosts: hosts.into(), lane: Arc::clone(lane), ground: OnceLock::new() }
    }

    pub(super) fn net(&self) -> &Net {
        &self.net
    }

    pub(super) fn lane(&self) -> &Lane {
        &self.lane
    }

    /// # Errors
    /// The system gives no network.
    pub(super) fn ground(&self, store: &str) -> Result<Arc<Ground>, String> {
        self.ground.get_or_init(|| self.made(store).map(Arc::new)).clone()
    }

    fn made(&self, store: &str) -> Result<Ground, String> {
        Ok(Ground {
            client: self.net.client()?,
            tape: self.net.tape(store)?,
            settings: self.net.settings().clone(),
            finishing: self.net.finishing()?,
            hosts: Arc::clone(&self.hosts),
            lane: Arc::clone(&self.lane),
        })
    }
}
