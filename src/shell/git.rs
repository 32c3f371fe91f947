//! Revisions of a project, by git's own command line.

use super::exit::Stop;
use super::fault::plainly;
use super::project::{RuleTexts, Tree, is_rule_file};
use crate::syntax::FILE_BYTES_MAX;
use std::collections::BTreeSet;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

/// A project in a git repository.
pub(super) struct Git {
    root: PathBuf,
    /// The project's folder within the repository: empty, or a path that ends in `/`.
    prefix: String,
    shallow: bool,
}

impl Git {
    /// The repository that a project lies in. Fails where there is none, or no git.
    pub(super) fn of(root: &Path) -> Result<Self, Stop> {
        let mut git = Self { root: root.to_path_buf(), prefix: String::new(), shallow: false };
        let args = ["rev-parse", "--is-shallow-repository", "--show-prefix"];
        let Some(said) = git.ask(&args)? else {
            return Err(Stop::failed(format_args!("`{}` lies in no git repository", root.display()))
                .with_help("revisions are those of git"));
        };
        let mut lines = said.lines();
        git.shallow = lines.next() == Some("true");
        git.prefix = lines.next().unwrap_or("").to_owned();
        Ok(git)
    }

    /// The commit that a revision names.
    pub(super) fn commit(&self, revision: &str) -> Result<String, Stop> {
        let name = format!("{revision}^{{commit}}");
        let found = self.ask(&["rev-parse", "--verify", "--quiet", "--end-of-options", &name])?;
        found.map(|commit| commit.trim().to_owned()).ok_or_else(|| {
            let stop = Stop::failed(format_args!("git knows no revision `{revision}`"));
            if self.shallow {
                stop.with_help(CURE)
            } else {
                stop.with_help("it is a branch, a tag or a commit")
            }
        })
    }

    /// The commit at which two parted.
    pub(super) fn merge_base(&self, a: &str, b: &str) -> Result<String, Stop> {
        let found = self.ask(&["merge-base", "--end-of-options", a, b])?;
        found.map(|commit| commit.trim().to_owned()).ok_or_else(|| {
            let stop = Stop::failed(format_args!("git knows no common ancestor of `{a}` and `{b}`"));
            if self.shallow { stop.with_help(CURE) } else { stop }
        })
    }

    /// The project as it was in a commit.
    pub(super) fn snapshot(&self, commit: &str) -> Snapshot<'_> {
        Snapshot { git: self, commit: commit.to_owned() }
    }

    /// The files of the project that differ from those of a commit, new ones among them; relative to the project.
    pub(super) fn changed_since(&self, commit: &str) -> Result<BTreeSet<String>, Stop> {
        let failed = || Stop::failed("git could not tell what changed");
        let names = ["diff", "--name-only", "--relative", "-z", "--end-of-options", commit, "--", "."];
        let known = self.ask(&names)?.ok_or_else(failed)?;
        let fresh =
            self.ask(&["ls-files", "--others", "--exclude-standard", "-z", "--", "."])?.ok_or_else(failed)?;
        let all = known.split('\0').chain(fresh.split('\0'));
        Ok(all.filter(|name| !name.is_empty()).map(str::to_owned).collect())
    }

    /// What git answers; `None` where it fails.
    fn ask(&self, args: &[&str]) -> Result<Option<String>, Stop> {
        let asked = self.command(args).stderr(Stdio::null()).stdin(Stdio::null()).output().map_err(no_git)?;
        let text = asked.status.success().then(|| String::from_utf8_lossy(&asked.stdout).into_owned());
        Ok(text)
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new("git");
        command.arg("-C").arg(&self.root).args(args);
        // Nothing is asked of a person, and no hook or pager of theirs has a say.
        command.env("GIT_TERMINAL_PROMPT", "0").env("GIT_OPTIONAL_LOCKS", "0").env("LC_ALL", "C");
        command
    }

    /// Objects by their names, each as far as it can be read and no larger than a rule file may be.
    fn objects(&self, names: &[String]) -> io::Result<Vec<io::Result<Vec<u8>>>> {
        let mut git = self.command(&["cat-file", "--batch"]);
        let mut git = git.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let (stdin, stdout) = (git.stdin.take(), git.stdout.take());
        let wanted: String = names.iter().map(|name| format!("{name}\n")).collect();
        // Written beside the reading, or both sides would wait for each other.
        let writer = thread::spawn(move || stdin.map(|mut stdin| stdin.write_all(wanted.as_bytes())));
        let mut all = Vec::with_capacity(names.len());
        if let Some(stdout) = stdout {
            let mut stdout = BufReader::new(stdout);
            for _ in names {
                all.push(object(&mut stdout)?);
            }
        }
        // What could not be written was not read either.
        let _ = writer.join();
        git.wait()?;
        Ok(all)
    }
}

