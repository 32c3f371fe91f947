//! How one SKU's numbers came to be: for the person who is called at night, and for programs.

mod json;
mod text;

pub(super) use json::story as story_json;

use super::Color;
use crate::trace::{Considered, Trace, Verdict};
use std::io::{self, Write};

/// Everything that a story is told from.
pub struct WhyReport<'a> {
    /// The story.
    pub trace: &'a Trace,
    /// Whether the terminal shows colours.
    pub color: Color,
}

/// One format of `why`.
pub struct WhyFormat {
    /// As it is named on the command line.
    pub name: &'static str,
    /// Writes the story.
    pub render: fn(&WhyReport, &mut dyn Write) -> io::Result<()>,
}

/// Every format of `why`; the first is the default.
pub static WHY_FORMATS: &[WhyFormat] =
    &[WhyFormat { name: "text", render: text::render }, WhyFormat { name: "json", render: json::render }];

/// The rule that gives the numbers.
fn winner(trace: &Trace) -> Option<&Considered> {
    trace.considered.iter().find(|considered| considered.verdict == Verdict::Won)
}

/// What became of a rule, for a person.
pub(super) fn verdict_text(verdict: Verdict, winner: Option<&Considered>) -> String {
    match (verdict, winner) {
        (Verdict::Won, _) => "wins: the smallest order that matches".to_owned(),
        (Verdict::LargerOrder, Some(won)) => format!("matches, but order {} comes first", won.order),
        (Verdict::LargerOrder, None) => "matches, but a smaller order comes first".to_owned(),
        (Verdict::Off, _) => "is off".to_owned(),
        (Verdict::NotYetActive(from), _) => format!("is not active before {from}"),
        (Verdict::NoLongerActive(until), _) => format!("was active until {until}"),
        (Verdict::DoesNotMatch, _) => "does not match the SKU".to_owned(),
    }
}

/// What became of a rule, for a program.
fn verdict_name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Won => "won",
        Verdict::LargerOrder => "larger-order",
        Verdict::Off => "off",
        Verdict::NotYetActive(_) => "not-yet-active",
        Verdict::NoLongerActive(_) => "no-longer-active",
        Verdict::DoesNotMatch => "does-not-match",
    }
}

#[cfg(test)]
mod tests;
