// Writes the WebAssembly module for browsers without relaxed SIMD: the same module, with a multiplication and an addition in place of each
// fused instruction. Its imports and exports stay the same, so the same JavaScript serves both.
//
//   node tools/plain.mjs --in relaxed_wasm_bg.wasm --out wasm_bg.wasm

import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

/** Sections. */
const [TYPE, FUNCTION, CODE] = [1, 3, 10];
const V128 = 0x7b;
/** SIMD instructions, which begin with a byte of their own. */
const SIMD = 0xfd;
const [MUL, ADD, RELAXED_MADD] = [0xe6, 0xe4, 0x105];
/**
 * The relaxed minimum and maximum, of four and of two numbers, with their strict counterparts, which also define the result for NaN.
 * @type {Map<number, number>}
 */
const OTHERS = new Map([
  [0x10d, 0xea],
  [0x10e, 0xeb],
  [0x10f, 0xf6],
  [0x110, 0xf7],
]);

/**
 * The module without relaxed instructions. Throws where it has an unknown one.
 * @param {Uint8Array} module
 * @returns {{ module: Uint8Array, fused: number }} `fused` is the number of replaced multiply-adds
 */
export function withoutRelaxed(module) {
  const out = [module.subarray(0, 8)];
  const reader = new Reader(module, 8);
  /** Parameters of each type, and the type of each function. @type {number[]} */
  let parameters = [];
  /** @type {number[]} */
  let types = [];
  let fused = 0;
  while (!reader.isAtEnd()) {
    const start = reader.at;
    const id = reader.byte();
    const length = reader.u32();
    const end = reader.at + length;
    if (id === TYPE) parameters = reader.list(() => reader.functionType());
    if (id === FUNCTION) types = reader.list(() => reader.u32());
    if (id === CODE) {
      let index = 0;
      const bodies = reader.list(() => {
        const size = reader.u32();
        const body = plainBody(reader.take(size), parameters[types[index++]]);
        fused += body.fused;
        return body.bytes;
      });
      const code = joined([leb(bodies.length), ...bodies.flatMap((body) => [leb(body.length), body])]);
      out.push(Uint8Array.of(CODE), leb(code.length), code);
    } else {
      out.push(module.subarray(start, end));
    }
    reader.at = end;
  }
  return { module: joined(out), fused };
}

/**
 * `a b c f32x4.relaxed_madd` is `a b c local.set t f32x4.mul local.get t f32x4.add`, where t is a new local.
 * @param {Uint8Array} body
 * @param {number} parameters
 */
function plainBody(body, parameters) {
  const reader = new Reader(body, 0);
  let local = parameters;
  const groups = reader.list(() => {
    local += reader.u32();
    reader.valueType();
  });
  const begin = reader.at;
  const parts = [leb(groups.length + 1), body.subarray(leb(groups.length).length, begin), leb(1), Uint8Array.of(V128)];
  const plain = joined([Uint8Array.of(0x21), leb(local), simd(MUL), Uint8Array.of(0x20), leb(local), simd(ADD)]);
  let fused = 0;
  let kept = begin;
  while (!reader.isAtEnd()) {
    const at = reader.at;
    const code = reader.instruction();
    const other = OTHERS.get(code ?? 0);
    if (code !== RELAXED_MADD && !other) continue;
    parts.push(body.subarray(kept, at), other ? simd(other) : plain);
    kept = reader.at;
    if (!other) fused++;
  }
  parts.push(body.subarray(kept));
  return { fused, bytes: kept > begin ? joined(parts) : body };
}

/** @param {number} number */
const simd = (number) => joined([Uint8Array.of(SIMD), leb(number)]);

/** A reader of the binary format, as far as present compilers use it. */
class Reader {
  /**
   * @param {Uint8Array} bytes
   * @param {number} at
   */
  constructor(bytes, at) {
    this.bytes = bytes;
    this.at = at;
  }

  isAtEnd() {
    return this.at >= this.bytes.length;
  }

  byte() {
    return this.bytes[this.at++];
  }

