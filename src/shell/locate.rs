//! Finds a connector's library: only the one file that is asked for, only in folders that are named.

use super::fault::PluginFault;
use super::lock::Lock;
use super::plugin::Image;
use std::env;
use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::fs::{File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The largest library that is loaded.
pub const LIBRARY_BYTES_MAX: u64 = 512 << 20;

/// The variable that names further folders.
pub const PATH_VARIABLE: &str = "STOCKSYNC_PLUGINS";

/// Where plugins are looked for, and which builds of them may be loaded.
#[derive(Clone, Debug)]
pub struct Search {
    /// In this order.
    pub folders: Vec<PathBuf>,
    /// What `stocksync.lock` holds, or what is wrong with it.
    pub lock: Result<Lock, String>,
}

impl Search {
    /// Where a project's connectors are looked for.
    pub fn of(project: &Path, plugins: &[String]) -> Self {
        Self { folders: search_path(project, plugins), lock: Lock::load(project) }
    }

    /// Whether a library may be loaded: it stands beside the program, or the lock has its hash.
    ///
    /// # Errors
    /// It may not.
    pub(super) fn trust(
        &self,
        name: &str,
        path: &Path,
        sha256: impl Fn() -> String,
    ) -> Result<(), PluginFault> {
        if is_beside_program(path) {
            return Ok(());
        }
        let lock = self.lock.as_ref().map_err(|fault| PluginFault::untrusted(fault.clone()))?;
        lock.check(name, path, &sha256())
    }
}

/// Whether a library came with the program: whoever could change it there could change the program.
pub(super) fn is_beside_program(path: &Path) -> bool {
    let real = |folder: &Path| folder.canonicalize().ok();
    // Mostly it was looked for by that very name.
    if path.parent().is_some_and(|folder| beside_program().any(|beside| beside == folder)) {
        return true;
    }
    let folder = path.parent().and_then(real);
    folder.is_some() && beside_program().any(|beside| real(&beside) == folder)
}

fn beside_program() -> impl Iterator<Item = PathBuf> {
    let program = env::current_exe().ok().and_then(|program| program.parent().map(Path::to_path_buf));
    program.into_iter().flat_map(|folder| {
        [folder.clone(), folder.join("deps"), folder.join("..").join("lib").join("stocksync")]
    })
}

/// Where plugins are looked for, in order: `plugins` of the project, [`PATH_VARIABLE`], beside the program, its `deps`, `../lib/stocksync`.
fn search_path(project: &Path, plugins: &[String]) -> Vec<PathBuf> {
    let named = env::var_os(PATH_VARIABLE).unwrap_or_default();
    // A folder that is not absolute would be looked for in the working directory.
    let named = env::split_paths(&named).filter(|folder| folder.is_absolute());
    let mut folders = Vec::new();
    for folder in plugins.iter().map(|folder| project.join(folder)).chain(named).chain(beside_program()) {
        if !folders.contains(&folder) {
            folders.push(folder);
        }
    }
    folders
}

/// The file that holds a connector: `libstocksync_shopee.so`.
pub fn file_name(connector: &str) -> String {
    format!("{DLL_PREFIX}stocksync_{}{DLL_SUFFIX}", connector.replace('-', "_"))
}

/// A library's file, opened: what is checked is what is read.
pub(super) struct Found {
    pub(super) path: PathBuf,
    pub(super) file: File,
}

pub(super) fn find(connector: &str, search: &[PathBuf]) -> Result<Found, PluginFault> {
    if !is_name(connector) {
        return Err(PluginFault::new(format!(
            "`{}` is not the name of a connector",
            super::fault::clean(connector)
        ))
        .with_help(NAME_FORM));
    }
    let name = file_name(connector);
    for folder in search {
        let path = folder.join(&name);
        match File::open(&path) {
            Ok(file) => return Ok(Found { path, file }),
            Err(error) if is_absent(&error) => {}
            Err(error) => {
                return Err(PluginFault::new(format!("cannot open `{}`: {error}", path.display())));
            }
        }
    }
    Err(not_found(connector, &name, search))
}

/// Opens the file of a library that was found before.
pub(super) fn open(path: &Path) -> Result<Found, PluginFault> {
    let cannot = |error| PluginFault::new(format!("cannot open `{}`: {error}", path.display()));
    Ok(Found { path: path.to_path_buf(), file: File::open(path).map_err(cannot)? })
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// What a name is made of.
pub(super) const NAME_FORM: &str =
    "a name has lower-case letters, digits, `-` and `_`, and starts with a letter";

pub(super) fn is_name(connector: &str) -> bool {
    let rest = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    connector.starts_with(|c: char| c.is_ascii_lowercase())
        && connector.chars().all(rest)
        && connector.len() <= 64
}

fn not_found(connector: &str, name: &str, search: &[PathBuf]) -> PluginFault {
    let looked: Vec<_> = search.iter().map(|folder| format!("`{}`", folder.display())).collect();
    let looked = if looked.is_empty() { "nowhere".to_owned() } else { looked.join(", ") };
    PluginFault::new(format!("there is no connector `{connector}`: `{name}` is not in {looked}")).with_help(
        format!("put `{name}` into a folder named under `plugins` in stocksync.yaml or in {PATH_VARIABLE}"),
    )
}

/// What a library's file looks like from outside, where it may be loaded. `user` is who runs the program.
pub(super) fn look(found: &Found, user: u32) -> Result<Metadata, PluginFault> {
    let shown = found.path.display();
    let metadata =
        found.file.metadata().map_err(|error| PluginFault::new(format!("cannot read `{shown}`: {error}")))?;
    if !metadata.is_file() {
        return Err(PluginFault::new(format!("`{shown}` is not a regular file")));
    }
    if metadata.len() > LIBRARY_BYTES_MAX {
        return Err(PluginFault::new(format!("`{shown}` is larger than {} MiB", LIBRARY_BYTES_MAX >> 20)));
    }
    check_owner(&metadata, user)
        .map_err(|(what, help)| PluginFault::new(format!("`{shown}` {what}")).with_help(help))?;
    Ok(metadata)
}

/// The bytes of a library that may be trusted, read once. `user` is who runs the program.
pub(super) fn read(found: &Found, user: u32) -> Result<Arc<Image>, PluginFault> {
    let shown = found.path.display();
    let metadata = look(found, user)?;
    // Of a file that grew meanwhile the first part is taken, and the header tells that it is cut off.
    let image = Image::of(&found.file, metadata.len())
        .map_err(|error| PluginFault::new(format!("cannot read `{shown}`: {error}")))?;
    check_header(&image).map_err(|what| PluginFault::new(format!("`{shown}` {what}")))?;
    Ok(Arc::new(image))
}

#[cfg(unix)]
fn check_owner(metadata: &Metadata, user: u32) -> Result<(), (&'static str, &'static str)> {
    use std::os::unix::fs::MetadataExt;
    if metadata.uid() != user && metadata.uid() != 0 {
        return Err((
            "belongs to another user",
            "make it your own or root's: whoever owns it can run code as you",
        ));
    }
    if metadata.mode() & 0o002 != 0 {
        return Err(("can be written by everyone", "take the right away with `chmod o-w`"));
    }
    Ok(())
}

#[cfg(not(unix))]
fn check_owner(_: &Metadata, _: u32) -> Result<(), (&'static str, &'static str)> {
    Ok(())
}

#[cfg(target_os = "linux")]
fn check_header(image: &Image) -> Result<(), String> {
    let mut header = [0; HEADER_BYTES];
    if image.read(0, &mut header).is_none() || !header.starts_with(b"\x7fELF") {
        return Err("is not a shared library".to_owned());
    }
    let number =
        |at: usize| header.get(at..at + 2).and_then(|pair| pair.try_into().ok()).map(u16::from_le_bytes);
    let class = if cfg!(target_pointer_width = "64") { 2 } else { 1 };
    let order = if cfg!(target_endian = "little") { 1 } else { 2 };
    let machine = number(18).unwrap_or(0);
    let other = MACHINE.is_some_and(|ours| ours != machine);
    if header.get(4) != Some(&class) || header.get(5) != Some(&order) || other {
        return Err(format!("is a library for another CPU, this program runs on {}", env::consts::ARCH));
    }
    if number(16) != Some(3) {
        return Err("is a program or an object file, not a shared library".to_owned());
    }
    if cfg!(all(target_pointer_width = "64", target_endian = "little")) && is_cut_off(image, &header) {
        return Err("is cut off: it is shorter than it says".to_owned());
    }
    Ok(())
}

#[cfg(target_os = "linux")]
const HEADER_BYTES: usize = 64;

/// Whether a segment reaches beyond the file. The loader maps it all the same, and the process dies at the first touch.
#[cfg(target_os = "linux")]
fn is_cut_off(image: &Image, header: &[u8]) -> bool {
    let field = |of: &[u8], at: usize, width: usize| -> Option<u64> {
        let mut number = [0; 8];
        number.get_mut(..width)?.copy_from_slice(of.get(at..at.checked_add(width)?)?);
        Some(u64::from_le_bytes(number))
    };
    let fits = |segment: &[u8]| -> Option<bool> {
        let end = field(segment, 8, 8)?.checked_add(field(segment, 32, 8)?)?;
        Some(end <= image.len())
    };
    let all_fit = || -> Option<bool> {
        let (first, size, count) = (field(header, 32, 8)?, field(header, 54, 2)?, field(header, 56, 2)?);
        let bytes = size.checked_mul(count)?;
        if first.checked_add(bytes)? > image.len() {
            return None;
        }
        let mut segments = vec![0; usize::try_from(bytes).ok()?];
        image.read(first, &mut segments)?;
        let size = usize::try_from(size).ok()?.max(1);
        segments.chunks(size).try_fold(true, |all, segment| Some(all && fits(segment)?))
    };
    all_fit() != Some(true)
}

#[cfg(target_os = "linux")]
const MACHINE: Option<u16> = if cfg!(target_arch = "x86_64") {
    Some(62)
} else if cfg!(target_arch = "aarch64") {
    Some(183)
} else if cfg!(target_arch = "riscv64") {
    Some(243)
} else {
    None
};

#[cfg(not(target_os = "linux"))]
fn check_header(_: &Image) -> Result<(), String> {
    Ok(())
}
