//! What a person or a program gets to read: one file an output format, written to any writer.

pub mod backtest;
pub mod changes;
pub mod compare;
pub mod drift;
mod json;
pub mod lint;
mod page;
pub mod plan;
pub mod test;
mod text;
pub mod why;
mod xml;

pub use backtest::{BACKTEST_FORMATS, BacktestFormat, BacktestReport};
pub use compare::{COMPARE_FORMATS, CompareFormat, CompareReport, Side};
pub use drift::{DRIFT_FORMATS, DriftFormat, DriftReport};
pub use lint::{LINT_FORMATS, LintFormat, LintReport};
pub use plan::{PLAN_FORMATS, PlanFormat, PlanReport};
pub use test::{TEST_FORMATS, TestFormat, TestReport};
pub use why::{WHY_FORMATS, WhyFormat, WhyReport};

/// Whether output is coloured; the caller knows the terminal and `NO_COLOR`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Color {
    /// Plain text.
    #[default]
    Never,
    /// With ANSI colours, where the format has any.
    Always,
}

/// A text on one line that cannot steer a terminal.
pub fn clean(text: &str) -> std::borrow::Cow<'_, str> {
    text::visible(text)
}
