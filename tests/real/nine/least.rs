//! The fewest requests that each store's rules allow, for listings of which each must be raised.

use super::super::shops::is_alone;
use std::collections::BTreeSet;

/// How many requests are needed.
pub struct Asked {
    /// Once for a session: a token.
    log_in: usize,
    /// To find out where the listings are.
    resolve: usize,
    /// To read them.
    read: usize,
    /// To read them once more before they are raised, where the store cannot compare by itself.
    look: usize,
    /// To write them, and to see that they are there.
    write: usize,
}

impl Asked {
    /// The first plan.
    pub fn plan(&self) -> usize {
        self.log_in + self.resolve + self.read
    }

    /// A sync with a transcript, which stands by itself: addresses are asked for in it.
    pub fn sync(&self) -> usize {
        self.resolve + self.read + self.look + self.write
    }

    /// A plan after it.
    pub fn read(&self) -> usize {
        self.read
    }
}

/// Products of the first so many listings: those that are one by themselves, and those with variations.
fn products(listings: usize) -> (usize, usize) {
    let alone = (0..listings).filter(|number| is_alone(*number)).count();
    let parents: BTreeSet<usize> =
        (0..listings).filter(|number| !is_alone(*number)).map(|number| number / 6).collect();
    (alone, parents.len())
}

/// What a store's rules allow. The Medusa has so many inventory items, those that are no listings among them.
pub fn least(name: &str, listings: usize, in_medusa: usize) -> Asked {
    let (alone, parents) = products(listings);
    let by = |max: usize| listings.div_ceil(max);
    let none = Asked { log_in: 0, resolve: 0, read: 0, look: 0, write: 0 };
    match name {
        // 20 listings a search. A feed: its document, the upload, the feed itself; how far it is, where its report is, the report; and the listings.
        "amazon" => Asked { log_in: 1, resolve: by(20), read: by(20), look: by(20), write: 3 + 3 + by(20) },
        // 50 products a page, with all of their SKUs; 20 SKUs a write.
        "lazada" => {
            let pages = (alone + parents).div_ceil(50);
            Asked { resolve: pages, read: pages, look: pages, write: by(20) + pages, ..none }
        }
        // 100 ids a page, 20 items a request; an item a write, and one with variations is looked at before, since a variation that is not sent is deleted.
        "mercadolibre" => {
            let read = (alone + parents).div_ceil(20);
            Asked {
                log_in: 1,
                resolve: (alone + parents).div_ceil(100) + read,
                read,
                look: read,
                write: alone + 2 * parents,
            }
        }
        // 100 items a page, 50 without models a request, and one with models; an item a write.
        "shopee" => {
            let read = alone.div_ceil(50) + parents;
            let resolve = (alone + parents).div_ceil(100) + (alone + parents).div_ceil(50) + parents;
            Asked { resolve, read, look: read, write: alone + parents, ..none }
        }
        // 100 SKUs a search, 250 ids a read or write, which compares.
        "shopify" => Asked { resolve: by(100), read: by(250), write: by(250), ..none },
        // 100 products a page, 600 SKUs a read; a product a write.
        "tiktok" => {
            let resolve = (alone + parents).div_ceil(100);
            Asked { resolve, read: by(600), look: by(600), write: alone + parents + by(600), ..none }
        }
        // 99 SKUs a search; 100 products a write, and one for the variations of each.
        "woocommerce" => Asked {
            resolve: by(99),
            read: by(99),
            look: by(99),
            write: alone.div_ceil(100) + parents,
            ..none
        },
        // 1000 a page and a write, all of which a body of 100 kB holds; the stock location.
        "vendure" => Asked { resolve: by(1000) + 1, read: by(1000), look: by(1000), write: by(1000), ..none },
        // 1000 a page and a write; to read all takes fewer than to ask for 100 SKUs at a time.
        "medusa" => {
            let all = in_medusa.div_ceil(1000).min(by(100));
            Asked { resolve: all, read: all, look: all, write: by(1000), ..none }
        }
        _ => none,
    }
}
