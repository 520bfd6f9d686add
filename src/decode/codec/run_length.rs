//! DICOM's run lengths: PS3.5 annex G.

use super::damaged;
use crate::error::Result;

/// Decodes one frame to `planes` planes of `size` bytes, one after the other: for each sample of a pixel its bytes,
/// the highest first.
pub(in super::super) fn decode(frame: &[u8], planes: usize, size: usize) -> Result<Vec<u8>> {
    let broken = || damaged("run-length coded picture");
    let word = |index: usize| {
        let bytes = frame.get(4 * index..4 * index + 4)?;
        Some(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) as usize)
    };
    if word(0) != Some(planes) || planes > 15 {
        return Err(broken());
    }
    let mut all = Vec::with_capacity(planes * size);
    for plane in 1..=planes {
        let begin = word(plane).filter(|&begin| begin >= 64).ok_or_else(broken)?;
        let segment = frame.get(begin..).ok_or_else(broken)?;
        unpack(segment, plane * size, &mut all).ok_or_else(broken)?;
    }
    Ok(all)
}

/// Unpacks a segment (G.3.2) onto `out`, until that has `end` bytes. What a run has beyond is left out.
fn unpack(mut segment: &[u8], end: usize, out: &mut Vec<u8>) -> Option<()> {
    while out.len() < end {
        let (&control, rest) = segment.split_first()?;
        let room = end - out.len();
        match control as i8 {
            count @ 0.. => {
                let (literal, after) = rest.split_at_checked(count as usize + 1)?;
                out.extend_from_slice(literal.get(..room).unwrap_or(literal));
                segment = after;
            }
            i8::MIN => segment = rest,
            count => {
                let (&byte, after) = rest.split_first()?;
                let run = usize::from(count.unsigned_abs()) + 1;
                out.resize(out.len() + run.min(room), byte);
                segment = after;
            }
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn frame(segments: &[&[u8]]) -> Vec<u8> {
        let mut words = vec![segments.len() as u32];
        let mut at = 64;
        for segment in segments {
            words.push(at);
            at += segment.len() as u32;
        }
        words.resize(16, 0);
        let header = words.into_iter().flat_map(u32::to_le_bytes);
        header.chain(segments.concat()).collect()
    }

    #[test]
    fn runs_and_literals() {
        // Two literals, nothing, three times 9.
        let segment = [1, 5, 6, 0x80, 0xfe, 9];
        assert_eq!(decode(&frame(&[&segment]), 1, 5).unwrap(), [5, 6, 9, 9, 9]);
        assert_eq!(decode(&frame(&[&segment]), 1, 4).unwrap(), [5, 6, 9, 9], "padding is left out");
        assert_eq!(decode(&frame(&[&segment, &[0xfc, 7]]), 2, 5).unwrap()[5..], [7; 5]);
    }

    #[test]
    fn what_is_damaged_is_refused() {
        let kind = |frame: &[u8], planes| decode(frame, planes, 5).unwrap_err().kind();
        let good = frame(&[&[1, 5, 6, 0xfe, 9]]);
        for length in 0..good.len() {
            assert_eq!(kind(&good[..length], 1), ErrorKind::Decode);
        }
        assert_eq!(kind(&good, 2), ErrorKind::Decode, "another number of planes");
        let mut before = good.clone();
        before[4] = 3;
        assert_eq!(kind(&before, 1), ErrorKind::Decode, "a segment that begins in the header");
    }
}
