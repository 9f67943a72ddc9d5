/** The structure of a TFLite file: its main subgraph as lists, with nothing judged yet. */
import { CUSTOM, IDENTIFIER, MODEL, OPERATOR, OPERATOR_CODE, SCHEMA_VERSION, SUBGRAPH } from "./fields.js";
import { FlatFile, type Table } from "./flatbuffer.js";
import { builtinName } from "./names.js";
import { readTensors, type SourceTensor } from "./tensors.js";

/** An operator of the source; tensors are indices, -1 for an optional input that is absent. */
export interface SourceOperator {
  index: number;
  /** BuiltinOperator. */
  code: number;
  /** The builtin's name, or a custom operator's own code. */
  name: string;
  inputs: number[];
  outputs: number[];
  /** Number of the options' table type; 0 for none. */
  optionsType: number;
  options?: Table;
  /** A custom operator's options, in whatever form it has them; empty for none. */
  customOptions: Uint8Array;
}

/** The main subgraph. */
export interface SourceModel {
  tensors: SourceTensor[];
  operators: SourceOperator[];
  inputs: number[];
  outputs: number[];
  subgraphs: number;
}

function readCode(table: Table): { code: number; name: string } {
  // Codes above 127 did not fit the old field, which then holds a placeholder of 127.
  const code = Math.max(table.int8(OPERATOR_CODE.deprecatedBuiltinCode), table.int32(OPERATOR_CODE.builtinCode));
  const custom = table.string(OPERATOR_CODE.customCode);
  return { code, name: code === CUSTOM ? custom || "CUSTOM" : builtinName(code) };
}

/**
 * Reads a file's structure. All indices are valid afterwards: those of tensors within `tensors` (or -1 as an
 * operator's input). Throws ImportError for a file that is damaged, truncated or no TFLite model.
 */
export function readModel(bytes: Uint8Array, fileName: string): SourceModel {
  const file = new FlatFile(bytes, fileName);
  const model = file.root(IDENTIFIER);
  const version = model.uint32(MODEL.version);
  if (version !== SCHEMA_VERSION)
    file.damaged(`schema version ${version} instead of ${SCHEMA_VERSION}`, "not a TFLite model");
  const codes = model.tables(MODEL.operatorCodes, "operator code").map(readCode);
  const subgraphs = model.tables(MODEL.subgraphs, "subgraph");
  const main = subgraphs[0] ?? file.damaged("it has no subgraph");
  const tensors = readTensors(file, main.tables(SUBGRAPH.tensors, "tensor"), model.tables(MODEL.buffers, "buffer"));
  const indices = (table: Table, slot: number, least: number) => {
    const list = table.ints(slot);
    const wrong = list.find((i) => i < least || i >= tensors.length);
    if (wrong !== undefined) file.damaged(`${table.what} refers to tensor ${wrong} of ${tensors.length}`);
    return list;
  };
  const operators = main.tables(SUBGRAPH.operators, "operator").map((table, index): SourceOperator => {
    const opcode = table.uint32(OPERATOR.opcodeIndex);
    const { code, name } = codes[opcode] ?? file.damaged(`operator ${index} has code ${opcode} of ${codes.length}`);
    const options = table.table(OPERATOR.options, `the options of operator ${index}`);
    return {
      index,
      code,
      name,
      inputs: indices(table, OPERATOR.inputs, -1),
      outputs: indices(table, OPERATOR.outputs, 0),
      optionsType: table.uint8(OPERATOR.optionsType),
      ...(options && { options }),
      customOptions: table.bytes(OPERATOR.customOptions),
    };
  });
  return {
    tensors,
    operators,
    subgraphs: subgraphs.length,
    inputs: indices(main, SUBGRAPH.inputs, 0),
    outputs: indices(main, SUBGRAPH.outputs, 0),
  };
}
