//! A pack as it travels in the module: its strings front-coded, and all of it compressed by LZMA.
//!
//! Sorted strings share their beginnings with the one before. Front-coding writes only how many bytes are shared and what
//! follows; lookups want every string whole, so [`unpressed`] writes them out again, once for each worker.

use lzma_rust2::{LzmaReader, Read};

use super::table::{BLOCK, MAGIC, PARTS, number};

/// The bytes before the strings: the mark, and where each part starts and ends.
const HEAD: usize = MAGIC.len() + (PARTS + 1) * 4;

/// The most that a pack may be: a bound that only a damaged one meets.
const MOST: usize = 8 * 1024 * 1024;

/// The most memory of decompression, in kB: the dictionary and little else.
const MEMORY_KB: u32 = 9 * 1024;

/// A pack with front-coded strings, to be compressed; `None` where the bytes are no pack.
pub fn pressed(pack: &[u8]) -> Option<Vec<u8>> {
    let (head, _) = pack.split_at_checked(HEAD)?;
    let end = number(pack, MAGIC.len() + 4, 4)?;
    let (strings, rest) = (pack.get(HEAD..end)?, pack.get(end..)?);
    let count = number(strings, 0, 2)?;
    let lengths = strings.get(2 + count.div_ceil(BLOCK) * 4..)?;
    let (lengths, mut text) = lengths.split_at_checked(count)?;
    let (mut shared, mut own, mut tails) = (Vec::new(), Vec::new(), Vec::new());
    let mut before: &[u8] = &[];
    for length in lengths {
        let (string, after) = text.split_at_checked(usize::from(*length))?;
        let common = before.iter().zip(string).take_while(|(a, b)| a == b).count();
        shared.push(u8::try_from(common).ok()?);
        own.push(u8::try_from(string.len() - common).ok()?);
        tails.extend_from_slice(string.get(common..)?);
        (before, text) = (string, after);
    }
    let size = u32::try_from(tails.len()).ok()?.to_le_bytes();
    Some([head, strings.get(..2)?, &size, &shared, &own, &tails, rest].concat())
}

/// The pack that compressed bytes are; `None` where they are none.
pub(super) fn unpressed(compressed: &[u8]) -> Option<Vec<u8>> {
    let size = usize::try_from(u64::from_le_bytes(compressed.get(5..13)?.try_into().ok()?)).ok()?;
    if size > MOST {
        return None;
    }
    let mut bytes = vec![0; size];
    LzmaReader::new_mem_limit(compressed, MEMORY_KB, None).ok()?.read_exact(&mut bytes).ok()?;
    let (head, body) = bytes.split_at_checked(HEAD)?;
    let (count, size) = (number(body, 0, 2)?, number(body, 2, 4)?);
    let (shared, body) = body.get(6..)?.split_at_checked(count)?;
    let (own, body) = body.split_at_checked(count)?;
    let (mut tails, rest) = body.split_at_checked(size)?;
    let mut starts = Vec::new();
    let mut lengths = Vec::with_capacity(count);
    let mut text: Vec<u8> = Vec::new();
    let mut before = 0_usize;
    for (place, (shared, own)) in shared.iter().zip(own).enumerate() {
        let start = text.len();
        if place % BLOCK == 0 {
            starts.extend(u32::try_from(start).ok()?.to_le_bytes());
        }
        text.extend_from_within(
            before..before.checked_add(usize::from(*shared)).filter(|end| *end <= start)?,
        );
        let (tail, after) = tails.split_at_checked(usize::from(*own))?;
        text.extend_from_slice(tail);
        lengths.push(shared.checked_add(*own)?);
        (tails, before) = (after, start);
    }
    let count = u16::try_from(count).ok()?.to_le_bytes();
    Some([head, &count, &starts, &lengths, &text, rest].concat())
}
