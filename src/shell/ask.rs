//! Asks a person.

use super::exit::Stop;
use super::output::Output;
use std::io::{BufRead, Write};

/// Whether a person says yes. Where nobody is there, the run ends and says how to go on.
pub(super) fn ask(question: &str, output: &mut Output) -> Result<bool, Stop> {
    if !output.interactive {
        return Err(Stop::failed("nobody is there to be asked").with_help("`--yes` writes without asking"));
    }
    output.out.flush()?;
    write!(output.err, "{question} [y/N] ")?;
    output.err.flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
