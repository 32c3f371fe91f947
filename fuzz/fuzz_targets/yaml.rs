//! Any text is read as `stocksync.yaml`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use stocksync::config::read;
use stocksync::source::Sources;

fuzz_target!(|text: &str| {
    let mut sources = Sources::new();
    let file = sources.add("stocksync.yaml", text);
    let (config, found) = read(file, text);
    stocksync_fuzz::judge(&sources, &found);
    let declared = config.declared();
    assert_eq!(declared.stores.len(), config.stores.len());
    assert!(config.rules_max >= 1);
});
