//! The connector against a simulated shop, and against answers as the documents show them.

mod documents;
mod shop;

use crate::TikTok;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::rc::Rc;
use stocksync_sdk::abi::outcome::{FAILED, SENT};
use stocksync_sdk::ffi::RawPlugin;
use stocksync_sdk::flow::Flow;
use stocksync_sdk::kit::{Item, Run, World};
use stocksync_sim::memory::{Memory, shared};
use stocksync_sim::{Listing, Marketplace, Setup};

pub(crate) type Shared = Rc<RefCell<Memory<stocksync_sim::tiktok::TikTok>>>;

pub(crate) fn plugin() -> RawPlugin {
    RawPlugin::of::<Flow<TikTok>>()
}

pub(crate) fn simulated() -> stocksync_sim::tiktok::TikTok {
    let listings = vec![
        Listing::new("MUG-1", 5),
        Listing::new("MUG-2", 6),
        Listing::new("S-1", 1).of("SHIRT"),
        Listing::new("S-2", 2).of("SHIRT"),
        Listing::new("S-3", 3).of("SHIRT"),
    ];
    stocksync_sim::tiktok::TikTok::new(&Setup { listings, ..Setup::default() })
}

pub(crate) fn settings() -> Value {
    simulated().settings("https://api.example")
}

/// The simulated shop behind a memory.
pub(crate) fn with<T>(memory: &Shared, look: impl FnOnce(&mut stocksync_sim::tiktok::TikTok) -> T) -> T {
    look(&mut memory.borrow_mut().market)
}

#[track_caller]
pub(crate) fn run(world: &mut World, settings: &Value, operation: &str, items: &[Item]) -> Run {
    let run = Run::of(plugin(), world, settings, operation, items);
    assert_eq!(run.faults, [""; 0]);
    run
}

pub(crate) fn outcomes(run: &Run) -> Vec<(u8, &str)> {
    (0..run.outcomes.len()).filter_map(|item| run.outcome(item)).collect()
}

#[test]
fn settings_are_judged() {
    let open = |change: Value| {
        let mut settings = settings();
        settings.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let mut world = World::new().secret("app_secret", "k").secret("access_token", "t");
        Run::of(plugin(), &mut world, &settings, "check", &[]).end.unwrap().unwrap_err()
    };
    assert_eq!(open(json!({ "app_key": "" })), "the setting `app_key` must be a text");
    assert_eq!(
        open(json!({ "shop_cipher": "{{secret:app_secret}}" })),
        "the setting `shop_cipher` must be a text"
    );
    let auth_url = "the setting `auth_url` must be like `https://api.example.com`, without a path";
    assert_eq!(open(json!({ "auth_url": "https://a/b" })), auth_url);
}

#[test]
fn outcomes_are_counted() {
    let (mut world, _) = shared(simulated());
    let run = run(&mut world, &settings(), "write", &[Item::new("S-1", 4), Item::new("gone", 1)]);
    assert_eq!(outcomes(&run), [(SENT, ""), (FAILED, "not-found: the store does not have it")]);
}
