//! Transfer syntaxes: PS3.5 section 10 and annex A, PS3.6 annex A.

use super::element::{Coding, EXPLICIT, EXPLICIT_BIG_ENDIAN, IMPLICIT};

/// How a data set and its pixels are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TransferSyntax {
    pub(super) coding: Coding,
    pub(super) is_deflated: bool,
    pub(super) pixels: Pixels,
}

/// How pixels are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pixels {
    /// As they are.
    Native,
    RunLength,
    /// Any of JPEG, lossless JPEG, JPEG-LS, JPEG 2000: their first bytes say which.
    Jpeg,
    /// In a way that is not read, in words.
    Unread(&'static str),
}

impl TransferSyntax {
    /// Of a data set that does not name one.
    pub(super) fn uncompressed(coding: Coding) -> Self {
        Self { coding, is_deflated: false, pixels: Pixels::Native }
    }

    /// By its UID.
    pub(super) fn of(uid: &str) -> Self {
        let explicit = |pixels| Self { coding: EXPLICIT, is_deflated: false, pixels };
        let Some(standard) = uid.strip_prefix("1.2.840.10008.1.") else {
            return explicit(Pixels::Unread("in a way that its maker does not share"));
        };
        match standard {
            "2" | "20" => Self::uncompressed(IMPLICIT),
            "2.1" | "2.1.98" => explicit(Pixels::Native),
            "2.1.99" => Self { is_deflated: true, ..explicit(Pixels::Native) },
            "2.2" => Self::uncompressed(EXPLICIT_BIG_ENDIAN),
            "2.5" => explicit(Pixels::RunLength),
            "2.4.92" | "2.4.93" => explicit(Pixels::Unread("as JPEG 2000 of several pictures at once")),
            "2.4.94" | "2.4.95" | "2.4.204" | "2.4.205" => {
                explicit(Pixels::Unread("elsewhere, with a reference to a server (JPIP)"))
            }
            "2.4.110" | "2.4.111" | "2.4.112" => explicit(Pixels::Unread("as JPEG XL")),
            "2.8.1" => explicit(Pixels::Unread("as deflated frames")),
            "2.4.201" | "2.4.202" | "2.4.203" => explicit(Pixels::Jpeg),
            _ => explicit(match standard.strip_prefix("2.4.").and_then(|number| number.parse().ok()) {
                Some(50..=91_u32) => Pixels::Jpeg,
                Some(100 | 101) => Pixels::Unread("as MPEG-2 video"),
                Some(102..=106) => Pixels::Unread("as MPEG-4 (H.264) video"),
                Some(107 | 108) => Pixels::Unread("as HEVC (H.265) video"),
                _ if standard.starts_with("2.7.") => Pixels::Unread("as a video stream (SMPTE ST 2110)"),
                _ => Pixels::Unread("in a way that this version does not know"),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syntaxes_have_their_uids() {
        let of = |end: &str| TransferSyntax::of(&format!("1.2.840.10008.1.2{end}"));
        assert_eq!(of(""), TransferSyntax::uncompressed(IMPLICIT));
        assert_eq!(of(".1"), TransferSyntax::uncompressed(EXPLICIT));
        assert_eq!(of(".2"), TransferSyntax::uncompressed(EXPLICIT_BIG_ENDIAN));
        assert!(of(".1.99").is_deflated);
        assert_eq!(of(".5").pixels, Pixels::RunLength);
        for jpeg in [50, 51, 57, 70, 80, 81, 90, 91, 201, 202, 203] {
            assert_eq!(of(&format!(".4.{jpeg}")).pixels, Pixels::Jpeg);
        }
        let words = |end| match of(end).pixels {
            Pixels::Unread(words) => words,
            _ => "",
        };
        assert!(words(".4.100").contains("MPEG-2"));
        assert!(words(".4.107").contains("HEVC"));
        assert!(words(".4.110").contains("JPEG XL"));
        assert!(words(".4.94").contains("JPIP"));
        assert!(matches!(TransferSyntax::of("1.2.3").pixels, Pixels::Unread(_)));
    }
}
