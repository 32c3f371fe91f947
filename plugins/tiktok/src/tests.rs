//! The connector against a simulated shop, and against answers as the documents show them.

mod documents;
mod shop;

use crate::TikTok;
use serde_json::{Value, json};
use stocksync_sdk::abi::outcome::{FAILED, SENT};
use stocksync_sdk::ffi::RawPlugin;
use stocksync_sdk::flow::Flow;
use stocksync_sdk::kit::{Item, Run, World};
use stocksync_sim::memory::shared;
use stocksync_sim::{Marketplace, Setup};

pub(crate) fn plugin() -> RawPlugin {
    RawPlugin::of::<Flow<TikTok>>()
}

pub(crate) fn simulated() -> stocksync_sim::tiktok::TikTok {
    stocksync_sim::tiktok::TikTok::new(&Setup::mugs_and_shirts())
}

pub(crate) fn settings() -> Value {
    simulated().settings("https://api.example")
}

#[track_caller]
pub(crate) fn run(world: &mut World, settings: &Value, operation: &str, items: &[Item]) -> Run {
    Run::to_the_end(plugin(), world, settings, operation, items)
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
    assert_eq!(run.told(), [(SENT, ""), (FAILED, "not-found: the store does not have it")]);
}
