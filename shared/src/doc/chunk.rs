//! Reads one Automerge change chunk, strictly: every number in its shortest form, every column whole, nothing left over.
//! What passes here, Automerge takes too (the tests compare the two), and no stranger's bytes reach it before. It reads in
//! one pass and allocates next to nothing, which is most of what accepting a change costs.
//!
//! The format is Automerge's binary format, version 1: <https://automerge.org/automerge-binary-format-spec/>.

use sha2::{Digest, Sha256};

use crate::ids::{Actor, ChangeHash};
use crate::limits;
use crate::wire::Reason;

use super::column::{Booleans, Bytes, Deltas, Integers, Strings};

pub(crate) const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
pub(crate) const CHANGE: u8 = 1;
const COMPRESSED_CHANGE: u8 = 2;
/// More than the format has.
const COLUMNS_MAX: usize = 32;

/// Where a chunk's body is.
pub struct Header {
    checksum: [u8; 4],
    kind: u8,
    /// Where the body begins.
    body: usize,
    length: usize,
}

impl Header {
    pub fn read(bytes: &[u8]) -> Option<Self> {
        if bytes.get(..4)? != MAGIC {
            return None;
        }
        let checksum = bytes.get(4..8)?.try_into().ok()?;
        let kind = *bytes.get(8)?;
        let mut rest = Bytes(bytes.get(9..)?);
        let length = usize::try_from(rest.unsigned()?).ok()?;
        Some(Self { checksum, kind, body: bytes.len() - rest.0.len(), length })
    }

    /// Where the chunk ends.
    pub fn end(&self) -> usize {
        self.body.saturating_add(self.length)
    }
}

/// A change, read but for its operations.
pub struct Chunk<'a> {
    pub deps: Vec<ChangeHash>,
    pub actor: Actor,
    pub seq: u64,
    pub start_op: u64,
    /// Seconds since 1970.
    pub time: i64,
    others: Vec<Actor>,
    columns: Columns<'a>,
}

/// The hash of a whole, uncompressed change chunk whose checksum is right.
pub fn hash_of(bytes: &[u8]) -> Result<ChangeHash, Reason> {
    let header = Header::read(bytes).ok_or(Reason::Malformed)?;
    if header.end() != bytes.len() {
        return Err(Reason::Malformed);
    }
    match header.kind {
        // What is sent is compressed as a whole, and one cap holds for it.
        COMPRESSED_CHANGE => return Err(Reason::Compressed),
        CHANGE if bytes.len() > limits::CHANGE_BYTES_MAX => return Err(Reason::TooLarge),
        CHANGE => {}
        _ => return Err(Reason::Malformed),
    }
    let hash = ChangeHash(Sha256::digest(&bytes[8..]).into());
    if hash.0[..4] == header.checksum { Ok(hash) } else { Err(Reason::WrongChecksum) }
}

impl<'a> Chunk<'a> {
    /// Reads a chunk that [`hash_of`] took.
    pub fn read(bytes: &'a [u8]) -> Result<Self, Reason> {
        let header = Header::read(bytes).ok_or(Reason::Malformed)?;
        let mut body = Bytes(&bytes[header.body..]);
        let deps = read_deps(&mut body)?;
        let actor = read_actor(&mut body)?.ok_or(Reason::ForeignActor)?;
        let [seq, start_op] = [body.unsigned(), body.unsigned()];
        let time = body.signed().ok_or(Reason::Malformed)?;
        let message = body.prefixed().ok_or(Reason::Malformed)?;
        if std::str::from_utf8(message).is_err() {
            return Err(Reason::Malformed);
        }
        let (seq, start_op) = (seq.ok_or(Reason::Malformed)?, start_op.ok_or(Reason::Malformed)?);
        let mut others = Vec::new();
        for _ in 0..bounded(body.unsigned(), limits::CHANGE_OPERATIONS_MAX)? {
            others.push(read_actor(&mut body)?.ok_or(Reason::Malformed)?);
        }
        let columns = Columns::read(body)?;
        Ok(Self { deps, actor, seq, start_op, time, others, columns })
    }

