//! The part of WAMR's embedding interface that the example needs, safe to use.

use crate::flash::Flash;
use std::{
    ffi::{CStr, CString, c_char, c_void},
    ptr::null_mut,
    rc::Rc,
};
use wamrx_sys::*;

/// Bytes of the interpreter's own stack, outside of linear memory.
const STACK_BYTES: u32 = 16 * 1024;

/// An instance of a WebAssembly module in WAMR's interpreter, with an app heap in its linear memory.
pub struct Instance {
    module: wasm_module_t,
    instance: wasm_module_inst_t,
    environment: wasm_exec_env_t,
    /// WAMR works on the module's bytes where they lie, for as long as the module lives.
    _bytes: Box<[u8]>,
    /// What the module imports; none, or env.read_weights with `_flash` attached.
    natives: Box<[NativeSymbol]>,
    _flash: Option<Rc<Flash>>,
}

/// The module's import of `natives`.
const ENV: &CStr = c"env";

/// env.read_weights(offset, pointer, length). WAMR has translated the pointer and checked that `length` bytes are there.
///
/// # Safety
/// Called by WAMR, for a symbol whose attachment is a Flash that lives.
unsafe extern "C" fn read_weights(environment: wasm_exec_env_t, offset: u32, to: *mut u8, length: u32) -> u32 {
    // SAFETY: see above.
    let (flash, into) = unsafe {
        let flash = wasm_runtime_get_function_attachment(environment).cast::<Flash>();
        (&*flash, std::slice::from_raw_parts_mut(to, length as usize))
    };
    flash.read(offset, into)
}

impl Instance {
    /// Loads and instantiates a module without imports, or with env.read_weights as its only one, for a flash.
    ///
    /// WAMR appends `heap_bytes` of app heap to the linear memory, which it shrinks to `__heap_base` before.
    pub fn new(wasm: &[u8], heap_bytes: u32, flash: Option<Rc<Flash>>) -> Result<Self, String> {
        // SAFETY: counted by WAMR; Drop calls wasm_runtime_destroy once for each.
        if !unsafe { wasm_runtime_init() } {
            return Err("WAMR did not start".into());
        }
        let mut bytes: Box<[u8]> = wasm.into();
        let (at, length) = (bytes.as_mut_ptr(), size(bytes.len())?);
        // "(i*~)i": an integer, a pointer with its length, an integer back.
        let natives = flash.iter().map(|flash| NativeSymbol {
            symbol: c"read_weights".as_ptr(),
            func_ptr: read_weights as *mut c_void,
            signature: c"(i*~)i".as_ptr(),
            attachment: Rc::as_ptr(flash).cast_mut().cast(),
        });
        let mut this = Self {
            module: null_mut(),
            instance: null_mut(),
            environment: null_mut(),
            _bytes: bytes,
            natives: natives.collect(),
            _flash: flash,
        };
        let mut error = [0 as c_char; 256];
        // SAFETY: the bytes stay where they are as long as `this` lives; each pointer is checked before its use.
        unsafe {
            // The symbols stay where they are until Drop takes them back.
            let count = this.natives.len() as u32;
            if count > 0 && !wasm_runtime_register_natives(ENV.as_ptr(), this.natives.as_mut_ptr(), count) {
                return Err("WAMR does not take env.read_weights".into());
            }
            this.module = wasm_runtime_load(at, length, error.as_mut_ptr(), error.len() as u32);
            if this.module.is_null() {
                return Err(format!("WAMR does not load the module: {}", text(error.as_ptr())));
            }
            let imports = wasm_runtime_get_import_count(this.module);
            if imports < 0 || imports as u32 != count {
                return Err(format!("the module has {imports} imports, the engine for this model has {count}"));
            }
            this.instance =
                wasm_runtime_instantiate(this.module, STACK_BYTES, heap_bytes, error.as_mut_ptr(), error.len() as u32);
            if this.instance.is_null() {
                return Err(format!("WAMR does not instantiate the module: {}", text(error.as_ptr())));
            }
            this.environment = wasm_runtime_create_exec_env(this.instance, STACK_BYTES);
            if this.environment.is_null() {
                return Err("WAMR gives no execution environment".into());
            }
        }
        Ok(this)
    }

