//! `stocksync explain`.

use super::args::{Explain, TextOrJson};
use super::exit::{Exit, Stop};
use super::output::Output;
use crate::diagnostic::{Code, codes, find_code, nearest};
use serde_json::json;
use std::io::Write;

pub(super) fn run(args: &Explain, output: &mut Output) -> Result<Exit, Stop> {
    let Some(asked) = &args.code else { return list(args.format, output) };
    let code = find_code(asked).ok_or_else(|| {
        let stop = Stop::failed(format_args!("no diagnostic `{asked}`"));
        match nearest(asked, codes().map(|code| code.name)) {
            Some(near) => stop.with_help(format!("did you mean `{near}`?")),
            None => stop.with_help("`stocksync explain` lists them all"),
        }
    })?;
    match args.format {
        TextOrJson::Json => json_line(&as_json(code), output)?,
        TextOrJson::Text => text(code, output)?,
    }
    Ok(Exit::Done)
}

fn list(format: TextOrJson, output: &mut Output) -> Result<Exit, Stop> {
    let mut all: Vec<_> = codes().collect();
    all.sort_by_key(|code| code.code);
    match format {
        TextOrJson::Json => {
            let all: Vec<_> = all.into_iter().map(as_json).collect();
            json_line(&json!({ "format_version": 1, "diagnostics": all }), output)?;
        }
        TextOrJson::Text => {
            for code in all {
                writeln!(output.out, "{}  {:<4}  {}", code.code, code.level.name(), code.name)?;
            }
        }
    }
    Ok(Exit::Done)
}

fn as_json(code: &Code) -> serde_json::Value {
    let Code { code, name, level, what, why, bad, good } = code;
    json!({ "code": code, "name": name, "level": level.name(), "what": what, "why": why, "bad": bad, "good": good })
}

fn json_line(value: &serde_json::Value, output: &mut Output) -> Result<(), Stop> {
    writeln!(output.out, "{value:#}")?;
    Ok(())
}

fn text(code: &Code, output: &mut Output) -> Result<(), Stop> {
    writeln!(output.out, "{} {} ({})\n", code.code, code.name, code.level.name())?;
    writeln!(output.out, "What it finds: {}", code.what)?;
    writeln!(output.out, "Why it matters: {}\n", code.why)?;
    writeln!(output.out, "Bad:\n\n{}\n\nGood:\n\n{}", indented(code.bad), indented(code.good))?;
    Ok(())
}

fn indented(text: &str) -> String {
    text.trim_end().lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}
