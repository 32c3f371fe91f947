//! Transcripts: what stores were asked and what they answered, without secrets; a file a store, a line a request.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

const FORMAT_VERSION: u32 = 1;
/// The most bytes that are read of a transcript.
const TRANSCRIPT_BYTES_MAX: u64 = 1 << 30;
/// Headers whose names hold one of these are shown without their values, whatever stands there.
const CREDENTIALS: &[&str] =
    &["auth", "cookie", "token", "secret", "signature", "api-key", "apikey", "password"];

/// A request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::shell) struct Asked {
    pub(in crate::shell) method: String,
    pub(in crate::shell) url: String,
    pub(in crate::shell) headers: Vec<(String, String)>,
    pub(in crate::shell) body: String,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::shell) enum Came {
    /// An answer.
    Response { status: u16, headers: Vec<(String, String)>, body: String },
    /// None, and why.
    Failed { kind: String, message: String },
}

#[derive(Serialize, Deserialize)]
struct Line {
    format_version: u32,
    request: Asked,
    #[serde(flatten)]
    came: Came,
}

/// A transcript that is written, or one that answers in the stores' place.
#[derive(Debug)]
pub(in crate::shell) enum Tape {
    /// Everything is written there.
    Record(Recorder),
    /// Everything is answered from there, and nothing is sent.
    Replay(Player),
}

impl Tape {
    /// Makes a store's transcript ready.
    pub(in crate::shell) fn open(&self, store: &str) -> Result<(), String> {
        match self {
            Tape::Record(recorder) => recorder.open(store),
            Tape::Replay(player) => player.open(store),
        }
    }
}

/// Writes transcripts into a folder.
#[derive(Debug)]
pub(in crate::shell) struct Recorder {
    folder: PathBuf,
    files: Mutex<BTreeMap<String, File>>,
    fault: OnceLock<String>,
}

impl Recorder {
    /// Transcripts in this folder, which is made; those of an earlier run are replaced.
    pub(in crate::shell) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_path_buf(), files: Mutex::default(), fault: OnceLock::new() }
    }

    fn open(&self, store: &str) -> Result<(), String> {
        if let Some(fault) = self.fault.get() {
            return Err(fault.clone());
        }
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        if !files.contains_key(store) {
            let path = file(&self.folder, store);
            let made = fs::create_dir_all(&self.folder).and_then(|()| File::create(&path));
            files.insert(store.to_owned(), made.map_err(|error| unwritable(&path, &error))?);
        }
        Ok(())
    }

    /// Writes a line. That it could not be written ends the next session: what left already has its end.
    pub(in crate::shell) fn write(&self, store: &str, mut request: Asked, mut came: Came) {
        hide_credentials(&mut request.headers);
        if let Came::Response { headers, .. } = &mut came {
            hide_credentials(headers);
        }
        let line = Line { format_version: FORMAT_VERSION, request, came };
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(out) = files.get_mut(store) else { return };
        let text = serde_json::to_string(&line).unwrap_or_default();
        if let Err(error) = writeln!(out, "{text}") {
            let _ = self.fault.set(unwritable(&file(&self.folder, store), &error));
        }
    }
}

/// Answers from transcripts in a folder.
#[derive(Debug)]
pub(in crate::shell) struct Player {
    folder: PathBuf,
    stores: Mutex<BTreeMap<String, Vec<Option<Line>>>>,
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Line").finish_non_exhaustive()
    }
}

impl Player {
    /// The transcripts in this folder.
    pub(in crate::shell) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_path_buf(), stores: Mutex::default() }
    }

    fn open(&self, store: &str) -> Result<(), String> {
        let mut stores = self.stores.lock().unwrap_or_else(PoisonError::into_inner);
        if !stores.contains_key(store) {
            let path = file(&self.folder, store);
            let lines = read(&path)
                .map_err(|why| format!("the transcript `{}` cannot be read: {why}", path.display()))?;
            stores.insert(store.to_owned(), lines);
        }
        Ok(())
    }

    /// What came of the request that is most like this one and has not been answered yet.
    pub(in crate::shell) fn answer(&self, store: &str, asked: &Asked) -> Option<Came> {
        let mut stores = self.stores.lock().unwrap_or_else(PoisonError::into_inner);
        let lines = stores.get_mut(store)?;
        let likeness = |line: &Option<Line>| likeness(&line.as_ref()?.request, asked);
        let best = lines.iter().filter_map(likeness).max()?;
        let line = lines.iter_mut().find(|line| likeness(line) == Some(best))?;
        line.take().map(|line| line.came)
    }
}

