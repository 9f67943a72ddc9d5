//! Runs midge's engine with a packed model in WAMR's interpreter: raw input bytes in, raw output bytes out.

mod layout {
    //! The constants of assembly/layout.ts, by build.rs.
    include!(concat!(env!("OUT_DIR"), "/layout.rs"));
}
mod flash;
mod linked;
mod model;
mod status;
mod wamr;

use flash::Flash;
use model::Model;
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::ExitCode,
    rc::Rc,
    time::{Duration, Instant},
};

const USAGE: &str = "usage: midge-wamr ENGINE.wasm MODEL.midge INPUT.bin OUTDIR [--model NAME] [--runs N]";

/// What the command line says.
struct Arguments {
    engine: PathBuf,
    model: PathBuf,
    input: PathBuf,
    outputs: PathBuf,
    /// Which of a linked file's models.
    name: Option<String>,
    runs: u32,
}

fn main() -> ExitCode {
    match arguments(env::args().skip(1)).and_then(|arguments| run(&arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("midge-wamr: {message}");
            ExitCode::FAILURE
        }
    }
}

fn arguments(mut given: impl Iterator<Item = String>) -> Result<Arguments, String> {
    let mut paths = Vec::new();
    let mut runs = 1;
    let mut name = None;
    while let Some(argument) = given.next() {
        if argument == "--runs" {
            let count = given.next().and_then(|count| count.parse().ok()).filter(|&count| count > 0);
            runs = count.ok_or("--runs takes a number from 1 on")?;
        } else if argument == "--model" {
            name = Some(given.next().ok_or("--model takes a name")?);
        } else if argument.starts_with("--") {
            return Err(format!("unknown option {argument}\n{USAGE}"));
        } else {
            paths.push(PathBuf::from(argument));
        }
    }
    let [engine, model, input, outputs] = paths.try_into().map_err(|_| USAGE)?;
    Ok(Arguments { engine, model, input, outputs, name, runs })
}

fn run(arguments: &Arguments) -> Result<(), String> {
    let (file, flash) = Flash::open(&arguments.model).map_err(|e| format!("{}: {e}", arguments.model.display()))?;
    let flash = flash.map(Rc::new);
    let input = read(&arguments.input)?;
    let file = linked::choose(&file, arguments.name.as_deref())?;
    let mut model = Model::load(&read(&arguments.engine)?, file, flash.clone())?;
    let memory_bytes = model.memory_bytes();

    let mut least = Duration::MAX;
    let mut outputs = None;
    for count in 1..=arguments.runs {
        let start = Instant::now();
        model.run(&input)?;
        least = least.min(start.elapsed());
        let now = model.outputs()?;
        if *outputs.get_or_insert_with(|| now.clone()) != now {
            return Err(format!("run {count} gives other bytes than the first"));
        }
    }
    if model.memory_bytes() != memory_bytes {
        return Err(format!("linear memory went from {memory_bytes} to {} bytes", model.memory_bytes()));
    }

    fs::create_dir_all(&arguments.outputs).map_err(|e| format!("{}: {e}", arguments.outputs.display()))?;
    for (index, bytes) in outputs.unwrap_or_default().iter().enumerate() {
        let path = arguments.outputs.join(format!("output{index}.bin"));
        fs::write(&path, bytes).map_err(|e| format!("{}: {e}", path.display()))?;
    }
    println!("file:          {} bytes", file.len());
    if let Some(flash) = flash {
        println!("weights read:  {} bytes a run", flash.bytes_read.get() / u64::from(arguments.runs));
    }
    println!("arena:         {} bytes", model.arena_bytes);
    println!("linear memory: {memory_bytes} bytes, of which app heap {}", model.heap_bytes);
    println!("time:          {:.3} ms (minimum of {})", least.as_secs_f64() * 1000.0, arguments.runs);
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|e| format!("{}: {e}", path.display()))
}
