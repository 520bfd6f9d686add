//! Writes what each target begins with: `seeds FOLDER` makes FOLDER/TARGET/seed_K.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "seeds".to_owned());
    let goldens = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/goldens");
    for (name, _, seeds) in covid_classifier_fuzz::targets::ALL {
        let folder = Path::new(&folder).join(name);
        std::fs::create_dir_all(&folder)?;
        for (k, seed) in seeds(&goldens).iter().enumerate() {
            std::fs::write(folder.join(format!("seed_{k}")), seed)?;
        }
    }
    Ok(())
}
