//! What a DICOM file is, in words: for errors and warnings, from fixed tables, so that nothing of the file is said.

/// The index of a CD or memory stick (PS3.10 annex B).
pub(super) const DIRECTORY: &str = "1.2.840.10008.1.3.10";

/// What a file is that has no picture, by its SOP Class UID (PS3.6 annex A), with its article; `None` for a class that
/// has one, or is not known.
pub(super) fn without_picture(sop_class: &str) -> Option<&'static str> {
    Some(match sop_class.strip_prefix("1.2.840.10008.5.1.4.1.1.")? {
        "104.1" => "a PDF document in a DICOM file",
        "104.2" => "a CDA document in a DICOM file",
        "104.3" | "104.4" | "104.5" => "a surface model in a DICOM file",
        "66" => "DICOM raw data",
        "66.5" => "a DICOM surface segmentation",
        "88.59" => "a DICOM key object selection",
        "88.67" => "a DICOM radiation dose report",
        "9.1.1" | "9.1.2" | "9.1.3" | "9.2.1" | "9.3.1" | "9.4.1" | "9.5.1" | "9.6.1" => "a DICOM waveform",
        class if class.starts_with("88.") => "a DICOM structured report",
        class if class.starts_with("11.") => "a DICOM presentation state",
        class if class.starts_with("481.") => "a DICOM file of radiotherapy",
        class if class.starts_with("9.") => "a DICOM waveform",
        _ => return None,
    })
}

/// What the film is by Modality (PS3.3 C.7.3.1.1.1), with its article, where that is not a plain X-ray.
pub(super) fn other_modality(modality: &str) -> Option<&'static str> {
    Some(match modality.to_ascii_uppercase().as_str() {
        // Other says nothing.
        "CR" | "DX" | "DR" | "RG" | "OT" | "" => return None,
        "CT" => "a CT",
        "MR" => "an MRI",
        "US" | "IVUS" => "an ultrasound picture",
        "MG" => "a mammogram",
        "NM" | "PT" | "ST" => "a nuclear medicine picture",
        "RF" => "fluoroscopy",
        "XA" => "an angiogram",
        "PX" | "IO" => "a dental X-ray",
        "BMD" | "DXA" => "a bone density measurement",
        "RTIMAGE" | "RTDOSE" => "a picture of radiotherapy",
        "SC" => "a picture of a screen",
        "SEG" => "a segmentation",
        "ECG" => "an ECG",
        "DOC" => "a document",
        "ES" | "GM" | "SM" | "XC" | "OP" | "OPT" | "DG" => "a photograph or a microscope's picture",
        _ => "not a plain X-ray",
    })
}

/// Whether View Position (PS3.3 C.8.11.5, C.8.1.2; makers add words) is one of a frontal film.
pub(super) fn is_frontal(view: &str) -> bool {
    let view = view.to_uppercase();
    let words: Vec<&str> = view.split(|letter: char| !letter.is_alphanumeric()).collect();
    let compact = words.concat();
    let has = |names: &[&str]| names.iter().any(|name| words.contains(name));
    let is_frontal = has(&FRONTAL) || ["PA", "AP"].iter().any(|start| compact.starts_with(start));
    // How somebody lies or stands leaves the view open.
    let is_open =
        has(&["PORTABLE", "BEDSIDE", "MOBILE", "SUPINE", "ERECT", "UPRIGHT", "SITTING", "STANDING"]);
    compact.is_empty() || (!has(&["LORDOTIC", "OBLIQUE"]) && (is_frontal || (is_open && !has(&LATERAL))))
}

/// Words for views that are not frontal.
const LATERAL: [&str; 11] = [
    "LATERAL", "LAT", "LL", "RL", "SEITLICH", "SEITL", "OBLIQUE", "LATERALE", "LATERAAL", "PROFIL", "PERFIL",
];

/// Words for views that are.
const FRONTAL: [&str; 11] = [
    "PA",
    "AP",
    "DV",
    "VD",
    "FRONTAL",
    "FRONT",
    "ANTEROPOSTERIOR",
    "POSTEROANTERIOR",
    "ANTERO",
    "POSTERO",
    "BILATERAL",
];

/// Whether free text (a series' description, a body part with words of the maker's) names a view that is not frontal, and
/// none that is: a study's two views are often described together.
pub(super) fn names_lateral(text: &str) -> bool {
    let text = text.to_uppercase();
    let has = |words: &[&str]| {
        text.split(|letter: char| !letter.is_alphanumeric()).any(|word| words.contains(&word))
    };
    has(&LATERAL) && !has(&FRONTAL) && !has(&["DECUBITUS", "DECUB"])
}

