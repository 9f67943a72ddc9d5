//! A packed file and its arena in an instance of the engine: bytes in, bytes out (docs/abi.md).

use crate::{flash::Flash, layout::*, status::explain, wamr::Instance};
use std::rc::Rc;

/// The file and the arena start at multiples of this.
const ALIGNMENT: u32 = 16;
/// Room in the app heap beside file and arena: for each of them a header of 8 bytes, rounding up to 8 and aligning to
/// 16; and what the heap leaves free at its own ends.
const HEAP_OVERHEAD: u32 = 2 * (8 + 8 + ALIGNMENT) + 16;
/// WAMR refuses an app heap of fewer bytes.
const MIN_HEAP_BYTES: u32 = 256;

/// A model that the engine has accepted.
pub struct Model {
    engine: Instance,
    file: u32,
    arena: u32,
    /// Bytes of the arena.
    pub arena_bytes: u32,
    /// Bytes of WAMR's app heap, in which the file and the arena lie.
    pub heap_bytes: u32,
}

/// How the rows of a tensor lie in the arena.
struct Rows {
    height: u32,
    width: u32,
    channels: u32,
    pixel_stride: u32,
    row_stride: u32,
}

impl Model {
    /// Lays a packed file and its arena in the linear memory of an instance of the engine. Streamed weights are no part
    /// of `file`; they are read from `flash`.
    pub fn load(wasm: &[u8], file: &[u8], flash: Option<Rc<Flash>>) -> Result<Self, String> {
        // First with no arena: so the file's checksum is checked before its word on the arena's size is taken.
        let (mut model, mut status) = Self::bind(wasm, file, 0, flash.clone())?;
        if status & 0xff == STATUS_ARENA {
            let arena_bytes = model.word(HEADER_ARENA_BYTES)?;
            // The smaller memory goes before the larger one comes.
            drop(model);
            (model, status) = Self::bind(wasm, file, arena_bytes, flash)?;
        }
        if status != STATUS_OK {
            return Err(format!("the model was refused: {}", explain(status)));
        }
        Ok(model)
    }

    /// Instantiates the engine with room for a file and an arena, and asks it to load; gives its status, too.
    fn bind(wasm: &[u8], file: &[u8], arena_bytes: u32, flash: Option<Rc<Flash>>) -> Result<(Self, u32), String> {
        let too_large = || format!("{} + {arena_bytes} bytes are too many", file.len());
        let file_bytes = u32::try_from(file.len()).map_err(|_| too_large())?;
        let heap_bytes = file_bytes
            .checked_add(arena_bytes)
            .and_then(|sum| sum.checked_add(HEAP_OVERHEAD))
            .and_then(|sum| sum.checked_next_multiple_of(ALIGNMENT))
            .ok_or_else(too_large)?;
        let heap_bytes = heap_bytes.max(MIN_HEAP_BYTES);
        let mut engine = Instance::new(wasm, heap_bytes, flash)?;
        let at = engine.allocate(file_bytes, ALIGNMENT)?;
        engine.memory_mut(at, file_bytes)?.copy_from_slice(file);
        let arena = engine.allocate(arena_bytes, ALIGNMENT)?;
        let status = engine.call("load", &[at, file_bytes, arena, arena_bytes])?;
        Ok((Self { engine, file: at, arena, arena_bytes, heap_bytes }, status))
    }

    /// Bytes of the engine's linear memory.
    pub fn memory_bytes(&self) -> u64 {
        self.engine.memory_bytes()
    }

    /// Bytes of a whole input.
    pub fn input_bytes(&self) -> Result<usize, String> {
        let input = self.rows(self.file + HEADER_INPUT)?;
        Ok(input.height as usize * input.row_bytes())
    }

