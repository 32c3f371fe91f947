//! `--watch`: runs the tests again where rules or configuration changed.

use crate::shell::exit::{Exit, Stop};
use crate::shell::output::Output;
use crate::shell::seen::{LOOK, Seen, Watch, changed_text, look};
use std::path::{Path, PathBuf};
use std::thread;

/// Runs once, then again and again; ends where nobody reads any more, or by Ctrl-C.
pub(super) fn run(
    root: PathBuf,
    mut once: impl FnMut(PathBuf, &mut Output) -> (Option<String>, Result<Exit, Stop>),
    output: &mut Output,
) -> Result<Exit, Stop> {
    let mut rules = "rules".to_owned();
    loop {
        // Looked at before it is read: what changes meanwhile is seen as a change.
        let before = look(&root, &rules, []);
        let (found, ended) = once(root.clone(), output);
        rules = found.unwrap_or(rules);
        if let Err(stop) = ended {
            if stop.exit == Exit::Done {
                return Err(stop);
            }
            crate::shell::say(stop, output);
        }
        output.out.flush()?;
        output.say(format_args!("watching `{rules}` and `stocksync.yaml`; Ctrl-C ends it"));
        let changed = wait(&root, &rules, before);
        output.say(format_args!("\n{}", changed_text(&root, &changed)));
    }
}

fn wait(root: &Path, rules: &str, before: Seen) -> Vec<PathBuf> {
    let mut watch = Watch::new(before);
    loop {
        if let Some(changed) = watch.next(look(root, rules, [])) {
            return changed;
        }
        thread::sleep(LOOK);
    }
}
