//! Canonical CBOR (RFC 8949, 4.2.1) of a JSON value: shortest heads, definite lengths, a map's keys in the order of their
//! bytes. Whoever has the JSON of a receipt comes to the bytes of its leaf, in any language.

use minicbor::Encoder;
use serde_json::Value;

/// None: a number that is no integer of 64 bits; nothing that a score rests on is one.
pub fn canonical(value: &Value) -> Option<Vec<u8>> {
    let mut out = Encoder::new(Vec::new());
    write(&mut out, value)?;
    Some(out.into_writer())
}

fn write(out: &mut Encoder<Vec<u8>>, value: &Value) -> Option<()> {
    const SOUND: &str = "writing into memory does not fail";
    match value {
        Value::Null => drop(out.null().expect(SOUND)),
        Value::Bool(value) => drop(out.bool(*value).expect(SOUND)),
        Value::Number(number) => match (number.as_u64(), number.as_i64()) {
            (Some(number), _) => drop(out.u64(number).expect(SOUND)),
            (None, Some(number)) => drop(out.i64(number).expect(SOUND)),
            (None, None) => return None,
        },
        Value::String(text) => drop(out.str(text).expect(SOUND)),
        Value::Array(items) => {
            out.array(items.len() as u64).expect(SOUND);
            items.iter().try_for_each(|item| write(out, item))?;
        }
        Value::Object(map) => {
            out.map(map.len() as u64).expect(SOUND);
            let mut entries: Vec<_> = map.iter().collect();
            // The head of a shorter text is smaller.
            entries.sort_by_key(|(key, _)| (key.len(), key.as_bytes()));
            for (key, value) in entries {
                out.str(key).expect(SOUND);
                write(out, value)?;
            }
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_in_order_and_heads_are_short() {
        let value = serde_json::json!({"bb": [1, -1, 500, null, true], "a": "x", "aa": {}});
        let hex: String = canonical(&value).unwrap().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "a361616178626161a0626262850120".to_owned() + "1901f4f6f5");
        assert_eq!(canonical(&serde_json::json!({"a": 0.5})), None);
    }
}
