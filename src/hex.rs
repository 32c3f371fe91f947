//! Bytes in hexadecimal.

/// Two digits a byte, in lower case.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |four: u8| char::from(if four < 10 { b'0' + four } else { b'a' - 10 + four });
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_what_formatting_gives() {
        let all: Vec<u8> = (0..=u8::MAX).collect();
        let plain: String = all.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex(&all), plain);
        assert_eq!(hex(&[]), "");
    }
}
