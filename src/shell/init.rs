//! `stocksync init`: the example, as a project of the user's own.

use super::Run;
use super::args::Init;
use super::exit::{Exit, Stop};
use super::output::Output;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Every file of a new project.
const FILES: &[(&str, &str)] = &[
    ("stocksync.yaml", include_str!("../../rules/project/stocksync.yaml")),
    ("rules/lists.sync", include_str!("../../rules/lists.sync")),
    ("rules/sneakers.sync", include_str!("../../rules/sneakers.sync")),
    ("rules/campaign.sync", include_str!("../../rules/campaign.sync")),
    ("rules/everyday.sync", include_str!("../../rules/everyday.sync")),
    ("catalog/skus.csv", include_str!("../../rules/project/catalog/skus.csv")),
    ("catalog/stock.csv", include_str!("../../rules/project/catalog/stock.csv")),
    ("catalog/mappings.csv", include_str!("../../rules/project/catalog/mappings.csv")),
    ("catalog/bundles.csv", include_str!("../../rules/project/catalog/bundles.csv")),
    ("stores/shopee_id.csv", include_str!("../../rules/project/stores/shopee_id.csv")),
    ("stores/lazada_id.csv", include_str!("../../rules/project/stores/lazada_id.csv")),
    ("stores/tiktok_id.csv", include_str!("../../rules/project/stores/tiktok_id.csv")),
    ("stores/outlet.csv", include_str!("../../rules/project/stores/outlet.csv")),
];

pub(super) fn run(args: &Init, run: &Run, output: &mut Output) -> Result<Exit, Stop> {
    let folder = match (&args.dir, &run.folder) {
        (Some(dir), Some(base)) => base.join(dir),
        (Some(dir), None) => dir.clone(),
        (None, Some(base)) => base.clone(),
        (None, None) => PathBuf::from("."),
    };
    // Nothing is written unless all can be: a half-made project helps nobody.
    if let Some((name, _)) = FILES.iter().find(|(name, _)| folder.join(name).exists()) {
        return Err(Stop::failed(format_args!("`{}` is there already", folder.join(name).display()))
            .with_help("choose an empty folder: `stocksync init DIR`"));
    }
    for (name, text) in FILES {
        write(&folder.join(name), text)?;
    }
    for (name, _) in FILES {
        writeln!(output.out, "{}", folder.join(name).display())?;
    }
    let dir = if folder == Path::new(".") { String::new() } else { format!("-C {} ", folder.display()) };
    output.say(format_args!("\nnow: stocksync {dir}lint && stocksync {dir}plan"));
    Ok(Exit::Done)
}

fn write(path: &Path, text: &str) -> Result<(), Stop> {
    let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| {
        // `create_new`: a file that came into being meanwhile is somebody's.
        fs::OpenOptions::new().write(true).create_new(true).open(path)?.write_all(text.as_bytes())
    });
    written.map_err(|fault| Stop::failed(format_args!("cannot write `{}`: {fault}", path.display())))
}
