//! `stocksync connectors new`: a crate that compiles, and passes the contract suite over a marketplace in memory.

use crate::shell::args::NewConnector;
use crate::shell::exit::{Exit, Stop};
use crate::shell::locate;
use crate::shell::output::Output;
use std::fs;
use std::path::{Path, PathBuf};

/// What stands in the crate: its path, and the text with `__name__` and the like in it.
const FILES: &[(&str, &str)] = &[
    ("Cargo.toml", include_str!("template/manifest.toml")),
    ("src/lib.rs", include_str!("template/lib.rs")),
    ("src/tests.rs", include_str!("template/tests.rs")),
    (".gitignore", "target\n"),
];

pub(in crate::shell) fn new(
    args: &NewConnector,
    folder: Option<&Path>,
    output: &mut Output,
) -> Result<Exit, Stop> {
    let name = &args.name;
    if !locate::is_name(name) {
        return Err(Stop::failed(format_args!(
            "`{}` cannot be the name of a connector",
            crate::report::clean(name)
        ))
        .with_help(locate::NAME_FORM));
    }
    let named = args.dir.clone().unwrap_or_else(|| PathBuf::from(name));
    let dir = folder.unwrap_or(Path::new("")).join(named);
    let given = args.sdk.as_ref().map(|sdk| folder.unwrap_or(Path::new("")).join(sdk));
    let sdk = sdk(&dir, given.as_deref())?;
    if dir.join("Cargo.toml").exists() || dir.join("src").exists() {
        return Err(Stop::failed(format_args!("there is a crate in `{}` already", dir.display()))
            .with_help("name another folder with --dir"));
    }
    for (path, text) in FILES {
        let text = text
            .replace("__name__", name)
            .replace("__ident__", &name.replace('-', "_"))
            .replace("__sdk__", &sdk);
        write(&dir.join(path), &text)?;
    }
    output.say(format_args!("made a connector in `{}`", dir.display()));
    output.say("next: cargo test there; then what is marked YOURS in src/lib.rs and src/tests.rs");
    Ok(Exit::Done)
}

/// How the crate names the SDK: by the path that was given, by the one beside it in this program's own tree, else by its version.
fn sdk(dir: &Path, given: Option<&Path>) -> Result<String, Stop> {
    let path = match given {
        Some(path) => {
            let is_sdk = path.join("Cargo.toml").is_file();
            let absolute = fs::canonicalize(path).ok().filter(|_| is_sdk);
            let absolute = absolute.ok_or_else(|| {
                Stop::failed(format_args!("there is no SDK in `{}`", path.display()))
                    .with_help("--sdk takes the folder `plugins/sdk` of stocksync's sources")
            })?;
            absolute.display().to_string()
        }
        None if dir.parent().is_some_and(|parent| parent.join("sdk/Cargo.toml").is_file()) => {
            "../sdk".to_owned()
        }
        None => return Ok(format!("\"{}\"", env!("CARGO_PKG_VERSION"))),
    };
    Ok(format!("{{ path = {} }}", serde_json::Value::from(path)))
}

fn write(path: &Path, text: &str) -> Result<(), Stop> {
    let cannot =
        |error: std::io::Error| Stop::failed(format_args!("cannot write `{}`: {error}", path.display()));
    path.parent().map_or(Ok(()), fs::create_dir_all).map_err(cannot)?;
    fs::write(path, text).map_err(cannot)
}
