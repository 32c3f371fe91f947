use super::*;

fn project() -> (tempfile::TempDir, Files) {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("stores")).unwrap();
    let files = Files::new(folder.path());
    (folder, files)
}

#[test]
fn a_file_comes_in_chunks_of_which_one_is_the_last() {
    for (bytes, chunks) in [(0, 1), (1, 1), (CHUNK_BYTES, 1), (CHUNK_BYTES + 1, 2), (3 * CHUNK_BYTES, 3)] {
        let (folder, mut files) = project();
        fs::write(folder.path().join("a.csv"), vec![b'x'; bytes]).unwrap();
        let (mut chunk, mut last) = files.read(1, "a.csv").unwrap();
        let (mut total, mut count) = (chunk.len(), 1);
        while !last {
            (chunk, last) = files.next_chunk(1).unwrap();
            (total, count) = (total + chunk.len(), count + 1);
        }
        assert_eq!((total, count), (bytes, chunks));
        assert!(files.next_chunk(1).is_err());
    }
}

#[test]
fn a_file_is_replaced_at_its_commit_and_nothing_else_is_left() {
    let (folder, mut files) = project();
    let place = folder.path().join("stores/a.csv");
    fs::write(&place, "old").unwrap();
    fs::write(folder.path().join("stores/.stocksync-tmp-0123456789abcdef-a.csv"), "killed").unwrap();
    fs::write(folder.path().join("stores/.stocksync-tmp-0123456789abcdef-b.csv"), "another's").unwrap();
    files.append(1, "stores/a.csv", b"ne").unwrap();
    files.append(1, "stores/a.csv", b"w").unwrap();
    assert_eq!(fs::read_to_string(&place).unwrap(), "old");
    files.commit(1).unwrap();
    assert_eq!(fs::read_to_string(&place).unwrap(), "new");
    assert_eq!(fs::read_dir(folder.path().join("stores")).unwrap().count(), 2, "only its own leftovers go");
}

#[test]
fn what_is_not_committed_is_thrown_away() {
    let (folder, mut files) = project();
    files.append(1, "stores/a.csv", b"x").unwrap();
    drop(files);
    assert_eq!(fs::read_dir(folder.path().join("stores")).unwrap().count(), 0);
}

#[test]
fn paths_outside_the_project_are_refused() {
    let (_folder, mut files) = project();
    for path in ["/etc/passwd", "../a", "stores/../../a", "", "a\0b", "."] {
        let fault = files.append(1, path, b"x").unwrap_err();
        assert_eq!(fault.kind, "refused", "{path}: {}", fault.message);
        assert!(files.read(1, path).is_err(), "{path}");
    }
    assert_eq!(files.read(1, "missing.csv").unwrap_err().kind, "not-found");
}

#[cfg(unix)]
#[test]
fn links_are_followed_only_inside_the_project() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let (folder, mut files) = project();
    let other = tempfile::tempdir().unwrap();
    fs::write(other.path().join("secret"), "s").unwrap();
    symlink(other.path(), folder.path().join("out")).unwrap();
    symlink(other.path().join("secret"), folder.path().join("file")).unwrap();
    symlink(other.path().join("missing"), folder.path().join("dangling")).unwrap();
    for path in ["out/secret", "out/new", "file"] {
        assert_eq!(files.read(1, path).unwrap_err().kind == "refused", path != "out/missing", "{path}");
        assert_eq!(files.append(1, path, b"x").unwrap_err().kind, "refused", "{path}");
    }
    assert!(files.append(1, "dangling", b"x").is_err() && !other.path().join("missing").exists());

    let place = folder.path().join("stores/a.csv");
    fs::write(&place, "old").unwrap();
    fs::set_permissions(&place, fs::Permissions::from_mode(0o640)).unwrap();
    symlink("stores/a.csv", folder.path().join("inside")).unwrap();
    files.append(2, "inside", b"new").unwrap();
    files.commit(2).unwrap();
    assert_eq!(fs::read_to_string(&place).unwrap(), "new");
    assert_eq!(fs::metadata(&place).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(fs::symlink_metadata(folder.path().join("inside")).unwrap().is_symlink());
}
