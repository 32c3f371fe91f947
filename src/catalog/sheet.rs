//! The tables of SKUs and mappings read plainly, row by row, and rows added to them: for commands that fill the catalog.

use super::faults::Faults;
use super::table::{Columns, Table};
use super::text::{Decoded, Unreadable, decode};
use crate::cell;
use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Sources, Span};

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// Which table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// `sku`, `name`.
    Skus,
    /// `sku`, `store`, `store_sku`, `units`.
    Mappings,
}

impl Kind {
    const fn columns(self) -> Columns {
        match self {
            Self::Skus => Columns { names: &["sku", "name"], needed: 1 },
            Self::Mappings => Columns { names: &["sku", "store", "store_sku", "units"], needed: 3 },
        }
    }

    /// The header of a new table.
    const fn header(self) -> &'static str {
        match self {
            Self::Skus => "sku,name\n",
            Self::Mappings => "sku,store,store_sku\n",
        }
    }
}

/// A row of one of these tables.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SheetRow {
    /// What stands in each column of its kind; empty where the table has no such column.
    pub cells: Vec<String>,
    /// Where it starts.
    pub span: Span,
}

impl SheetRow {
    /// The cell of a column, by its place in the kind's header.
    pub fn cell(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }
}

/// Reads a table whose file `sources` knows already. Rows with a fault of form are not among the rows.
pub fn read(
    bytes: Vec<u8>,
    kind: Kind,
    file: FileId,
    sources: &mut Sources,
) -> (Vec<SheetRow>, Vec<Diagnostic>) {
    let mut faults = Faults::new(file);
    let mut rows = Vec::new();
    match decode(bytes) {
        Ok(decoded) => {
            read_rows(&decoded, kind, &mut faults, &mut rows);
            sources.fill(file, decoded.text);
        }
        Err(unreadable) => faults.push(|| super::read::report_unreadable(unreadable, file)),
    }
    (rows, faults.finish())
}

fn read_rows(decoded: &Decoded, kind: Kind, faults: &mut Faults, rows: &mut Vec<SheetRow>) {
    let columns = kind.columns();
    let Some(table) = Table::open(decoded, &columns, faults) else { return };
    table.each(faults, |row, faults| {
        if !row.whole {
            return;
        }
        let span = faults.span(row.at as usize, row.at as usize);
        let cells: Vec<String> = (0..columns.names.len())
            .map(|column| row.cell(column).map_or(String::new(), |(text, _)| text.into_owned()))
            .collect();
        let empty = columns.names.iter().zip(&cells).take(columns.needed).find(|(_, cell)| cell.is_empty());
        match empty {
            Some((name, _)) => {
                faults.add(&crate::diagnostic::codes::BAD_ROW, span, || format!("`{name}` is empty"));
            }
            None => rows.push(SheetRow { cells, span }),
        }
    });
}

/// The table with rows added at its end; what is there stays byte for byte. `table` is empty where there is none yet.
///
/// # Errors
/// The table has no header that could take the rows, in words for a person.
pub fn append(table: &[u8], kind: Kind, rows: &[Vec<String>]) -> Result<Vec<u8>, String> {
    let mut new = if table.is_empty() { kind.header().into() } else { table.to_vec() };
    let (places, width) = places(&new, kind)?;
    let first = new.strip_prefix(BOM).unwrap_or(&new).split(|&byte| byte == b'\n').next();
    let end = if first.is_some_and(|line| line.ends_with(b"\r")) { "\r\n" } else { "\n" };
    if !new.ends_with(b"\n") {
        new.extend_from_slice(end.as_bytes());
    }
    for row in rows {
        let mut cells = vec![""; width];
        for ((value, place), name) in row.iter().zip(&places).zip(kind.columns().names) {
            match place.and_then(|place| cells.get_mut(place)) {
                Some(cell) => *cell = value,
                None if value.is_empty() => {}
                None => return Err(format!("it has no column `{name}`, and a row needs one")),
            }
        }
        cell::push_all(cells, &mut new);
        new.extend_from_slice(end.as_bytes());
    }
    Ok(new)
}

