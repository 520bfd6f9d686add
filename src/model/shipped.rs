//! The model of this version, as a part of the program.

use super::{Model, ModelFile};
use crate::error::Result;

const MANIFEST: &[u8] = include_bytes!("../../models/manifest.json");

/// The files of `models/` that the manifest names; a test holds the two together.
const FILES: [(&str, &[u8]); 4] = [
    ("texture.safetensors", include_bytes!("../../models/texture.safetensors")),
    ("lungs.safetensors", include_bytes!("../../models/lungs.safetensors")),
    ("convnet.safetensors", include_bytes!("../../models/convnet.safetensors")),
    ("gate.safetensors", include_bytes!("../../models/gate.safetensors")),
];

impl Model {
    /// The model that this program was built with.
    ///
    /// # Errors
    /// [`ErrorKind::Model`](crate::ErrorKind::Model) where it does not fit this program.
    pub fn shipped() -> Result<Self> {
        Self::from_files(MANIFEST, &FILES.map(|(name, bytes)| ModelFile::new(name, bytes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_names_these_files_and_no_others() {
        let model = Model::shipped().unwrap();
        let mut named: Vec<&str> = model.manifest.files.iter().map(|file| &file.path[..]).collect();
        let mut here = FILES.map(|(name, _)| name);
        named.sort_unstable();
        here.sort_unstable();
        assert_eq!(named, here);
    }
}
