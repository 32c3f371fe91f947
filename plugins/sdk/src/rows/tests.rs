use super::*;
use crate::abi::column_id::{EXPECTED, QUANTITY, STORE_SKU};

fn bad(rows: u64, kind: u32, bytes: &[u8]) -> String {
    Rows::decode(rows, &[RawColumn { id: STORE_SKU, kind, bytes }]).unwrap_err().0
}

#[test]
fn a_page_reads_back() {
    let page = Page::new()
        .texts(STORE_SKU, ["ก-1", "", "b"].into_iter().collect())
        .optional_i64s(EXPECTED, &[Some(i64::MIN), None, Some(3)])
        .u32s(9, &[1, 2, u32::MAX])
        .u8s(6, &[1, 2, 3]);
    let rows = page.view().unwrap();
    let texts = rows.texts(STORE_SKU).unwrap();
    assert_eq!(texts.iter().collect::<Vec<_>>(), ["ก-1", "", "b"]);
    assert_eq!((texts.get(0), texts.get(2), texts.get(3)), (Some("ก-1"), Some("b"), None));
    let expected = rows.i64s(EXPECTED).unwrap();
    assert_eq!([0, 1, 2, 3].map(|row| expected.get(row)), [Some(i64::MIN), None, Some(3), None]);
    assert_eq!(expected.iter().collect::<Vec<_>>(), [Some(i64::MIN), None, Some(3)]);
    let whole = Page::new().i64s(QUANTITY, &[7, -1]);
    let whole = whole.view().unwrap().i64s(QUANTITY).unwrap().iter().collect::<Vec<_>>();
    assert_eq!(whole, [Some(7), Some(-1)]);
    assert_eq!(rows.u32s(9).unwrap().get(2), Some(u32::MAX));
    assert_eq!(rows.u8s(6), Some([1, 2, 3].as_slice()));
    assert!(rows.u8s(9).is_none());
}

#[test]
fn columns_that_are_not_sound() {
    assert_eq!(bad(2, column_kind::I64, &[0; 15]), "column 1 has 15 bytes where 2 rows need 16");
    assert_eq!(bad(1, column_kind::U8, &[]), "column 1 has 0 bytes where 1 rows need 1");
    assert_eq!(bad(1, column_kind::U32, &[0; 8]), "column 1 has 8 bytes where 1 rows need 4");
    assert_eq!(bad(1, column_kind::TEXT, &[0; 3]), "column 1 has 3 bytes, too few for the ends of 1 texts");
    assert_eq!(bad(1, column_kind::TEXT, &[1, 0, 0, 0, 0xff]), "column 1 is not UTF-8");
    assert!(bad(1, column_kind::TEXT, &[9, 0, 0, 0, b'a']).contains("wrong place, in row 0"));
    assert!(bad(2, column_kind::TEXT, &[1, 0, 0, 0, 0, 0, 0, 0, b'a']).contains("wrong place, in row 1"));
    // Cut through the middle of a character.
    assert!(bad(2, column_kind::TEXT, &[1, 0, 0, 0, 2, 0, 0, 0, 0xc3, 0xa4]).contains("wrong place"));
    assert!(bad(1, column_kind::TEXT, &[1, 0, 0, 0, b'a', b'b']).contains("its last text ends at 1"));
    assert!(bad(1, column_kind::VALIDITY, &[1]).contains("behind its numbers"));
    assert!(bad(u64::MAX, column_kind::U8, &[]).contains("at most"));
}

#[test]
fn a_column_twice_is_refused_and_an_unknown_kind_left_out() {
    let twice = Page::new().i64s(QUANTITY, &[1]).i64s(QUANTITY, &[1]);
    assert_eq!(twice.view().unwrap_err().0, "column 3 stands twice");
    let uneven = Page::new().i64s(QUANTITY, &[1]).u8s(6, &[1, 2]);
    assert!(EncodedRows::new(uneven).is_err());
    let unknown = Rows::decode(3, &[RawColumn { id: 77, kind: 99, bytes: &[1] }]).unwrap();
    assert_eq!(unknown.len(), 3);
}