    /// Visits every operation in order; answers how many there are. Stops at the first that `fits` refuses.
    pub fn operations<'s>(&'s self, mut fits: impl FnMut(&Op<'s>) -> bool) -> Result<u64, Reason> {
        let mut columns = self.columns.clone();
        let mut count = 0;
        while let Some(op) = columns.next(self)? {
            count += 1;
            if count > limits::CHANGE_OPERATIONS_MAX as u64 {
                return Err(Reason::TooManyOperations);
            }
            if !fits(&op) {
                return Err(Reason::WrongShape);
            }
        }
        if columns.is_done() { Ok(count) } else { Err(Reason::Malformed) }
    }

    fn actor_at(&self, index: u64) -> Result<&Actor, Reason> {
        match index {
            0 => Ok(&self.actor),
            n => usize::try_from(n - 1).ok().and_then(|n| self.others.get(n)).ok_or(Reason::Malformed),
        }
    }
}

fn read_deps(body: &mut Bytes<'_>) -> Result<Vec<ChangeHash>, Reason> {
    let count = body.unsigned().ok_or(Reason::Malformed)?;
    if count > limits::CHANGE_DEPENDENCIES_MAX as u64 {
        return Err(Reason::TooManyDependencies);
    }
    let mut deps = Vec::with_capacity(count as usize);
    for _ in 0..count {
        deps.push(body.take(32).and_then(ChangeHash::from_slice).ok_or(Reason::Malformed)?);
    }
    if deps.is_sorted_by(|a, b| a < b) { Ok(deps) } else { Err(Reason::Malformed) }
}

/// None: an actor, but not one of a device of ours.
fn read_actor(body: &mut Bytes<'_>) -> Result<Option<Actor>, Reason> {
    body.prefixed().map(Actor::from_slice).ok_or(Reason::Malformed)
}

fn bounded(count: Option<u64>, most: usize) -> Result<u64, Reason> {
    count.filter(|count| *count <= most as u64).ok_or(Reason::Malformed)
}

