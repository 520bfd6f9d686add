//! What a file is that is not read, by its first bytes: so that people are told, and need not guess.

use crate::error::{Error, ErrorKind, ForeignFormat};

/// What is known of a file that is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Foreign {
    /// With its article.
    name: &'static str,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A picture that something else may decode.
    DecodedElsewhere(ForeignFormat),
    /// Any other picture.
    Picture,
    /// An archive, which may hold films.
    Packed,
    Other,
}

impl Foreign {
    const fn picture(name: &'static str) -> Self {
        Self { name, kind: Kind::Picture }
    }

    const fn other(name: &'static str) -> Self {
        Self { name, kind: Kind::Other }
    }

    const fn packed(name: &'static str) -> Self {
        Self { name, kind: Kind::Packed }
    }

    const fn decoded_elsewhere(name: &'static str, format: ForeignFormat) -> Self {
        Self { name, kind: Kind::DecodedElsewhere(format) }
    }

    /// Whether it holds a picture, whatever kind of.
    pub(super) fn is_picture(self) -> bool {
        matches!(self.kind, Kind::DecodedElsewhere(_) | Kind::Picture)
    }

    /// What is known of the bytes, if they are of none of the formats that are read.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        let at = |place: usize, magic: &[u8]| bytes.get(place..).is_some_and(|rest| rest.starts_with(magic));
        let known = KNOWN.iter().find(|(place, magic, _)| at(*place, magic));
        known
            .map(|(_, _, foreign)| *foreign)
            .or_else(|| media(bytes))
            .or_else(|| targa(bytes))
            .or_else(|| text(bytes))
    }

    /// What people are told.
    pub(super) fn error(foreign: Option<Self>) -> Error {
        let (name, kind) = foreign.map_or(("not an image", Kind::Other), |Self { name, kind }| (name, kind));
        let advice = match kind {
            Kind::DecodedElsewhere(format) => {
                let message =
                    format!("this is {name}, which is not read here: export the film as JPEG or PNG");
                return Error::foreign(format, message);
            }
            Kind::Picture => ", which is not read: export the film as PNG or as 16-bit grey TIFF",
            Kind::Packed => ", which is not unpacked here: unpack it and open the films that it holds",
            Kind::Other => {
                "; DICOM, PNG, JPEG, JPEG 2000, WebP, BMP and TIFF are read: export the film as one of them"
            }
        };
        Error::new(ErrorKind::UnsupportedFormat, format!("this is {name}{advice}"))
    }
}

/// The size that the header of a file states which something else may decode, for that to be refused before: a few bytes
/// may ask for gigabytes. `None` where it is not known.
pub(super) fn stated_size(bytes: &[u8], format: ForeignFormat) -> Option<(u32, u32)> {
    match format {
        // The canvas, after the signature.
        ForeignFormat::Gif => {
            let &[a, b, c, d] = bytes.get(6..10)? else { return None };
            Some((u16::from_le_bytes([a, b]).into(), u16::from_le_bytes([c, d]).into()))
        }
        // The largest of the image spatial extents (ISO 23008-12, 6.5.3): those of tiles are smaller. They stand at the
        // front, in boxes of 20 bytes.
        ForeignFormat::Avif | ForeignFormat::Heic => {
            const EXTENTS: &[u8] = b"\0\0\0\x14ispe\0\0\0\0";
            let head = &bytes[..bytes.len().min(1 << 16)];
            let sizes = head.windows(20).filter(|window| window.starts_with(EXTENTS)).map(|window| {
                let number = |at: usize| u32::from_be_bytes([0, 1, 2, 3].map(|k| window[at + k]));
                (number(12), number(16))
            });
            sizes.max_by_key(|&(width, height)| u64::from(width) * u64::from(height))
        }
        ForeignFormat::JpegXl => None,
    }
}

