//! The envelope: one format byte (0 plain, 1 deflate), then CBOR. Inflated to a cap, never beyond it.

use std::cell::RefCell;

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use minicbor::{Decode, Encode};

const PLAIN: u8 = 0;
const DEFLATE: u8 = 1;
/// Bytes below which a message is not worth compressing.
const DEFLATE_FROM: usize = 64;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeFault {
    #[error("the message is empty")]
    Empty,
    #[error("the message's format {0} is unknown")]
    UnknownFormat(u8),
    #[error("the message inflates beyond {0} bytes")]
    TooLarge(usize),
    #[error("the message can't be inflated")]
    NotDeflate,
    #[error("the message is not well-formed: {0}")]
    Malformed(String),
}

/// A message in its envelope, compressed if that makes it smaller.
pub fn pack<T: Encode<()>>(message: &T) -> Vec<u8> {
    let sound = "writing into memory does not fail";
    let plain = minicbor::to_vec(message).expect(sound);
    if plain.len() >= DEFLATE_FROM
        && let Some(packed) = deflated(&plain)
    {
        return packed;
    }
    let mut out = Vec::with_capacity(plain.len() + 1);
    out.push(PLAIN);
    out.extend_from_slice(&plain);
    out
}

thread_local! {
    /// Compressors are hundreds of kilobytes: one of each a thread, used again and again.
    static COMPRESS: RefCell<Compress> = RefCell::new(Compress::new(Compression::default(), false));
    static INFLATE: RefCell<Decompress> = RefCell::new(Decompress::new(false));
}

/// The content, and how many bytes of `body` it was.
fn inflated(inflate: &mut Decompress, body: &[u8], cap: usize) -> Result<(Vec<u8>, u64), EnvelopeFault> {
    inflate.reset(false);
    let mut out = Vec::with_capacity(cap.min(body.len().saturating_mul(4)) + 1);
    loop {
        let rest = body.get(inflate.total_in() as usize..).unwrap_or_default();
        // It writes into the capacity that is there.
        let status = inflate.decompress_vec(rest, &mut out, FlushDecompress::Finish);
        if out.len() > cap {
            return Err(EnvelopeFault::TooLarge(cap));
        }
        match status {
            Ok(Status::StreamEnd) => return Ok((out, inflate.total_in())),
            Ok(Status::Ok | Status::BufError) if out.len() == out.capacity() => out.reserve(out.len().min(cap - out.len()) + 1),
            _ => return Err(EnvelopeFault::NotDeflate),
        }
    }
}

/// None: it would not be smaller.
fn deflated(plain: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(plain.len() + 1);
    out.push(DEFLATE);
    COMPRESS.with_borrow_mut(|compress| {
        compress.reset();
        // It writes into the capacity that is there, which is what the message may have.
        let status = compress.compress_vec(plain, &mut out, FlushCompress::Finish);
        matches!(status, Ok(Status::StreamEnd)).then_some(out)
    })
}

/// The message of an envelope of at most `cap` bytes when inflated.
pub fn open<T: for<'b> Decode<'b, ()>>(bytes: &[u8], cap: usize) -> Result<T, EnvelopeFault> {
    let (format, body) = bytes.split_first().ok_or(EnvelopeFault::Empty)?;
    let decode = |cbor: &[u8]| -> Result<T, EnvelopeFault> {
        let mut decoder = minicbor::Decoder::new(cbor);
        let message = decoder.decode().map_err(|e| EnvelopeFault::Malformed(e.to_string()))?;
        match decoder.position() == cbor.len() {
            true => Ok(message),
            false => Err(EnvelopeFault::Malformed("bytes are left over".into())),
        }
    };
    match *format {
        PLAIN if body.len() > cap => Err(EnvelopeFault::TooLarge(cap)),
        PLAIN => decode(body),
        DEFLATE => {
            let (inflated, read) = INFLATE.with_borrow_mut(|inflate| inflated(inflate, body, cap))?;
            match read == body.len() as u64 {
                true => decode(&inflated),
                false => Err(EnvelopeFault::Malformed("bytes are left over".into())),
            }
        }
        other => Err(EnvelopeFault::UnknownFormat(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_comes_out_as_it_went_in() {
        for message in [vec![7_u8; 10_000], vec![], vec![1, 2, 3]] {
            assert_eq!(open::<Vec<u8>>(&pack(&message), 100_000).unwrap(), message);
        }
    }

    #[test]
    fn a_bomb_is_stopped_at_the_cap() {
        let bomb = pack(&vec![0_u8; 1 << 20]);
        assert!(bomb.len() < 20_000);
        assert_eq!(open::<Vec<u8>>(&bomb, 1 << 16), Err(EnvelopeFault::TooLarge(1 << 16)));
    }

    #[test]
    fn garbage_is_named() {
        assert_eq!(open::<u32>(&[], 10), Err(EnvelopeFault::Empty));
        assert_eq!(open::<u32>(&[9, 1], 10), Err(EnvelopeFault::UnknownFormat(9)));
        assert!(matches!(open::<u32>(&[0, 0xff], 10), Err(EnvelopeFault::Malformed(_))));
        assert!(matches!(open::<u32>(&[0, 1, 1], 10), Err(EnvelopeFault::Malformed(_))));
    }
}
