// The program's name and version in exports. A test checks that the version is that of Cargo.toml.

export const PROGRAM = { name: 'covid-classifier', version: '0.1.0' };
