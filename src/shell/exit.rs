//! Exit codes, the same for every command, and what ends a run.

use super::state::{StateFault, StateFaultKind};
use std::fmt;

/// How a run ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exit {
    /// Nothing to report.
    Done,
    /// Findings, failed tests, a prompt answered no, or changes where asked for.
    Findings,
    /// Could not run, or not all of it.
    Failed,
    /// No rule file or no test was found.
    NothingChecked,
    /// A guard refused the plan.
    Guarded,
    /// The plan is stale, used, or made for other rules.
    Stale,
    /// Some writes failed, are unknown, or were left out.
    Partial,
    /// Interrupted.
    Interrupted,
}

impl Exit {
    /// The process's exit code.
    pub const fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::Findings => 1,
            Exit::Failed => 2,
            Exit::NothingChecked => 3,
            Exit::Guarded => 4,
            Exit::Stale => 5,
            Exit::Partial => 6,
            Exit::Interrupted => 130,
        }
    }

    /// Of two that hold at once, the one that is reported.
    #[must_use]
    pub fn or(self, other: Exit) -> Exit {
        const FIRST: [Exit; 8] = [
            Exit::Interrupted,
            Exit::Failed,
            Exit::Stale,
            Exit::Guarded,
            Exit::Partial,
            Exit::NothingChecked,
            Exit::Findings,
            Exit::Done,
        ];
        FIRST.into_iter().find(|&exit| exit == self || exit == other).unwrap_or(self)
    }
}

/// What ends a run early: one line for a person, and how to go on.
#[derive(Debug)]
pub struct Stop {
    /// The exit code.
    pub exit: Exit,
    /// What went wrong; empty where it was said already.
    pub message: String,
    /// How to put it right.
    pub help: Option<String>,
}

impl Stop {
    /// A run that could not go on.
    pub fn failed(message: impl fmt::Display) -> Self {
        Self { exit: Exit::Failed, message: message.to_string(), help: None }
    }

    /// A run that ends with `exit`, everything having been said.
    pub fn quiet(exit: Exit) -> Self {
        Self { exit, message: String::new(), help: None }
    }

    /// The same with another exit code.
    #[must_use]
    pub fn with_exit(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }

    /// The same, with how to put it right.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl From<std::io::Error> for Stop {
    /// An error of writing results; a closed pipe ends quietly.
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::BrokenPipe => Stop::quiet(Exit::Done),
            _ => Stop::failed(format_args!("cannot write the output: {error}")),
        }
    }
}

impl From<StateFault> for Stop {
    fn from(fault: StateFault) -> Self {
        let exit = match fault.kind {
            StateFaultKind::PlanFinished => Exit::Stale,
            StateFaultKind::Held | StateFaultKind::Unusable | StateFaultKind::Overtaken(_) => Exit::Failed,
        };
        Self { exit, message: fault.message, help: fault.help }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_the_first_of_2_5_4_6_3_1_is_reported() {
        let order = [2, 5, 4, 6, 3, 1, 0];
        let all = [
            Exit::Failed,
            Exit::Stale,
            Exit::Guarded,
            Exit::Partial,
            Exit::NothingChecked,
            Exit::Findings,
            Exit::Done,
        ];
        for (i, a) in all.into_iter().enumerate() {
            assert_eq!(a.code(), order[i]);
            for (j, b) in all.into_iter().enumerate() {
                assert_eq!(a.or(b), all[i.min(j)]);
            }
        }
    }
}
