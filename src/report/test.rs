//! How the tests in the rules went, in every format.

mod coverage;
mod failure;
mod json;
mod junit;
mod text;

#[cfg(test)]
mod tests;

pub use coverage::render as render_coverage;

use super::Color;
use crate::ruletest::TestResult;
use crate::ruletest::coverage::Coverage;
use crate::source::Sources;
use std::io::{self, Write};

/// Everything that a report of tests is made from.
pub struct TestReport<'a> {
    /// The texts that the results point into.
    pub sources: &'a Sources,
    /// The results, in the order of the text.
    pub results: &'a [TestResult<'a>],
    /// What the tests reached, where that was asked for.
    pub coverage: Option<&'a Coverage>,
    /// Whether the terminal shows colours.
    pub color: Color,
    /// Whether passed tests are left out of what people read.
    pub quiet: bool,
    /// How many columns the terminal has.
    pub width: usize,
}

/// One format of test results.
pub struct TestFormat {
    /// As it is named on the command line.
    pub name: &'static str,
    /// Whether it has a place for the coverage.
    pub holds_coverage: bool,
    /// Writes a report.
    pub render: fn(&TestReport, &mut dyn Write) -> io::Result<()>,
}

/// Every format of test results; the first is the default.
pub static TEST_FORMATS: &[TestFormat] = &[
    TestFormat { name: "text", holds_coverage: true, render: text::render },
    TestFormat { name: "json", holds_coverage: true, render: json::render },
    TestFormat { name: "junit", holds_coverage: false, render: junit::render },
];

impl TestReport<'_> {
    fn failed(&self) -> usize {
        self.results.iter().filter(|result| !result.failures.is_empty()).count()
    }
}
