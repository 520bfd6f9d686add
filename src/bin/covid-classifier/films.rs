//! The films that arguments name: files, and what lies in folders and ZIP archives by the rules of the page.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::{Component, Path, PathBuf};

use covid_classifier::Error;
use covid_classifier::decode::{MAX_FILE_BYTES, is_picture};

use crate::zip;

/// What systems put into folders.
const SYSTEM: [&str; 2] = ["thumbs.db", "desktop.ini"];

/// The endings of films. What is called a film and is none is worth a word.
const ENDINGS: [&str; 21] = [
    "png", "jpg", "jpeg", "webp", "bmp", "tif", "tiff", "dcm", "dicom", "dic", "ima", "jp2", "j2k", "jpx",
    "jls", "gif", "avif", "heic", "heif", "jxl", "zip",
];

/// So many bytes say what a file is.
const HEAD_BYTES: u64 = 4096;

/// Where a film lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Film {
    File(PathBuf),
    InArchive {
        archive: PathBuf,
        entry: zip::Entry,
    },
    /// An archive that could not be listed, or what a list has in the place of a path, and why.
    Unread(PathBuf, covid_classifier::ErrorKind, String),
}

impl Film {
    /// The path of a file; of one in an archive, that of the archive and the path in it.
    pub(crate) fn path(&self) -> PathBuf {
        match self {
            Self::File(path) | Self::Unread(path, ..) => path.clone(),
            Self::InArchive { archive, entry } => archive.join(&entry.path),
        }
    }

    /// As the reports call it: what of a path is not UTF-8 stands as `\\xFF`.
    pub(crate) fn name(&self) -> String {
        let path = self.path();
        let mut name = String::new();
        for chunk in path.as_os_str().as_encoded_bytes().utf8_chunks() {
            name += chunk.valid();
            chunk.invalid().iter().for_each(|byte| name += &format!("\\x{byte:02X}"));
        }
        name
    }

    pub(crate) fn read(&self) -> Result<Vec<u8>, Error> {
        match self {
            Self::File(path) => read_bounded(path, MAX_FILE_BYTES),
            Self::Unread(_, kind, why) => Err(Error::new(*kind, why.as_str())),
            Self::InArchive { archive, entry } => zip::read(&mut File::open(archive)?, entry)
                .map_err(|why| Error::new(covid_classifier::ErrorKind::Decode, why)),
        }
    }
}

/// Films in the order in which they are read.
#[derive(Default)]
pub(crate) struct Films {
    /// Films, and folders and archives that could not be listed.
    pub(crate) films: Vec<Film>,
    /// Files of folders and archives that are no pictures.
    pub(crate) left_out: usize,
}

impl Films {
    /// The files as they are named, whatever they are; of folders and ZIP archives, and of those in them, what is not
    /// hidden and is a picture by its content, "film 2" before "film 10". `except` is not gone into.
    pub(crate) fn of(arguments: &[PathBuf], except: Option<&Path>) -> Self {
        let mut films = Self::default();
        let mut seen = HashSet::new();
        // What this program writes is not read again.
        seen.extend(except.and_then(|folder| identity(folder).ok()));
        for argument in arguments {
            let first = films.films.len();
            if argument.is_dir() {
                films.walk(argument, &mut seen);
            } else if is_archive(argument) {
                films.unpack(argument);
            } else {
                films.films.push(Film::File(argument.clone()));
            }
            films.films[first..].sort_by_cached_key(|film| {
                let path = film.path();
                (natural(&path), path)
            });
        }
        films
    }