/// Where which bytes stand, and what that is.
const KNOWN: &[(usize, &[u8], Foreign)] = &[
    (128, b"DICM", Foreign::picture("a DICOM file")),
    (0, b"GIF87a", Foreign::decoded_elsewhere("a GIF picture", ForeignFormat::Gif)),
    (0, b"GIF89a", Foreign::decoded_elsewhere("a GIF picture", ForeignFormat::Gif)),
    (0, b"\xff\x0a", Foreign::decoded_elsewhere("a JPEG XL picture", ForeignFormat::JpegXl)),
    (0, b"\0\0\0\x0cJXL \r\n\x87\n", Foreign::decoded_elsewhere("a JPEG XL picture", ForeignFormat::JpegXl)),
    (0, b"\0\0\0\x0cjP  ", Foreign::picture("a JPEG 2000 picture")),
    (0, b"\xff\x4f\xff\x51", Foreign::picture("a JPEG 2000 picture")),
    (0, b"II\xbc\x01", Foreign::picture("a JPEG XR picture")),
    (0, b"8BPS", Foreign::picture("a Photoshop document")),
    (0, b"gimp xcf", Foreign::picture("a GIMP picture")),
    (0, b"\x76\x2f\x31\x01", Foreign::picture("an OpenEXR picture")),
    (0, b"#?RADIANCE", Foreign::picture("a Radiance picture")),
    (0, b"qoif", Foreign::picture("a QOI picture")),
    (0, b"farbfeld", Foreign::picture("a farbfeld picture")),
    (0, b"DDS ", Foreign::picture("a DDS texture")),
    (0, b"\0\0\x01\0", Foreign::picture("an icon")),
    (0, b"\x8aMNG", Foreign::picture("an MNG animation")),
    (0, b"\x8bJNG", Foreign::picture("a JNG picture")),
    (0, b"SIMPLE  =", Foreign::picture("a FITS picture")),
    (0, b"AT&TFORM", Foreign::picture("a DjVu document")),
    (0, b"P5\n", Foreign::picture("a PGM picture")),
    (0, b"P5 ", Foreign::picture("a PGM picture")),
    (0, b"P2\n", Foreign::picture("a PGM picture")),
    (0, b"P6\n", Foreign::picture("a PPM picture")),
    (0, b"P6 ", Foreign::picture("a PPM picture")),
    (0, b"P3\n", Foreign::picture("a PPM picture")),
    (0, b"P7\n", Foreign::picture("a PAM picture")),
    (0, b"Pf\n", Foreign::picture("a PFM picture")),
    (0, b"PF\n", Foreign::picture("a PFM picture")),
    (0, b"\x01\xda", Foreign::picture("an SGI picture")),
    (0, b"\x0a\x05\x01", Foreign::picture("a PCX picture")),
    (0, b"icns", Foreign::picture("an icon")),
    (0, b"%!PS", Foreign::other("a PostScript document")),
    (0, b"\x89HDF\r\n\x1a\n", Foreign::other("an HDF5 file")),
    (0, b"NRRD000", Foreign::picture("an NRRD volume")),
    (344, b"n+1\0", Foreign::picture("a NIfTI volume")),
    (0, b"\x93NUMPY", Foreign::other("a NumPy array")),
    (0, b"%PDF", Foreign::other("a PDF document")),
    (0, b"PK\x03\x04", Foreign::other("a ZIP archive or an Office document")),
    (0, b"PK\x05\x06", Foreign::other("a ZIP archive or an Office document")),
    (0, b"PK\x07\x08", Foreign::other("a ZIP archive or an Office document")),
    (0, b"\x1f\x8b", Foreign::packed("a file packed by gzip")),
    (0, b"\x1f\x9d", Foreign::packed("a file packed by compress")),
    (0, b"\xfd7zXZ\0", Foreign::packed("a file packed by xz")),
    (0, b"BZh", Foreign::packed("a file packed by bzip2")),
    (0, b"\x28\xb5\x2f\xfd", Foreign::packed("a file packed by Zstandard")),
    (0, b"\x04\x22\x4d\x18", Foreign::packed("a file packed by LZ4")),
    (0, b"\x02\x21\x4c\x18", Foreign::packed("a file packed by LZ4")),
    (0, b"LZIP", Foreign::packed("a file packed by lzip")),
    (0, b"7z\xbc\xaf\x27\x1c", Foreign::packed("a 7-Zip archive")),
    (0, b"Rar!\x1a\x07", Foreign::packed("a RAR archive")),
    (257, b"ustar", Foreign::packed("a tar archive")),
    (0, b"MSCF", Foreign::packed("a cabinet archive (CAB)")),
    (0, b"\x60\xea", Foreign::packed("an ARJ archive")),
    (2, b"-lh", Foreign::packed("an LHA archive")),
    (0, b"xar!", Foreign::packed("a XAR archive")),
    (0, b"StuffIt ", Foreign::packed("a StuffIt archive")),
    (0, b"SIT!", Foreign::packed("a StuffIt archive")),
    (0x8001, b"CD001", Foreign::packed("an image of a CD (ISO)")),
    (0x8001, b"BEA01", Foreign::packed("an image of a CD (ISO)")),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Foreign::other("an Office document")),
];

/// A TGA picture of version 2, by its end: its head has no mark.
fn targa(bytes: &[u8]) -> Option<Foreign> {
    bytes.ends_with(b"TRUEVISION-XFILE.\0").then(|| Foreign::picture("a TGA picture"))
}

