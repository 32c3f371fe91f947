//! The other side: a process that holds one session.

use super::frame::{ANSWER, FAULT, Frame, LOADED, OPEN, STEP};
use super::{ARGUMENT, Library};
use crate::shell::plugin::{Opened, Session, open_library};
use std::env;
use std::ffi::OsString;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use stocksync_sdk::rows::{Page, RawColumn};

/// What the program was started with, where it is to hold a connector.
pub(in crate::shell) fn wanted() -> Option<Vec<OsString>> {
    let mut arguments = env::args_os().skip(1);
    (arguments.next()? == *ARGUMENT).then(|| arguments.collect())
}

/// Holds the connector until its input ends.
pub(in crate::shell) fn serve(arguments: &[OsString]) -> ExitCode {
    let (mut input, mut output) = (BufReader::new(io::stdin()), BufWriter::new(io::stdout()));
    let [name, path, sha256] = arguments else { return ExitCode::from(2) };
    let (name, path, sha256) = (name.to_string_lossy(), PathBuf::from(path), sha256.to_string_lossy());
    let opened = open_library(&Library { name: &name, path: &path, sha256: &sha256 });
    let manifest = opened.as_ref().map(|opened| serde_json::to_vec(&*opened.manifest).unwrap_or_default());
    let first = match &manifest {
        Ok(manifest) => Frame::of(LOADED, &[manifest]),
        Err(fault) => Frame::of(FAULT, &[fault.as_bytes()]),
    };
    let done = first.write(&mut output).and_then(|()| match &opened {
        Ok(opened) => hold(opened, &mut input, &mut output),
        Err(_) => Ok(()),
    });
    // Nobody is left to tell where a pipe is closed.
    ExitCode::from(if done.is_ok() { 0 } else { 2 })
}

fn hold(opened: &Opened, input: &mut impl Read, output: &mut impl Write) -> io::Result<()> {
    let mut session = None;
    while let Some(frame) = Frame::read(input)? {
        let answer = match frame.kind {
            OPEN => open(opened, frame, &mut session),
            STEP => step(frame, session.as_mut()),
            _ => Err("was asked what is no question".to_owned()),
        };
        answer.unwrap_or_else(|fault| Frame::of(FAULT, &[fault.as_bytes()])).write(output)?;
    }
    Ok(())
}

fn open(opened: &Opened, mut frame: Frame, session: &mut Option<Session>) -> Result<Frame, String> {
    let (opened, manifest) = Session::open(opened, &frame.take_part("config")?)?;
    *session = Some(opened);
    Ok(Frame::of(ANSWER, &[&manifest]))
}

fn step(mut frame: Frame, session: Option<&mut Session>) -> Result<Frame, String> {
    let session = session.ok_or("was asked for a step before it was opened")?;
    let (event, body) = (frame.take_part("event")?, frame.take_part("body")?);
    let (rows, columns) = frame.take_rows()?;
    let raw: Vec<_> =
        columns.iter().map(|(id, kind, bytes)| RawColumn { id: *id, kind: *kind, bytes }).collect();
    let page = Page::of_columns(rows, &raw).map_err(|bad| bad.to_string())?;
    let (actions, bodies, rows, columns) = session.step(&event, &body, &page)?.into_parts();
    Ok(Frame::of(ANSWER, &[&actions, &bodies]).with_rows(rows, columns.into_iter()))
}
