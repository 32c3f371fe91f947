//! What several subjects ask of the program in the same way.

use crate::folder::{Folder, Ran};
use crate::served::TOKEN;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// The folder of the project itself.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Each line: the exit code, then the arguments.
#[track_caller]
pub fn codes(folder: &Folder, table: &[(i32, &[&str])]) {
    for (code, args) in table {
        let ran = folder.run(args);
        assert_eq!(ran.code, *code, "{args:?}\n{}\n{}", ran.out, ran.err);
    }
}

/// What a run printed, as JSON.
pub fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.out).unwrap_or_else(|fault| panic!("{fault}\n{}\n{}", ran.out, ran.err))
}

/// A project whose stores show what they should, with these lines more in `stocksync.yaml`.
pub fn synced_shop(config: &str) -> Folder {
    let folder = Folder::shop();
    let lines = fs::read_to_string(folder.path().join("stocksync.yaml")).unwrap();
    folder.write("stocksync.yaml", format!("{lines}{config}\n"));
    folder.write("token", TOKEN);
    let ran = folder.run(&["sync", "--yes"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    folder
}
