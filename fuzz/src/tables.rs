//! Fuzzes tables of labelled films: a user's own (`evaluate --manifest`), and the manifests of the training data.

#![allow(unreachable_pub)]

use std::path::Path;

use super::reader::{ErrorKind, tables};
use super::targets::Target;

pub const TARGET: Target = ("tables", run, |_| seeds());

fn run(data: &[u8]) {
    let (folder, table) = (Path::new("nowhere"), Path::new("nowhere/films.csv"));
    for films in [tables::own_films_of(table, data), tables::manifest_of(folder, table, data)] {
        if let Err(error) = films {
            assert!(error.kind() == ErrorKind::Dataset && error.to_string().contains("films.csv"), "{error}");
        }
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let tables = [
        "path,label,source,patient_group\na.png,normal,ward,p1\n\"b, c.png\",covid19,,\n",
        "\u{feff}Label; Path ;SOURCE\r\nCOVID-19;a.png;\"ward \"\"3\"\"\"\r\nPneumonia;sub\\b.png;\r\n",
        "file\tlabel\tpatient\na.png\tnormal\tp1\n",
        "path,source,label,finding,patient_group,split,lung_mask,original_name\n\
         images/b.jpg,shenzhen,tb,,p2,train,lung_masks-2/b.png,b\nimages/c.jpg,nih2,other,Effusion|Nodule,p3,val,,c\n",
    ];
    tables.map(|table| table.as_bytes().to_vec()).to_vec()
}