/// How like two requests are. Moments, nonces and signatures differ from run to run, so that method and path must agree, and then
/// the body and as much of the query as possible do.
fn likeness(recorded: &Asked, asked: &Asked) -> Option<(bool, usize)> {
    let split = |url| str::split_once(url, '?').unwrap_or((url, ""));
    let ((path, query), (asked_path, asked_query)) = (split(&recorded.url), split(&asked.url));
    if recorded.method != asked.method || path != asked_path {
        return None;
    }
    let agrees = |pair: &&str| query.split('&').any(|recorded| recorded == *pair);
    Some((recorded.body == asked.body, asked_query.split('&').filter(agrees).count()))
}

fn read(path: &Path) -> Result<Vec<Option<Line>>, String> {
    let file = File::open(path).map_err(|error| error.to_string())?;
    let lines = BufReader::new(file.take(TRANSCRIPT_BYTES_MAX)).lines().enumerate();
    let line = |(number, text): (usize, std::io::Result<String>)| {
        let text = text.map_err(|error| error.to_string())?;
        let line: Line =
            serde_json::from_str(&text).map_err(|error| format!("line {}: {error}", number + 1))?;
        match line.format_version {
            FORMAT_VERSION => Ok(Some(line)),
            other => Err(format!("it has format {other}, this program reads format {FORMAT_VERSION}")),
        }
    };
    lines.map(line).collect()
}

fn hide_credentials(headers: &mut [(String, String)]) {
    for (name, value) in headers {
        let name = name.to_ascii_lowercase();
        if CREDENTIALS.iter().any(|word| name.contains(word)) {
            "***".clone_into(value);
        }
    }
}

fn file(folder: &Path, store: &str) -> PathBuf {
    folder.join(format!("{store}.jsonl"))
}

fn unwritable(path: &Path, error: &std::io::Error) -> String {
    format!("the transcript `{}` cannot be written: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(method: &str, url: &str, body: &str) -> Asked {
        Asked { method: method.to_owned(), url: url.to_owned(), headers: Vec::new(), body: body.to_owned() }
    }

    fn came(body: &str) -> Came {
        Came::Response { status: 200, headers: Vec::new(), body: body.to_owned() }
    }

    #[test]
    fn the_request_that_is_most_like_it_answers_and_each_answers_once() {
        let folder = tempfile::tempdir().unwrap();
        let recorder = Recorder::new(folder.path());
        recorder.open("a").unwrap();
        for (url, body, answer) in [
            ("https://a/x?page=1&t=100&sign=***", "", "one"),
            ("https://a/x?page=2&t=101&sign=***", "", "two"),
            ("https://a/x?page=2&t=101&sign=***", "b", "three"),
        ] {
            recorder.write("a", asked("GET", url, body), came(answer));
        }
        let player = Player::new(folder.path());
        player.open("a").unwrap();
        let answer = |url, body| player.answer("a", &asked("GET", url, body));
        assert_eq!(answer("https://a/x?page=2&t=900&sign=***", ""), Some(came("two")));
        assert_eq!(answer("https://a/x?page=2&t=901&sign=***", "b"), Some(came("three")));
        assert_eq!(answer("https://a/y", ""), None);
        assert_eq!(answer("https://a/x?page=2&t=902", ""), Some(came("one")));
        assert_eq!(answer("https://a/x?page=1&t=100", ""), None);
        assert_eq!(player.answer("b", &asked("GET", "https://a/x", "")), None);
    }

    #[test]
    fn a_transcript_that_is_none_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Player::new(folder.path()).open("a").unwrap_err();
        assert!(open().contains("a.jsonl"));
        for (text, said) in [("{}\n", "line 1"), ("no\n", "line 1")] {
            fs::write(folder.path().join("a.jsonl"), text).unwrap();
            assert!(open().contains(said), "{text}");
        }
    }

    #[test]
    fn credentials_are_hidden_by_the_header_s_name() {
        let mut headers: Vec<(String, String)> =
            ["Authorization", "Set-Cookie", "X-Shop-Access-Token", "X-Page"]
                .map(|name| (name.to_owned(), "v".to_owned()))
                .into();
        hide_credentials(&mut headers);
        let values: Vec<&str> = headers.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(values, ["***", "***", "***", "v"]);
    }
}