    /// The same for what a list names: nobody writes into a pipe of a list, and opening one waits for ever.
    pub(crate) fn of_list(path: PathBuf, except: Option<&Path>) -> Self {
        if path.metadata().is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir()) {
            let why =
                "this is a pipe or a device, not a file: name files, folders and ZIP archives in a list";
            let film = Film::Unread(path, covid_classifier::ErrorKind::Io, why.to_owned());
            return Self { films: vec![film], left_out: 0 };
        }
        Self::of(&[path], except)
    }

    fn unread(&mut self, path: &Path, why: &str) {
        self.films.push(Film::Unread(path.to_owned(), covid_classifier::ErrorKind::Decode, why.to_owned()));
    }

    fn walk(&mut self, folder: &Path, seen: &mut HashSet<Identity>) {
        // A link may lead back to where it stands.
        if identity(folder).is_ok_and(|folder| !seen.insert(folder)) {
            return;
        }
        let Ok(entries) = std::fs::read_dir(folder) else {
            // Reading it as a film says why.
            self.films.push(Film::File(folder.to_owned()));
            return;
        };
        for entry in entries.flatten() {
            let path = entry.path();
            if is_hidden(&entry.file_name()) {
                continue;
            }
            if path.is_dir() {
                self.walk(&path, seen);
            } else if path.metadata().is_ok_and(|metadata| !metadata.is_file()) {
                // A pipe or a device: who opens one may wait for ever.
                self.left_out += 1;
            } else if is_archive(&path) {
                self.unpack(&path);
            } else if is_called_film(&path) || may_be_film(&path) {
                self.films.push(Film::File(path));
            } else {
                self.left_out += 1;
            }
        }
    }

    /// The films of an archive. One that is an Office document has none.
    fn unpack(&mut self, archive: &Path) {
        let opened = File::open(archive).map_err(|error| Error::from(error).to_string());
        let listed = opened.and_then(|mut file| Ok((zip::entries(&mut file)?, file)));
        let (entries, mut file) = match listed {
            Ok(listed) => listed,
            Err(why) => return self.unread(archive, &why),
        };
        for entry in entries {
            let is_system = |part: std::path::Component<'_>| {
                is_hidden(part.as_os_str()) || part.as_os_str() == "__MACOSX"
            };
            if entry.path.components().any(is_system) {
                continue;
            }
            // Reading what cannot be unpacked says why.
            let head = zip::head(&mut file, &entry, HEAD_BYTES);
            if head.as_ref().is_ok_and(|head| head.starts_with(zip::MAGIC)) {
                let why = "this ZIP archive is inside another one: unpack the outer one and name this one";
                self.unread(&archive.join(&entry.path), why);
            } else if !is_called_film(&entry.path)
                && head.is_ok_and(|head| !head.is_empty() && !is_picture(&head))
            {
                self.left_out += 1;
            } else {
                self.films.push(Film::InArchive { archive: archive.to_owned(), entry });
            }
        }
    }
}

/// A file of at most so many bytes. What its length is said to be is not trusted: of a device it is 0, and a file may be gone on with.
fn read_bounded(path: &Path, most: u64) -> Result<Vec<u8>, Error> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut bytes = Vec::new();
    if bytes.try_reserve_exact(length.min(most) as usize + 1).is_err() {
        return Err(Error::new(
            covid_classifier::ErrorKind::TooLarge,
            "there is not enough memory for this file: export it smaller",
        ));
    }
    if length <= most {
        file.take(most + 1).read_to_end(&mut bytes)?;
    }
    if length > most || bytes.len() as u64 > most {
        let message = format!("the file has more than {} MB, as no film has: export it smaller", most >> 20);
        return Err(Error::new(covid_classifier::ErrorKind::TooLarge, message));
    }
    Ok(bytes)
}

/// Whether the content is a ZIP archive's. Of a pipe, what is looked at would be missing when the film is read.
fn is_archive(path: &Path) -> bool {
    if !path.is_file() {
        return false;
    }
    let mut head = [0; 4];
    File::open(path).and_then(|mut file| file.read_exact(&mut head)).is_ok() && head == zip::MAGIC
}

fn is_hidden(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    name.starts_with('.') || SYSTEM.contains(&name.to_lowercase().as_str())
}

fn is_called_film(path: &Path) -> bool {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
}

/// Whether the content is a picture's. Of an empty file and of one that cannot be read, it is said when it is read.
fn may_be_film(path: &Path) -> bool {
    let mut head = Vec::new();
    match File::open(path).and_then(|file| file.take(HEAD_BYTES).read_to_end(&mut head)) {
        Ok(_) => head.is_empty() || is_picture(&head),
        Err(error) => error.kind() != ErrorKind::NotFound,
    }
}

/// What tells a folder from all others. A canonical path would be looked up part by part, in each of the folders in it.
#[cfg(unix)]
type Identity = (u64, u64);
#[cfg(not(unix))]
type Identity = PathBuf;

