//! Where a secret is: `env:NAME` or `file:PATH`, relative to the project's folder.

use super::SECRET_BYTES_MAX;
use crate::shell::fault::clean;
use crate::shell::save;
use std::env;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// The secret there.
pub(super) fn read(project: &Path, source: &str) -> Result<String, String> {
    if let Some(name) = source.strip_prefix("env:") {
        let name_ok = !name.is_empty() && !name.contains(['=', '\0']);
        let value = name_ok.then(|| env::var_os(name)).flatten();
        let value = value.ok_or_else(|| format!("is not set: there is no variable `{}`", clean(name)))?;
        return value.into_string().map_err(|_| format!("is not UTF-8 in the variable `{}`", clean(name)));
    }
    if let Some(path) = source.strip_prefix("file:") {
        return read_file(&project.join(path))
            .map_err(|why| format!("cannot be read from `{}`: {why}", clean(path)));
    }
    // What stands there may be the secret itself, so it is not shown.
    Err("must be `env:NAME` or `file:PATH`, never the value itself".to_owned())
}

/// Puts a new secret into the file that a source names; its end of line stays. Not there for variables: nobody can set another process's.
pub(super) fn write(project: &Path, source: &str, new: &str) -> Option<io::Result<()>> {
    let path = project.join(source.strip_prefix("file:")?);
    let write = || {
        let old = fs::read(&path)?;
        let ending = if old.ends_with(b"\r\n") {
            "\r\n"
        } else if old.ends_with(b"\n") {
            "\n"
        } else {
            ""
        };
        save::rewrite(&path, &old, &format!("{new}{ending}"))
    };
    Some(write())
}

fn read_file(path: &Path) -> Result<String, String> {
    let mut text = String::new();
    let file = File::open(path).map_err(|error| error.to_string())?;
    file.take(SECRET_BYTES_MAX + 1).read_to_string(&mut text).map_err(|error| error.to_string())?;
    if text.len() as u64 > SECRET_BYTES_MAX {
        return Err(format!("it is longer than {} KiB", SECRET_BYTES_MAX >> 10));
    }
    let value = text.strip_suffix('\n').unwrap_or(&text);
    Ok(value.strip_suffix('\r').unwrap_or(value).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_loses_one_end_of_line_and_keeps_it_when_it_is_written() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        for (text, after) in [("abc\r\n", "new\r\n"), ("abc\n", "new\n"), ("abc", "new")] {
            fs::write(folder.path().join("token"), text)?;
            assert_eq!(read(folder.path(), "file:token").as_deref(), Ok("abc"));
            write(folder.path(), "file:token", "new").unwrap()?;
            assert_eq!(fs::read_to_string(folder.path().join("token"))?, after);
        }
        assert!(write(folder.path(), "env:PATH", "new").is_none());
        Ok(())
    }

    #[test]
    fn what_cannot_be_read_is_told_and_a_value_itself_is_refused_unseen() {
        let folder = Path::new("no such folder");
        let refused = read(folder, "hunter2").unwrap_err();
        assert!(refused.contains("env:NAME") && !refused.contains("hunter2"), "{refused}");
        for source in ["env:STOCKSYNC_NO_SUCH_VARIABLE", "env:", "env:A=B", "file:missing"] {
            assert!(read(folder, source).is_err(), "{source}");
        }
    }
}
