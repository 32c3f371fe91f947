//! `stocksync man` and `stocksync completions`: made from the arguments themselves.

use super::args::{Cli, Completions, Man};
use super::exit::{Exit, Stop};
use super::output::Output;
use clap::CommandFactory;
use std::fs;
use std::path::Path;

pub(super) fn man(args: &Man, output: &mut Output) -> Result<Exit, Stop> {
    let command = Cli::command();
    match &args.dir {
        None => clap_mangen::Man::new(command).render(&mut output.out)?,
        Some(dir) => {
            fs::create_dir_all(dir)
                .map_err(|fault| Stop::failed(format_args!("`{}`: {fault}", dir.display())))?;
            pages(command, "stocksync", dir)?;
        }
    }
    Ok(Exit::Done)
}

/// A page for a command and for each below it.
fn pages(command: clap::Command, name: &str, dir: &Path) -> Result<(), Stop> {
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        pages(sub.clone(), &format!("{name}-{}", sub.get_name()), dir)?;
    }
    let mut page = Vec::new();
    // Names of commands live as long as the program: a page for each is written once.
    let page_name: &'static str = String::leak(name.to_owned());
    // The name of a page is the whole command: `stocksync-connectors-list`.
    clap_mangen::Man::new(command.name(page_name)).render(&mut page)?;
    let path = dir.join(format!("{name}.1"));
    fs::write(&path, page)
        .map_err(|fault| Stop::failed(format_args!("cannot write `{}`: {fault}", path.display())))
}

pub(super) fn completions(args: &Completions, output: &mut Output) -> Exit {
    clap_complete::generate(args.shell, &mut Cli::command(), "stocksync", &mut output.out);
    Exit::Done
}
