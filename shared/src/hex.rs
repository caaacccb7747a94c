//! Bytes as lower-case hexadecimal digits.

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// None: other characters, capitals, or half a byte. So a text stands for its bytes alone.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let whole = digits.len().is_multiple_of(2) && digits.iter().all(|digit| digit.is_ascii_digit() || (b'a'..=b'f').contains(digit));
    if whole { digits.chunks(2).map(byte).collect() } else { None }
}