    /// Allocates bytes in the app heap. Returns their address in linear memory, a multiple of `alignment`.
    pub fn allocate(&mut self, bytes: u32, alignment: u32) -> Result<u32, String> {
        // WAMR's own alignment is 8.
        let room = u64::from(bytes) + u64::from(alignment) - 1;
        // SAFETY: the instance lives; the native address is not asked for.
        let address = unsafe { wasm_runtime_module_malloc(self.instance, room, null_mut()) };
        if address == 0 {
            return Err(format!("the app heap has no {room} bytes"));
        }
        size(address as usize).map(|address| address.next_multiple_of(alignment))
    }

    /// Calls an exported function of i32 arguments; gives its result, or 0 if it has none.
    pub fn call(&mut self, name: &str, arguments: &[u32]) -> Result<u32, String> {
        let symbol = CString::new(name).map_err(|e| e.to_string())?;
        // Arguments go in and the result comes back in the same words.
        let mut words = [0; 8];
        words[..arguments.len()].copy_from_slice(arguments);
        // SAFETY: the instance lives; the count of arguments is checked before the call.
        unsafe {
            let function = wasm_runtime_lookup_function(self.instance, symbol.as_ptr());
            if function.is_null() || wasm_func_get_param_count(function, self.instance) != arguments.len() as u32 {
                return Err(format!("the module exports no {name} of {} arguments", arguments.len()));
            }
            if !wasm_runtime_call_wasm(self.environment, function, arguments.len() as u32, words.as_mut_ptr()) {
                return Err(format!("{name} trapped: {}", text(wasm_runtime_get_exception(self.instance))));
            }
            Ok(if wasm_func_get_result_count(function, self.instance) == 0 { 0 } else { words[0] })
        }
    }

    /// Bytes of the linear memory.
    pub fn memory_bytes(&self) -> u64 {
        // SAFETY: the instance lives, and has a memory if the pointer is not null.
        unsafe {
            let memory = wasm_runtime_get_default_memory(self.instance);
            if memory.is_null() {
                return 0;
            }
            wasm_memory_get_cur_page_count(memory) * wasm_memory_get_bytes_per_page(memory)
        }
    }

    /// A part of the linear memory.
    pub fn memory(&self, address: u32, bytes: u32) -> Result<&[u8], String> {
        let native = self.native(address, bytes)?;
        // SAFETY: checked by WAMR; nothing writes or moves the memory while `self` is borrowed.
        Ok(unsafe { std::slice::from_raw_parts(native, bytes as usize) })
    }

    /// A part of the linear memory, to write to.
    pub fn memory_mut(&mut self, address: u32, bytes: u32) -> Result<&mut [u8], String> {
        let native = self.native(address, bytes)?;
        // SAFETY: checked by WAMR; nothing else reads, writes or moves the memory while `self` is borrowed.
        Ok(unsafe { std::slice::from_raw_parts_mut(native, bytes as usize) })
    }

    /// A little-endian word of the linear memory.
    pub fn word(&self, address: u32) -> Result<u32, String> {
        let bytes = self.memory(address, 4)?;
        Ok(u32::from_le_bytes(bytes.try_into().expect("four bytes")))
    }

    fn native(&self, address: u32, bytes: u32) -> Result<*mut u8, String> {
        // SAFETY: the instance lives; the range is checked before the address is translated.
        unsafe {
            if !wasm_runtime_validate_app_addr(self.instance, address.into(), bytes.into()) {
                return Err(format!("{bytes} bytes at {address} are outside of linear memory"));
            }
            Ok(wasm_runtime_addr_app_to_native(self.instance, address.into()).cast())
        }
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        // SAFETY: in the reverse order of `new`, what came to be.
        unsafe {
            if !self.environment.is_null() {
                wasm_runtime_destroy_exec_env(self.environment);
            }
            if !self.instance.is_null() {
                wasm_runtime_deinstantiate(self.instance);
            }
            if !self.module.is_null() {
                wasm_runtime_unload(self.module);
            }
            if !self.natives.is_empty() {
                wasm_runtime_unregister_natives(ENV.as_ptr(), self.natives.as_mut_ptr());
            }
            wasm_runtime_destroy();
        }
    }
}

/// A length that must fit 32 bits.
fn size(length: usize) -> Result<u32, String> {
    u32::try_from(length).map_err(|_| format!("{length} bytes are too many"))
}

/// What C says in a string.
///
/// # Safety
/// `at` is null or points to a string that ends with a zero byte.
unsafe fn text(at: *const c_char) -> String {
    if at.is_null() {
        return "no reason given".into();
    }
    unsafe { CStr::from_ptr(at) }.to_string_lossy().into_owned()
}