/// In which cell of a row each column stands, and how many cells a row has.
fn places(table: &[u8], kind: Kind) -> Result<(Vec<Option<usize>>, usize), String> {
    let decoded = decode(table.to_vec()).map_err(|unreadable| match unreadable {
        Unreadable::TooLarge => "it is larger than 4 GiB".to_owned(),
        Unreadable::Utf16 => "it is UTF-16, not UTF-8".to_owned(),
    })?;
    let mut sources = Sources::new();
    let mut faults = Faults::new(sources.add("table", ""));
    let columns = kind.columns();
    let places = Table::open(&decoded, &columns, &mut faults).map(|table| table.header.places());
    places.ok_or_else(|| {
        let fault = faults.finish().into_iter().next();
        fault.map_or_else(|| "its header cannot be read".to_owned(), |fault| fault.message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn row(cells: &[&str]) -> Vec<String> {
        cells.iter().map(|&cell| cell.to_owned()).collect()
    }

    #[track_caller]
    fn check(table: &str, rows: &[&[&str]], expect: Result<&str, &str>) {
        let rows: Vec<_> = rows.iter().map(|cells| row(cells)).collect();
        let new = append(table.as_bytes(), Kind::Mappings, &rows);
        let new = new.map(|new| String::from_utf8(new).expect("text"));
        assert_eq!(new.as_deref().map_err(String::as_str), expect);
    }

    #[test]
    fn rows_go_into_the_columns_that_are_there() {
        check("", &[&["A", "s", "x", ""]], Ok("sku,store,store_sku\nA,s,x\n"));
        check(
            "store,note,sku,store_sku\n",
            &[&["A", "s", "x", ""]],
            Ok("store,note,sku,store_sku\ns,,A,x\n"),
        );
        check(
            "sku,store,store_sku,units",
            &[&["A", "s", "x,\"y\"", "3"]],
            Ok("sku,store,store_sku,units\nA,s,\"x,\"\"y\"\"\",3\n"),
        );
        check(
            "\u{FEFF}sku,store,store_sku\r\nB,s,b\r\n",
            &[&["A", "s", "x", ""]],
            Ok("\u{FEFF}sku,store,store_sku\r\nB,s,b\r\nA,s,x\r\n"),
        );
    }

    #[test]
    fn a_table_that_cannot_take_a_row_is_left_alone() {
        check(
            "sku,store,store_sku\n",
            &[&["A", "s", "x", "3"]],
            Err("it has no column `units`, and a row needs one"),
        );
        check(
            "sku;store;store_sku\n",
            &[&["A", "s", "x", ""]],
            Err("the cells are separated by `;`, not by `,`"),
        );
        check("sku,store\n", &[&["A", "s", "x", ""]], Err("the column `store_sku` is missing"));
    }

    proptest! {
        #[test]
        fn what_is_added_is_read_back(
            cells in prop::collection::vec(("[^\\x00\u{FEFF}]{1,8}", "[^\\x00]{1,8}", "[^\\x00]{1,8}"), 0..6), crlf: bool, ended: bool,
        ) {
            let line = if crlf { "\r\n" } else { "\n" };
            let table = format!("store_sku,sku,extra,store{line}b,B,,s{}", if ended { line } else { "" });
            let rows: Vec<_> = cells.iter().map(|(a, b, c)| row(&[a, b, c])).collect();
            let new = append(table.as_bytes(), Kind::Mappings, &rows).expect("takes rows");
            prop_assert!(new.starts_with(table.as_bytes()));
            let mut sources = Sources::new();
            let file = sources.add("m.csv", "");
            let (read, faults) = super::read(new, Kind::Mappings, file, &mut sources);
            prop_assert_eq!(faults.len(), 0);
            let read: Vec<Vec<String>> = read.into_iter().map(|row| row.cells[..3].to_vec()).collect();
            prop_assert_eq!(&read[..1], &[row(&["B", "s", "b"])]);
            prop_assert_eq!(&read[1..], &rows);
        }
    }
}