/// What an operation writes to: an object's creator and number. None: the root.
pub type Object<'a> = Option<(&'a Actor, u64)>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key<'a> {
    Field(&'a str),
    /// The beginning of a text.
    Head,
    /// A character of a text, by who wrote it and its number.
    Character(&'a Actor, u64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Does<'a> {
    MakeMap,
    MakeText,
    Put(Value<'a>),
    Delete,
    /// Something that no document of ours has: lists, tables, increments, marks.
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    Null,
    Bool(bool),
    Uint(u64),
    Int(i64),
    Text(&'a str),
    /// What no document of ours has: a fraction, bytes, a counter, a time.
    Other,
}

/// One operation; its number is the chunk's `start_op` and its place in the chunk.
#[derive(Debug)]
pub struct Op<'a> {
    pub object: Object<'a>,
    pub key: Key<'a>,
    /// Whether it makes a new character behind `key`.
    pub insert: bool,
    pub does: Does<'a>,
    /// How many operations it replaces, and the last of them.
    pub replaces: u64,
    pub replaced: Option<(&'a Actor, u64)>,
}

/// The columns that a change may have, each with its place in the order; see the format, "Operation columns".
#[derive(Clone, Default)]
struct Columns<'a> {
    object_actor: Integers<'a>,
    object_counter: Integers<'a>,
    key_actor: Integers<'a>,
    key_counter: Deltas<'a>,
    key: Strings<'a>,
    insert: Booleans<'a>,
    action: Integers<'a>,
    value_meta: Integers<'a>,
    value: Bytes<'a>,
    replaces: Integers<'a>,
    replaced_actor: Integers<'a>,
    replaced_counter: Deltas<'a>,
}

impl<'a> Columns<'a> {
    fn read(mut body: Bytes<'a>) -> Result<Self, Reason> {
        let mut specs = [(0, 0); COLUMNS_MAX];
        let specs = &mut specs[..bounded(body.unsigned(), COLUMNS_MAX)? as usize];
        for (spec, length) in specs.iter_mut() {
            *spec = body.unsigned().ok_or(Reason::Malformed)?;
            *length = body.unsigned().ok_or(Reason::Malformed)?;
        }
        if !specs.is_sorted_by(|a, b| a.0 < b.0) {
            return Err(Reason::Malformed);
        }
        let mut columns = Self::default();
        for (spec, length) in specs.iter() {
            let data = usize::try_from(*length).ok().and_then(|length| body.take(length)).ok_or(Reason::Malformed)?;
            match spec {
                0x01 => columns.object_actor = Integers::of(data),
                0x02 => columns.object_counter = Integers::of(data),
                0x11 => columns.key_actor = Integers::of(data),
                0x13 => columns.key_counter = Deltas::of(data),
                0x15 => columns.key = Strings::of(data),
                0x34 => columns.insert = Booleans::of(data),
                0x42 => columns.action = Integers::of(data),
                0x56 => columns.value_meta = Integers::of(data),
                0x57 => columns.value = Bytes(data),
                0x70 => columns.replaces = Integers::of(data),
                0x71 => columns.replaced_actor = Integers::of(data),
                0x73 => columns.replaced_counter = Deltas::of(data),
                // Marks, which no document of ours has, and what a later version may bring.
                _ => return Err(Reason::WrongShape),
            }
        }
        if body.0.is_empty() { Ok(columns) } else { Err(Reason::Malformed) }
    }

    /// The next operation; none when the actions are at their end.
    fn next(&mut self, chunk: &'a Chunk<'_>) -> Result<Option<Op<'a>>, Reason> {
        if self.action.is_done() {
            return Ok(None);
        }
        let action = self.action.next()?.ok_or(Reason::Malformed)?;
        let object = match (self.object_actor.next()?, self.object_counter.next()?) {
            (None, None) => None,
            (Some(actor), Some(counter)) => Some((chunk.actor_at(actor)?, counter)),
            _ => return Err(Reason::Malformed),
        };
        let key = match (self.key.next()?, self.key_actor.next()?, self.key_counter.next()?) {
            (Some(key), None, None) => Key::Field(key),
            (None, None, Some(0)) => Key::Head,
            (None, Some(actor), Some(counter @ 1..)) => Key::Character(chunk.actor_at(actor)?, counter.unsigned_abs()),
            _ => return Err(Reason::Malformed),
        };
        let insert = self.insert.next()?;
        let value = self.value()?;
        // A count is always written, a 0 too: Automerge takes no null for one.
        let replaces = self.replaces.next()?.ok_or(Reason::Malformed)?;
        let mut replaced = None;
        for _ in 0..replaces {
            let (Some(actor), Some(counter @ 1..)) = (self.replaced_actor.next()?, self.replaced_counter.next()?) else {
                return Err(Reason::Malformed);
            };
            replaced = Some((chunk.actor_at(actor)?, counter.unsigned_abs()));
        }
        if insert && (matches!(key, Key::Field(_)) || replaces > 0) {
            return Err(Reason::Malformed);
        }
        let does = match (action, value) {
            (0, Value::Null) => Does::MakeMap,
            (4, Value::Null) => Does::MakeText,
            (3, Value::Null) => Does::Delete,
            (1, value) => Does::Put(value),
            _ => Does::Other,
        };
        Ok(Some(Op { object, key, insert, does, replaces, replaced }))
    }

    /// Reads a value through.
    fn value(&mut self) -> Result<Value<'a>, Reason> {
        let meta = self.value_meta.next()?.ok_or(Reason::Malformed)?;
        let length = usize::try_from(meta >> 4).map_err(|_| Reason::Malformed)?;
        let bytes = self.value.take(length).ok_or(Reason::Malformed)?;
        let mut rest = Bytes(bytes);
        let value = match meta & 15 {
            0 if length == 0 => Some(Value::Null),
            kind @ (1 | 2) if length == 0 => Some(Value::Bool(kind == 2)),
            3 => rest.unsigned().filter(|_| rest.0.is_empty()).map(Value::Uint),
            4 => rest.signed().filter(|_| rest.0.is_empty()).map(Value::Int),
            8 | 9 => rest.signed().filter(|_| rest.0.is_empty()).map(|_| Value::Other),
            5 if length == 8 => Some(Value::Other),
            6 => std::str::from_utf8(bytes).ok().map(Value::Text),
            7 => Some(Value::Other),
            _ => None,
        };
        value.ok_or(Reason::Malformed)
    }

    fn is_done(&self) -> bool {
        let integers = [&self.object_actor, &self.object_counter, &self.key_actor, &self.value_meta, &self.replaces, &self.replaced_actor];
        integers.into_iter().all(Integers::is_done)
            && self.key_counter.is_done()
            && self.replaced_counter.is_done()
            && self.key.is_done()
            && self.insert.is_done()
            && self.value.0.is_empty()
    }
}