  /** @param {number} length */
  take(length) {
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  /** Also reads signed numbers where only their end matters. */
  u32() {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  /** @template T @param {() => T} item @returns {T[]} */
  list(item) {
    return Array.from({ length: this.u32() }, item);
  }

  valueType() {
    const type = this.byte();
    // i32, i64, f32, f64, v128, funcref, externref
    if (type < V128 && type !== 0x70 && type !== 0x6f) throw new Error(`a value has the type 0x${type.toString(16)}, which is not known here`);
  }

  /** Reads a function type and returns its number of parameters. */
  functionType() {
    if (this.byte() !== 0x60) throw new Error('a type is none of a function');
    const { length } = this.list(() => this.valueType());
    this.list(() => this.valueType());
    return length;
  }

  memory() {
    const alignment = this.u32();
    if (alignment >= 0x40) this.u32();
    this.u32();
  }

  /** Reads past one instruction and returns its number if it is a SIMD one. */
  instruction() {
    const code = this.byte();
    if (code === SIMD) return this.#simd();
    if (code === 0xfc) this.#extended();
    else this.#plain(code);
    return null;
  }

  /** @param {number} code */
  #plain(code) {
    const isKnown = code <= 0x04 || code === 0x05 || (code >= 0x0b && code <= 0x11) || (code >= 0x1a && code <= 0x1c);
    if (!isKnown && !(code >= 0x20 && code <= 0x26) && !(code >= 0x28 && code <= 0xc4) && !(code >= 0xd0 && code <= 0xd2)) this.#unknown(code);
    if (code >= 0x28 && code <= 0x3e) this.memory();
    else if (code === 0x0e) {
      this.list(() => this.u32());
      this.u32();
    } else if (code === 0x11) {
      this.u32();
      this.u32();
    } else if (code === 0x1c) this.list(() => this.valueType());
    else if (code === 0x43) this.take(4);
    else if (code === 0x44) this.take(8);
    // A block's type, a label, a function, a local, a global, a table, a memory, an integer, a type of references.
    else if ([0x02, 0x03, 0x04, 0x0c, 0x0d, 0x10, 0x3f, 0x40, 0x41, 0x42, 0xd0, 0xd2].includes(code) || (code >= 0x20 && code <= 0x26)) this.u32();
  }

  /** Conversions that saturate, and whole memories and tables. */
  #extended() {
    const code = this.u32();
    if (code > 17) this.#unknown(code);
    const immediates = [0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 2, 1, 2, 1, 2, 1, 1, 1][code];
    for (let k = 0; k < immediates; k++) this.u32();
  }

  #simd() {
    const code = this.u32();
    if (code > 0xff && code !== RELAXED_MADD && !OTHERS.has(code)) this.#unknown(code);
    if (code <= 11 || code === 92 || code === 93) this.memory();
    else if (code === 12 || code === 13) this.take(16);
    else if (code >= 21 && code <= 34) this.byte();
    else if (code >= 84 && code <= 91) {
      this.memory();
      this.byte();
    }
    return code;
  }

  /** @param {number} code @returns {never} */
  #unknown(code) {
    throw new Error(`the module has the instruction 0x${code.toString(16)} at ${this.at}, which is not known here`);
  }
}

/** @param {number} number */
function leb(number) {
  const bytes = [];
  for (; number > 0x7f; number = Math.floor(number / 128)) bytes.push((number % 128) | 0x80);
  return Uint8Array.from([...bytes, number]);
}

/** @param {Uint8Array[]} parts */
function joined(parts) {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({ options: { in: { type: 'string', default: 'relaxed_wasm_bg.wasm' }, out: { type: 'string', default: 'wasm_bg.wasm' } } });
  try {
    const { module, fused } = withoutRelaxed(await readFile(values.in));
    if (!fused) throw new Error(`${values.in} was not built for relaxed SIMD`);
    if (!WebAssembly.validate(new Uint8Array(module))) throw new Error(`${values.in} without relaxed SIMD is no valid module`);
    await writeFile(values.out, module);
  } catch (error) {
    console.error(`error: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}
