/**
 * AssemblyScript's number types, as far as assembly/layout.ts names them, for TypeScript: the one module that both
 * compilers read.
 */
type u32 = number;
type i32 = number;
type f32 = number;
type usize = number;
