//! Where the tests' own builds of the connectors stand.

use std::path::PathBuf;

/// The folder that `cargo test` builds shared libraries into: that of the test itself. An older library that `cargo build` left
/// beside the program would be found first.
pub fn plugins() -> PathBuf {
    std::env::current_exe().unwrap().parent().unwrap().to_path_buf()
}
