//! The shop as it is asked.

use crate::described::Described;
use std::sync::Arc;
use stocksync_sdk::flow::{Api, Client, Ended, Judged, Link, Request, Response, Trouble};

pub(crate) type Asked = Client<Site>;

/// A shop, and what its answers are taken for.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    pub(crate) shop: Arc<Described>,
    takes_text: bool,
}

impl Site {
    /// Its answers are JSON.
    pub(crate) fn new(shop: Arc<Described>) -> Self {
        Self { shop, takes_text: false }
    }

    /// The same, where an answer need not be JSON: nobody looks into it.
    pub(crate) fn unread(shop: &Asked) -> Asked {
        let link: Link = shop.link().clone();
        Client::new(Self { takes_text: true, ..shop.api().clone() }, link)
    }
}

/// An operation that changes nothing, and failed.
pub(crate) fn ended(trouble: Trouble) -> Ended {
    Ended::refused(trouble.text())
}

impl Api for Site {
    fn judge(&self, response: &Response) -> Judged {
        self.shop.errors.judge(response, self.takes_text)
    }

    fn is_stale(&self, _: i64) -> bool {
        false
    }

    fn refresh(&self, _: i64) -> Option<Request> {
        None
    }

    fn refreshed(&self, _: &Response) -> Result<(), String> {
        Ok(())
    }
}