const CURE: &str = "this clone is shallow: `git fetch --unshallow`, or in CI a checkout of the whole history (`fetch-depth: 0`)";

fn no_git(fault: io::Error) -> Stop {
    Stop::failed(format_args!("cannot run `git`: {}", plainly(&fault)))
        .with_help("revisions are read by git's command line")
}

/// One answer of `git cat-file --batch`: a line with name, kind and size in bytes, then the object and a line end.
fn object(from: &mut impl BufRead) -> io::Result<io::Result<Vec<u8>>> {
    let mut head = String::new();
    from.read_line(&mut head)?;
    let size = head.trim_end().rsplit(' ').next().and_then(|size| size.parse::<u64>().ok());
    let Some(size) = size else { return Ok(Err(io::Error::other("git does not have it"))) };
    let kept = size.min(FILE_BYTES_MAX as u64 + 1);
    let mut bytes = Vec::new();
    from.by_ref().take(kept).read_to_end(&mut bytes)?;
    io::copy(&mut from.by_ref().take(size - kept + 1), &mut io::sink())?;
    Ok(Ok(bytes))
}

/// A project as it was in a commit.
pub(super) struct Snapshot<'g> {
    git: &'g Git,
    commit: String,
}

impl Tree for Snapshot<'_> {
    fn config(&self, bytes_max: usize) -> Result<Vec<u8>, Stop> {
        let short = self.commit.get(..12).unwrap_or(&self.commit);
        let name = format!("{}:{}stocksync.yaml", self.commit, self.git.prefix);
        let found = self.git.objects(&[name]).map_err(no_git)?.pop();
        let mut bytes = found.and_then(Result::ok).ok_or_else(|| {
            Stop::failed(format_args!("there is no `{}stocksync.yaml` in {short}", self.git.prefix))
        })?;
        bytes.truncate(bytes_max);
        Ok(bytes)
    }

    fn rules(&self, folder: &str) -> Result<RuleTexts, Stop> {
        let args = ["ls-tree", "-r", "-z", "--full-tree", "--end-of-options", &self.commit];
        let listed = self.git.ask(&args)?.ok_or_else(|| Stop::failed("git could not list the commit"))?;
        // `<mode> SP <type> SP <object> TAB <path>`: links (120000) lead out, and are no files of the commit.
        let entry = |line: &str| {
            let (head, path) = line.split_once('\t')?;
            let mut head = head.split(' ');
            let (mode, _, object) = (head.next()?, head.next()?, head.next()?);
            let name = path.strip_prefix(&self.git.prefix)?;
            let is_wanted = is_rule_file(folder, name) && mode.starts_with("100");
            is_wanted.then(|| (name.to_owned(), object.to_owned()))
        };
        let mut found: Vec<(String, String)> = listed.split('\0').filter_map(entry).collect();
        found.sort();
        let (names, objects): (Vec<String>, Vec<String>) = found.into_iter().unzip();
        let texts = self.git.objects(&objects).map_err(no_git)?;
        Ok(RuleTexts { files: names.into_iter().zip(texts).collect(), faults: Vec::new() })
    }
}