/// ISO base media files, by the brands in their first box: HEIF (ISO 23008-12), AVIF, and videos.
fn media(bytes: &[u8]) -> Option<Foreign> {
    const HEIC: [&[u8]; 10] =
        [b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"avci", b"avcs"];
    // Pictures and sequences of any codec.
    const HEIF: [&[u8]; 4] = [b"mif1", b"msf1", b"mif2", b"miaf"];
    if bytes.get(4..8) != Some(b"ftyp") {
        return None;
    }
    let length = u32::from_be_bytes(bytes.first_chunk().copied()?) as usize;
    let first_box = &bytes[..length.clamp(8, bytes.len())];
    // The major brand, then a version, then those that the file is compatible with.
    let brands =
        || first_box[8..].chunks_exact(4).enumerate().filter(|(k, _)| *k != 1).map(|(_, brand)| brand);
    let is_avif = |brand: &[u8]| matches!(brand, b"avif" | b"avis");
    let foreign = if brands().next().is_some_and(is_avif) {
        Foreign::decoded_elsewhere("an AVIF picture", ForeignFormat::Avif)
    } else if brands().any(|brand| HEIC.contains(&brand)) {
        Foreign::decoded_elsewhere("a HEIC picture", ForeignFormat::Heic)
    } else if brands().any(is_avif) {
        Foreign::decoded_elsewhere("an AVIF picture", ForeignFormat::Avif)
    } else if brands().any(|brand| HEIF.contains(&brand)) {
        Foreign::decoded_elsewhere("a HEIF picture", ForeignFormat::Heic)
    } else {
        Foreign::other("a video")
    };
    Some(foreign)
}