#[cfg(unix)]
fn identity(folder: &Path) -> std::io::Result<Identity> {
    use std::os::unix::fs::MetadataExt as _;
    folder.metadata().map(|metadata| (metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identity(folder: &Path) -> std::io::Result<Identity> {
    folder.canonicalize()
}

/// Bytes whose order is that of people: numbers by their value, letters without their case. The parts of a path end in
/// zero, and of a number first comes how many digits it has.
fn natural(path: &Path) -> Vec<u8> {
    let mut key = Vec::new();
    for part in path.components() {
        let part = part.as_os_str().to_string_lossy();
        let mut rest = &part[..];
        while let Some(letter) = rest.chars().next() {
            let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            if digits > 0 {
                let number = rest[..digits].trim_start_matches('0');
                key.push(b'0');
                key.extend((number.len() as u32).to_be_bytes());
                key.extend(number.bytes());
                rest = &rest[digits..];
            } else {
                let small = letter.to_lowercase();
                small.for_each(|letter| key.extend(letter.encode_utf8(&mut [0; 4]).bytes()));
                rest = &rest[letter.len_utf8()..];
            }
        }
        key.push(0);
    }
    key
}

/// Where something of a film is written in a folder: by the film's whole path, so that films of one name in two folders
/// do not meet. The path begins where the program was started, or at the root for films elsewhere.
pub(crate) fn place_of(folder: &Path, film: &Path, ending: &str) -> std::io::Result<PathBuf> {
    let whole = whole(film)?;
    let started = std::env::current_dir().and_then(|started| self::whole(&started));
    let inner = started.ok().and_then(|started| whole.strip_prefix(started).map(Path::to_owned).ok());
    let mut place = folder.to_owned();
    for part in inner.as_deref().unwrap_or(&whole).components() {
        match part {
            Component::Normal(name) => place.push(name),
            // A drive, a share: what of its name may stand in a file's.
            Component::Prefix(prefix) => {
                let name = prefix.as_os_str().to_string_lossy();
                place.push(name.replace(|c: char| !c.is_alphanumeric(), ""));
            }
            _ => {}
        }
    }
    let mut name = place.file_name().unwrap_or_default().to_owned();
    name.push(ending);
    place.set_file_name(name);
    Ok(place)
}

/// The absolute path without `..`, as far as it can be told from the path.
fn whole(path: &Path) -> std::io::Result<PathBuf> {
    let mut whole = PathBuf::new();
    for part in std::path::absolute(path)?.components() {
        match part {
            Component::ParentDir => {
                whole.pop();
            }
            part => whole.push(part),
        }
    }
    Ok(whole)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_in_order() {
        let mut names = ["film 10", "Film 2", "film 2b", "film 1", "a/z 3", "a/z", "film 002", "b"];
        names.sort_by_cached_key(|name| (natural(Path::new(name)), name.to_owned()));
        assert_eq!(names, ["a/z", "a/z 3", "b", "film 1", "Film 2", "film 002", "film 2b", "film 10"]);
    }

    /// A device has no end.
    #[test]
    fn a_file_is_read_up_to_a_limit() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
        let length = file.metadata().unwrap().len();
        assert_eq!(read_bounded(&file, length).unwrap().len() as u64, length);
        let mut endless = vec![file];
        if cfg!(unix) {
            endless.push("/dev/zero".into());
        }
        for path in endless {
            let error = read_bounded(&path, length - 1).unwrap_err();
            assert_eq!(error.kind(), covid_classifier::ErrorKind::TooLarge);
            assert!(error.to_string().contains("export it smaller"), "{error}");
        }
    }

    /// Opened for reading, a pipe into which nobody writes waits for ever.
    #[test]
    #[cfg(unix)]
    fn a_pipe_in_a_folder_is_left_out() {
        let folder = std::env::temp_dir().join(format!("covid-classifier-pipe-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let pipe = folder.join("film.png");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let films = Films::of(std::slice::from_ref(&folder), None);
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!((films.films.len(), films.left_out), (0, 1));
    }

    /// Gone into again, a folder that holds a link to itself would have no end.
    #[test]
    #[cfg(unix)]
    fn a_link_that_leads_back_is_not_followed() {
        let folder = std::env::temp_dir().join(format!("covid-classifier-link-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("inner")).unwrap();
        std::os::unix::fs::symlink(&folder, folder.join("inner/back")).unwrap();
        for film in ["inner/film 10.png", "inner/film 2.png"] {
            std::fs::write(folder.join(film), "").unwrap();
        }
        let films = Films::of(std::slice::from_ref(&folder), None);
        std::fs::remove_dir_all(&folder).unwrap();
        let names: Vec<_> = films.films.iter().map(Film::name).collect();
        assert_eq!(names.len(), 2, "{names:?}");
        assert!(names[0].ends_with("inner/film 2.png"), "{names:?}");
    }

    #[test]
    fn a_place_carries_the_path() {
        let place = |film: &str| place_of(Path::new("out"), Path::new(film), ".map").unwrap();
        assert_eq!(place("film.png"), Path::new("out/film.png.map"));
        assert_eq!(place("./ward/../ward/film.png"), Path::new("out/ward/film.png.map"));
        assert_ne!(place("a/film.png"), place("b/film.png"));
        assert!(place("../../../../../../../../film.png").starts_with("out"));
        if cfg!(unix) {
            assert_eq!(place("/ward/film.png"), Path::new("out/ward/film.png.map"));
        }
    }
}
