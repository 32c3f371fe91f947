//! gzip (RFC 1952), as far as reading one member goes.

use miniz_oxide::inflate::decompress_to_vec_with_limit;

/// The most bytes of what was compressed.
const BYTES_MAX: usize = 64 << 20;
const HEAD_BYTES: usize = 10;
const EXTRA: u8 = 4;
const NAME: u8 = 8;
const COMMENT: u8 = 16;
const CHECKSUM: u8 = 2;

/// What was compressed; nothing where that is no gzip or too large. Its checksum is not looked at: it is JSON, and read as such.
pub(crate) fn unpacked(bytes: &[u8]) -> Option<Vec<u8>> {
    let [0x1f, 0x8b, 8, flags, ..] = bytes else { return None };
    let mut rest = bytes.get(HEAD_BYTES..)?;
    if flags & EXTRA != 0 {
        let (length, behind) = rest.split_first_chunk::<2>()?;
        rest = behind.get(usize::from(u16::from_le_bytes(*length))..)?;
    }
    for text in [NAME, COMMENT] {
        if flags & text != 0 {
            let end = rest.iter().position(|byte| *byte == 0)?;
            rest = rest.get(end + 1..)?;
        }
    }
    if flags & CHECKSUM != 0 {
        rest = rest.get(2..)?;
    }
    decompress_to_vec_with_limit(rest, BYTES_MAX).ok()
}

#[cfg(test)]
mod tests {
    use super::unpacked;

    #[test]
    fn members() {
        // `printf hello | gzip -n`, and the same with a name and an extra field.
        let body = [0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x86, 0xa6, 0x10, 0x36, 0x05, 0, 0, 0];
        let plain = [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3][..], &body].concat();
        assert_eq!(unpacked(&plain).as_deref(), Some(&b"hello"[..]));
        let named = [&[0x1f, 0x8b, 8, 4 | 8, 0, 0, 0, 0, 0, 3, 1, 0, 9][..], b"name\0", &body].concat();
        assert_eq!(unpacked(&named).as_deref(), Some(&b"hello"[..]));
        for bad in
            [&b""[..], b"hello", &plain[..9], &plain[..12], &[0x1f, 0x8b, 8, 4, 0, 0, 0, 0, 0, 3, 255, 255]]
        {
            assert_eq!(unpacked(bad), None, "{bad:?}");
        }
    }
}
