//! `drift`: edits made elsewhere, by row.

use crate::folder::Folder;

#[track_caller]
fn check(folder: &Folder, args: &[&str], code: i32, out: &str) {
    let ran = folder.run(&[&["drift", "--format", "csv"], args].concat());
    assert_eq!((ran.code, ran.out.as_str()), (code, out), "{}", ran.err);
}

#[test]
fn what_somebody_changed_elsewhere_is_shown() {
    const HEAD: &str = "store,store_sku,sku,written,live\n";
    let folder = Folder::shop();
    check(&folder, &["--exit-code"], 0, HEAD);
    assert_eq!(folder.run(&["sync", "--yes"]).code, 0);
    check(&folder, &["--exit-code"], 0, HEAD);
    // `S1` and `o/1` were written, `o/2` showed the right number already.
    folder.write("stores/shopee_id.csv", "store_sku,quantity\nS1,99\nS2,7\n");
    folder.write("stores/outlet.csv", "store_sku,quantity\no/2,1\n");
    let (gone, raised) = ("outlet,o/1,A-1,5,\n", "shopee_id,S1,A-1,5,99\n");
    check(&folder, &[], 0, &format!("{HEAD}{gone}{raised}"));
    check(&folder, &["--exit-code", "--store", "outlet"], 1, &format!("{HEAD}{gone}"));
    check(&folder, &["--exit-code", "--sku", "A-2"], 0, HEAD);
    std::fs::remove_file(folder.path().join("stores/outlet.csv")).unwrap();
    check(&folder, &["--exit-code"], 2, &format!("{HEAD}{raised}"));
    let table = folder.run(&["drift", "--store", "shopee_id"]);
    assert!(table.out.contains("1 of 1 written listings shows another number"), "{}", table.out);
}
