//! Makes Rust constants of assembly/layout.ts, the one description of the packed file: every `export const` with its
//! comment, and lists of the statuses' texts and of the records' fields.

use std::{env, fmt::Write, fs, path::Path};

/// One constant of the layout.
struct Constant {
    name: String,
    literal: String,
    comment: String,
}

fn main() {
    let root = env::var("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR");
    let source = Path::new(&root).join("../../assembly/layout.ts");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed={}", source.display());

    let text = fs::read_to_string(&source).expect("assembly/layout.ts is readable");
    let constants = parse(&text);
    assert!(!constants.is_empty(), "assembly/layout.ts has constants");

    let mut rust = String::new();
    for Constant { name, literal, comment } in &constants {
        writeln!(rust, "#[doc = {comment:?}]\n#[allow(dead_code)]\npub const {name}: u32 = {literal};").unwrap();
    }
    list(&mut rust, "STATUSES", "Names and texts of the statuses.", &constants, "STATUS_");
    for record in ["HEADER", "PORT", "TENSOR", "STEP"] {
        let doc = format!("Fields of the {} record, names and comments.", record.to_lowercase());
        list(&mut rust, &format!("{record}_FIELDS"), &doc, &constants, &format!("{record}_"));
    }
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&out).join("layout.rs"), rust).expect("OUT_DIR is writable");
}

/// The lines `export const NAME: u32 = LITERAL;`, each with the comment of one line above it.
fn parse(text: &str) -> Vec<Constant> {
    let mut constants = Vec::new();
    let mut comment = "";
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("/** ") {
            comment = rest.trim_end_matches("*/").trim_end();
        } else if let Some(rest) = line.strip_prefix("export const ") {
            let (name, value) = rest.split_once(": u32 = ").unwrap_or_else(|| panic!("not a u32: {line}"));
            constants.push(Constant {
                name: name.to_owned(),
                literal: value.trim_end_matches(';').to_owned(),
                comment: std::mem::take(&mut comment).to_owned(),
            });
        }
    }
    constants
}

/// A list (value, name, comment) of the constants with a prefix; a record's size is no field.
fn list(rust: &mut String, name: &str, doc: &str, constants: &[Constant], prefix: &str) {
    writeln!(rust, "#[doc = {doc:?}]\npub const {name}: &[(u32, &str, &str)] = &[").unwrap();
    let size = format!("{prefix}BYTES");
    for c in constants.iter().filter(|c| c.name.starts_with(prefix) && c.name != size) {
        writeln!(rust, "    ({}, {:?}, {:?}),", c.literal, c.name, c.comment).unwrap();
    }
    writeln!(rust, "];").unwrap();
}
