//! Streamed weights: what `env.read_weights` reads (docs/abi.md).

use crate::layout::*;
use std::{
    cell::{Cell, RefCell},
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::Path,
};

/// A packed file on the disk, of which the engine holds the first part only.
pub struct Flash {
    file: RefCell<File>,
    /// Bytes read so far.
    pub bytes_read: Cell<u64>,
}

impl Flash {
    /// Opens a packed file. Gives what the engine loads, and where its weights are read from if they are streamed.
    pub fn open(path: &Path) -> io::Result<(Vec<u8>, Option<Self>)> {
        let mut file = File::open(path)?;
        let mut head = Vec::new();
        file.by_ref().take(HEADER_BYTES.into()).read_to_end(&mut head)?;
        let word = |field: u32| {
            let bytes = head.get(field as usize..field as usize + 4)?;
            Some(u32::from_le_bytes(bytes.try_into().expect("four bytes")))
        };
        let streamed = word(HEADER_MAGIC) == Some(MAGIC)
            && word(HEADER_FEATURES).is_some_and(|features| features & FEATURE_STREAMED_WEIGHTS != 0);
        let resident = if streamed { word(HEADER_FILE_BYTES).map_or(u64::MAX, u64::from) } else { u64::MAX };
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(0))?;
        file.by_ref().take(resident).read_to_end(&mut bytes)?;
        let flash = streamed.then(|| Self { file: RefCell::new(file), bytes_read: Cell::new(0) });
        Ok((bytes, flash))
    }

    /// Fills `into` from byte `offset` of the file on; gives how many bytes it read.
    pub fn read(&self, offset: u32, into: &mut [u8]) -> u32 {
        let mut file = self.file.borrow_mut();
        let read = file.seek(SeekFrom::Start(offset.into())).and_then(|_| file.read_exact(into));
        if read.is_err() {
            return 0;
        }
        self.bytes_read.set(self.bytes_read.get() + into.len() as u64);
        into.len() as u32
    }
}
