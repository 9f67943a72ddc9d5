//! Linked files: packed files that take turns in one arena. This host runs one of them, so it needs no more than that.

use crate::layout::*;

/// The packed file to run: the file itself, or the one of a linked file's that has the name.
pub fn choose<'a>(file: &'a [u8], name: Option<&str>) -> Result<&'a [u8], String> {
    let linked = word(file, LINKED_MAGIC) == Some(MAGIC_LINKED);
    match name {
        None if linked => Err("the file holds several models: choose one with --model".into()),
        None => Ok(file),
        Some(name) if linked => member(file, name),
        Some(name) => Err(format!("the file holds one model, none called \"{name}\"")),
    }
}

/// The packed file of a name; it is checked by the engine, like any other.
fn member<'a>(linked: &'a [u8], name: &str) -> Result<&'a [u8], String> {
    let damaged = || "the linked file is damaged".to_string();
    if word(linked, LINKED_VERSION) != Some(VERSION_LINKED) {
        return Err("the linked file has a version that this host does not know".into());
    }
    for index in 0..word(linked, LINKED_MEMBER_COUNT).ok_or_else(damaged)? {
        let record =
            index.checked_mul(MEMBER_BYTES).and_then(|at| at.checked_add(LINKED_MEMBERS)).ok_or_else(damaged)?;
        let part =
            |offset: u32, bytes: u32| slice(linked, word(linked, record + offset)?, word(linked, record + bytes)?);
        if part(MEMBER_NAME, MEMBER_NAME_BYTES).ok_or_else(damaged)? == name.as_bytes() {
            return part(MEMBER_FILE, MEMBER_FILE_BYTES).ok_or_else(damaged);
        }
    }
    Err(format!("the file holds no model \"{name}\""))
}

fn slice(file: &[u8], offset: u32, bytes: u32) -> Option<&[u8]> {
    let end = (offset as usize).checked_add(bytes as usize)?;
    file.get(offset as usize..end)
}

/// A word of a file; nothing past its end.
fn word(file: &[u8], offset: u32) -> Option<u32> {
    slice(file, offset, 4).and_then(|bytes| bytes.try_into().ok()).map(u32::from_le_bytes)
}