/// Whether a view of View Code Sequence (PS3.3 C.8.11.5, PS3.16 CID 4010) is that of a frontal film: by its SNOMED CT code, or
/// by its meaning where the code is an older one.
pub(super) fn is_frontal_code(scheme: &str, value: &str, meaning: &str) -> bool {
    // Anteroposterior, posteroanterior, frontal.
    const FRONTAL: [&str; 3] = ["399348003", "272479007", "399033003"];
    let meaning = meaning.to_ascii_lowercase();
    let is_other = ["lateral", "oblique", "axial", "sagittal"].iter().any(|view| meaning.contains(view));
    if scheme == "SCT" && !value.is_empty() { FRONTAL.contains(&value) } else { !is_other }
}

/// Whether Body Part Examined (PS3.16 annex L; makers write other words too) is one that a chest film may have.
pub(super) fn is_chest(body_part: &str) -> bool {
    const CHESTS: [&str; 21] = [
        "CHEST",
        "THORAX",
        "TORAX",
        "TORACE",
        "THORACIC CAVITY",
        "LUNG",
        "PULMO",
        "PECHO",
        "HEART",
        "BRUSTKORB",
        "RIB",
        "MEDIASTIN",
        "CHST",
        "CXR",
        "THX",
        "POUMON",
        // A chest is in these, and nothing is said by the last.
        "TRUNK",
        "TORSO",
        "WHOLEBODY",
        "WHOLE BODY",
        "UNKNOWN",
    ];
    let body_part = body_part.to_ascii_uppercase();
    // Part of the word for the thoracic spine.
    let is_german = body_part == "BRUST";
    body_part.is_empty() || is_german || CHESTS.iter().any(|chest| body_part.contains(chest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chest_has_many_names() {
        for chest in ["CHEST", "Chest PA", "THORAX", "TORAX", "", "LUNGS", "BRUST", "TRUNK", "UNKNOWN"] {
            assert!(is_chest(chest), "{chest}");
        }
        for other in ["HAND", "SKULL", "ABDOMEN", "PELVIS", "TSPINE", "BRUSTWIRBELSAEULE"] {
            assert!(!is_chest(other), "{other}");
        }
    }

    #[test]
    fn view_positions_are_written_in_many_ways() {
        for frontal in
            ["", "PA", "AP", "P-A", "A.P.", "PA ERECT", "FRONTAL", "POSTERO_ANTERIOR", "SEMI-ERECT AP"]
                .into_iter()
                .chain(["ANTEROPOSTERIOR", "PORTABLE", "SUPINE", "CHEST AP", "DV", "APSUPINE"])
        {
            assert!(is_frontal(frontal), "{frontal}");
        }
        for other in ["LL", "RL", "LATERAL", "LLO", "RAO", "AP AXIAL LORDOTIC", "ERECT LATERAL", "SWIMMERS"] {
            assert!(!is_frontal(other), "{other}");
        }
    }

    #[test]
    fn free_text_names_a_lateral_view() {
        for lateral in [
            "CHEST LATERAL",
            "Thorax seitlich",
            "W chest, lat.",
            "CHEST_LAT",
            "Tórax lateral",
            "TORAX PERFIL",
        ] {
            assert!(names_lateral(lateral), "{lateral}");
        }
        for other in
            ["", "CHEST", "CHEST PA AND LATERAL", "Chest PA/Lat", "LATERAL DECUBITUS", "PLATE", "AP SUPINE"]
        {
            assert!(!names_lateral(other), "{other}");
        }
    }

    #[test]
    fn codes_say_whether_a_view_is_frontal() {
        assert!(is_frontal_code("SCT", "272479007", "postero-anterior"));
        assert!(is_frontal_code("SRT", "R-10214", "postero-anterior"));
        assert!(is_frontal_code("", "", ""));
        assert!(!is_frontal_code("SCT", "399173006", ""), "left lateral");
        assert!(!is_frontal_code("SRT", "R-10236", "Left Lateral"));
    }

    #[test]
    fn other_modalities_have_names() {
        assert_eq!((other_modality("OT"), other_modality("DX")), (None, None));
        assert_eq!(other_modality("ct"), Some("a CT"));
    }

    #[test]
    fn what_is_no_picture_has_a_name() {
        let of = |class: &str| without_picture(&format!("1.2.840.10008.5.1.4.1.1.{class}")).unwrap();
        assert!(of("88.11").contains("structured report"));
        assert!(of("104.1").contains("PDF"));
        assert!(of("11.1").contains("presentation state"));
        assert!(of("88.59").contains("key object"));
        assert_eq!(without_picture("1.2.840.10008.5.1.4.1.1.1.1"), None);
        assert_eq!(without_picture("1.2.3"), None);
    }
}
