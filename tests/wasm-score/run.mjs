// Runs the module over every case of a folder: NAME.cbor in, NAME.wasm.json out. The module asks its surroundings for random
// bytes somewhere in a library; a score that did would be no function of its inputs, so every import ends the run.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [wasm, folder] = process.argv.slice(2);
const module = new WebAssembly.Module(readFileSync(wasm));
const imports = {};
for (const { module: from, name } of WebAssembly.Module.imports(module)) {
  imports[from] ??= {};
  imports[from][name] = () => {
    throw new Error(`the scorer asked its surroundings for ${from}.${name}`);
  };
}
const { room, score, answered, memory } = new WebAssembly.Instance(module, imports).exports;

for (const name of readdirSync(folder).filter((file) => file.endsWith(".cbor")).sort()) {
  const input = readFileSync(join(folder, name));
  const at = room(input.length);
  new Uint8Array(memory.buffer, at, input.length).set(input);
  const length = score();
  const output = new Uint8Array(memory.buffer, answered(), length);
  writeFileSync(join(folder, name.replace(/\.cbor$/, ".wasm.json")), output);
}
