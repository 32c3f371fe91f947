//! A cell of a CSV table as it is written: as it is, in quotes where it must be (RFC 4180).

/// Adds a cell to a line.
pub(crate) fn push(cell: &str, line: &mut Vec<u8>) {
    let bytes = cell.as_bytes();
    if !bytes.iter().any(|byte| matches!(byte, b'"' | b',' | b'\n' | b'\r')) {
        return line.extend_from_slice(bytes);
    }
    line.push(b'"');
    for byte in bytes {
        line.push(*byte);
        if *byte == b'"' {
            line.push(b'"');
        }
    }
    line.push(b'"');
}

/// Adds cells to a line, apart by commas.
pub(crate) fn push_all<'a>(cells: impl IntoIterator<Item = &'a str>, line: &mut Vec<u8>) {
    for (at, cell) in cells.into_iter().enumerate() {
        if at > 0 {
            line.push(b',');
        }
        push(cell, line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_in_quotes_where_they_must_be() {
        let mut line = Vec::new();
        push_all(["", "a b;=1", "x,y", "say \"hi\"", "two\nlines", "\r", "กี่"], &mut line);
        assert_eq!(
            String::from_utf8_lossy(&line),
            ",a b;=1,\"x,y\",\"say \"\"hi\"\"\",\"two\nlines\",\"\r\",กี่"
        );
    }
}
