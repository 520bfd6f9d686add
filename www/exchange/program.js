// What this program is called in what it exports. The version is that of Cargo.toml; a test holds the two together.

export const PROGRAM = { name: 'covid-classifier', version: '0.1.0' };