    /// Pushes a whole input, in the source model's own type, and runs every step.
    pub fn run(&mut self, input: &[u8]) -> Result<(), String> {
        let rows = self.rows(self.file + HEADER_INPUT)?;
        if input.len() != self.input_bytes()? {
            return Err(format!("the input has {} bytes, the model takes {}", input.len(), self.input_bytes()?));
        }
        self.engine.call("reset", &[self.arena])?;
        let mut left = input.chunks(rows.row_bytes());
        while left.len() > 0 {
            let room = self.engine.call("inputRoom", &[self.arena])?.min(left.len() as u32);
            if room == 0 {
                return Err("the engine takes no more input rows".into());
            }
            let mut address = self.engine.call("inputRow", &[self.arena])?;
            for row in left.by_ref().take(room as usize) {
                let memory = self.engine.memory_mut(address, rows.span())?;
                for (x, pixel) in row.chunks(rows.channels as usize).enumerate() {
                    let at = x * rows.pixel_stride as usize;
                    memory[at..at + pixel.len()].copy_from_slice(pixel);
                }
                address += rows.row_stride;
            }
            let status = self.engine.call("push", &[self.arena, room])?;
            if status != STATUS_OK {
                return Err(format!("the run stopped: {}", explain(status)));
            }
        }
        match self.engine.call("done", &[self.arena])? {
            1 => Ok(()),
            _ => Err("the input is complete, the outputs are not".into()),
        }
    }

    /// Copies of the outputs' bytes: rows of interleaved pixels, in the source model's own types, little-endian.
    pub fn outputs(&mut self) -> Result<Vec<Vec<u8>>, String> {
        (0..self.word(HEADER_OUTPUT_COUNT)?).map(|index| self.output(index)).collect()
    }

    fn output(&mut self, index: u32) -> Result<Vec<u8>, String> {
        let port = self.engine.call("outputDescriptor", &[self.arena, index])?;
        let rows = self.rows(port)?;
        // Of an index the engine gives the lowest byte; the others are 0.
        let element_bytes = match self.engine.word(port + PORT_TYPE)? {
            TYPE_INT8 | TYPE_UINT8 => 1,
            TYPE_INT32 => 4,
            TYPE_INT64 => 8,
            other => return Err(format!("output {index} is of the unknown type {other}")),
        };
        let mut address = self.engine.call("outputData", &[self.arena, index])?;
        let mut bytes = Vec::with_capacity(rows.height as usize * rows.row_bytes() * element_bytes);
        for _ in 0..rows.height {
            for pixel in self.engine.memory(address, rows.span())?.chunks(rows.pixel_stride as usize) {
                for &byte in &pixel[..rows.channels as usize] {
                    bytes.push(byte);
                    bytes.resize(bytes.len() + element_bytes - 1, 0);
                }
            }
            address += rows.row_stride;
        }
        Ok(bytes)
    }

    /// A word of the file.
    fn word(&self, offset: u32) -> Result<u32, String> {
        self.engine.word(self.file + offset)
    }

    /// The rows of the tensor that the port record at an address names.
    fn rows(&self, port: u32) -> Result<Rows, String> {
        let tensor = self.word(HEADER_TENSORS)? + self.engine.word(port + PORT_TENSOR)? * TENSOR_BYTES;
        Ok(Rows {
            height: self.word(tensor + TENSOR_HEIGHT)?,
            width: self.word(tensor + TENSOR_WIDTH)?,
            channels: self.word(tensor + TENSOR_CHANNELS)?,
            pixel_stride: self.word(tensor + TENSOR_PIXEL_STRIDE)?,
            row_stride: self.word(tensor + TENSOR_ROW_STRIDE)?,
        })
    }
}

impl Rows {
    /// Bytes of a row outside of the arena, where pixels lie side by side.
    fn row_bytes(&self) -> usize {
        self.width as usize * self.channels as usize
    }

    /// Bytes from a row's first to its last in the arena.
    fn span(&self) -> u32 {
        (self.width - 1) * self.pixel_stride + self.channels
    }
}