/// SVG is a text.
fn text(bytes: &[u8]) -> Option<Foreign> {
    let head = bytes.get(..bytes.len().min(1024))?;
    let is_markup = head.trim_ascii_start().starts_with(b"<") || head.starts_with(b"\xef\xbb\xbf<");
    let is_svg = is_markup && head.windows(4).any(|word| word == b"<svg");
    is_svg.then_some(Foreign::picture("an SVG drawing"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{is_picture, sniff};

    /// The first box of a file, with its brands.
    fn brands(major: &[u8], compatible: &[&[u8]]) -> Vec<u8> {
        let mut bytes = (16 + 4 * compatible.len() as u32).to_be_bytes().to_vec();
        bytes.extend_from_slice(b"ftyp");
        bytes.extend_from_slice(major);
        bytes.extend_from_slice(&[0; 4]);
        bytes.extend(compatible.concat());
        bytes.extend_from_slice(b"\0\0\0\x08mdat avif");
        bytes
    }

    #[test]
    fn what_a_browser_may_decode_is_told_to_the_page() {
        use ForeignFormat::{Avif, Gif, Heic, JpegXl};
        let cases: [(Vec<u8>, ForeignFormat); 19] = [
            (b"GIF87a".to_vec(), Gif),
            (b"GIF89a\x10\0\x10\0".to_vec(), Gif),
            (b"\xff\x0a\xfa\x1f".to_vec(), JpegXl),
            (b"\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14ftypjxl ".to_vec(), JpegXl),
            (brands(b"heic", &[b"mif1", b"heic"]), Heic),
            (brands(b"heix", &[]), Heic),
            (brands(b"hevc", &[b"msf1"]), Heic),
            (brands(b"hevx", &[]), Heic),
            (brands(b"heim", &[]), Heic),
            (brands(b"mif1", &[b"heic"]), Heic),
            (brands(b"mif1", &[b"mif1", b"miaf", b"avif"]), Avif),
            (brands(b"msf1", &[b"hevc"]), Heic),
            (brands(b"msf1", &[b"avis"]), Avif),
            (brands(b"mif1", &[]), Heic),
            (brands(b"msf1", &[]), Heic),
            (brands(b"avif", &[b"mif1", b"miaf"]), Avif),
            (brands(b"avis", &[b"msf1"]), Avif),
            // A major brand of a codec says more than those that follow.
            (brands(b"avif", &[b"heic"]), Avif),
            // Cut within its first box.
            (brands(b"mif1", &[b"mif1", b"avif"])[..24].to_vec(), Avif),
        ];
        for (bytes, format) in cases {
            let error = sniff(&bytes).unwrap_err();
            assert_eq!(
                (error.kind(), error.format()),
                (ErrorKind::UnsupportedFormat, Some(format)),
                "{bytes:?}"
            );
            assert!(error.to_string().contains("export the film as JPEG or PNG"), "{error}");
            assert!(is_picture(&bytes));
        }
    }

    /// What a browser is not to be asked for.
    #[test]
    fn too_large_a_picture_is_refused_by_its_header() {
        let gif = |side: u16| [b"GIF89a", &side.to_le_bytes()[..], &side.to_le_bytes(), &[0; 9]].concat();
        let avif = |side: u32| {
            let extents = |side: u32| {
                [b"\0\0\0\x14ispe\0\0\0\0", &side.to_be_bytes()[..], &side.to_be_bytes()].concat()
            };
            [brands(b"avif", &[b"mif1"]), extents(512), extents(side)].concat()
        };
        for (file, format) in [(gif(8000), ForeignFormat::Gif), (avif(8000), ForeignFormat::Avif)] {
            assert_eq!(sniff(&file).unwrap_err().format(), Some(format));
        }
        for file in [gif(8001), gif(u16::MAX), avif(8001), avif(u32::MAX)] {
            let error = sniff(&file).unwrap_err();
            assert_eq!((error.kind(), error.format()), (ErrorKind::TooLarge, None), "{error}");
            assert!(is_picture(&file));
        }
    }

    #[test]
    fn who_has_a_packed_file_is_told_to_unpack_it() {
        let at = |place: usize, letters: &[u8]| [&vec![b'f'; place][..], letters, b"\0"].concat();
        let packed: [(Vec<u8>, &str); 20] = [
            (b"\x1f\x8b\x08".to_vec(), "packed by gzip"),
            (b"7z\xbc\xaf\x27\x1c".to_vec(), "a 7-Zip archive"),
            (b"Rar!\x1a\x07\x01".to_vec(), "a RAR archive"),
            (b"\x1f\x9d\x90".to_vec(), "packed by compress"),
            (b"\xfd7zXZ\0\0\x04".to_vec(), "packed by xz"),
            (b"BZh91AY&SY".to_vec(), "packed by bzip2"),
            (b"\x28\xb5\x2f\xfd\x24".to_vec(), "packed by Zstandard"),
            (b"\x04\x22\x4d\x18\x64".to_vec(), "packed by LZ4"),
            (b"\x02\x21\x4c\x18\x64".to_vec(), "packed by LZ4"),
            (b"LZIP\x01".to_vec(), "packed by lzip"),
            (at(257, b"ustar\x0000"), "a tar archive"),
            (at(257, b"ustar  "), "a tar archive"),
            (b"MSCF\0\0\0\0".to_vec(), "a cabinet archive"),
            (b"\x60\xea\x2b".to_vec(), "an ARJ archive"),
            (b"\x24\x8f-lh5-".to_vec(), "an LHA archive"),
            (b"xar!\0\x1c".to_vec(), "a XAR archive"),
            (b"StuffIt (c)1997".to_vec(), "a StuffIt archive"),
            (b"SIT!\0\x01".to_vec(), "a StuffIt archive"),
            (at(0x8001, b"CD001\x01"), "an image of a CD"),
            (at(0x8001, b"BEA01\x01"), "an image of a CD"),
        ];
        for (packed, name) in packed {
            let error = sniff(&packed).unwrap_err();
            assert_eq!((error.kind(), error.format()), (ErrorKind::UnsupportedFormat, None));
            assert!(error.to_string().contains(name), "{error}");
            assert!(error.to_string().ends_with(": unpack it and open the films that it holds"), "{error}");
            assert!(!is_picture(&packed));
        }
    }

    #[test]
    fn others_are_named() {
        for (bytes, name, picture) in [
            (&b"%PDF-1.7"[..], "a PDF document", false),
            (b"PK\x03\x04", "a ZIP archive", false),
            (&brands(b"isom", &[b"mp42"]), "a video", false),
            (b"8BPS\0\x01", "a Photoshop document", true),
            (b"P5\n10 10\n", "a PGM picture", true),
            (b"Pf\n10 10\n-1\n", "a PFM picture", true),
            (b"\x01\xda\0\x01", "an SGI picture", true),
            (b"\x0a\x05\x01\x08", "a PCX picture", true),
            (b"\0\0\x03\0\0\0TRUEVISION-XFILE.\0", "a TGA picture", true),
            (b"icns\0\0\0\x08", "an icon", true),
            (b"%!PS-Adobe-3.0 EPSF-3.0", "a PostScript document", false),
            (b"\x89HDF\r\n\x1a\n", "an HDF5 file", false),
            (b"\xef\xbb\xbf<?xml version='1.0'?>\n<svg xmlns='x'>", "an SVG drawing", true),
            (b"<html>", "not an image", false),
            (b"path,label\n", "not an image", false),
            (b"\0\0\0\x08ftyp", "a video", false),
        ] {
            let error = sniff(bytes).unwrap_err();
            assert_eq!((error.kind(), error.format()), (ErrorKind::UnsupportedFormat, None));
            assert!(error.to_string().contains(name), "{error}");
            assert_eq!(is_picture(bytes), picture, "{name}");
        }
    }
}
