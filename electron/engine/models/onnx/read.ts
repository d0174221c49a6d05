/** @file An ONNX file as a model in memory: its structure whole, its weights left where they are. */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { AppError } from '#core/errors.ts';
import { inspectSource } from './inspect.ts';
import type { OnnxGraph, OnnxModel, OnnxNode, OnnxValue } from './model.ts';
import { domainOf, readNode } from './node-reader.ts';
import { bytesSource, fileSource, wireTypes, type ByteSource, type Field } from './protobuf.ts';
import { invalid, Reading } from './reading.ts';
import { entryFields, graphFields, modelFields, opsetFields } from './schema.ts';
import { readTensor, type ReadRange } from './tensor-reader.ts';
import { readValue } from './value-reader.ts';

/** Older ones gave attributes no types; newer ones may mean what nobody here knows. Source: onnx.proto of onnx 1.23. */
const irVersions = { min: 3, max: 14 };
/** As for writing: protobuf ends at 2 GiB. */
const limitBytes = 2 ** 31 - 1;

/**
 * Read the structure of an ONNX file. Its weights can be read until the model is disposed of.
 *
 * @throws {AppError} 'model.not-found', 'file.not-regular'; 'model.invalid' for what is no ONNX file, reaches outside
 *   itself (as `inspectOnnx`) or is no graph that can run; 'model.corrupt' for tensors whose bytes do not fit
 */
export function readOnnx(path: string, sizeBytes?: number): OnnxModel & Disposable {
  let descriptor: number | null = openFile(path);
  const close = () => {
    if (descriptor !== null) closeSync(descriptor);
    descriptor = null;
  };
  const read: ReadRange = (range) => {
    if (descriptor === null) throw new AppError('internal', 'The ONNX file has been closed already');
    return readRange(descriptor, range);
  };
  try {
    const { size } = fstatSync(descriptor);
    if (size !== (sizeBytes ?? size)) throw new AppError('model.corrupt', 'The ONNX file changed while it was read');
    const model = readWith(() => fileSource(descriptor!), read, size);
    return { ...model, [Symbol.dispose]: close };
  } catch (thrown) {
    close();
    throw thrown;
  }
}

/**
 * As {@link readOnnx}, of a file that is in memory. Nothing is copied: bytes of weights are views into it.
 *
 * @throws {AppError} 'model.invalid', 'model.corrupt'
 */
export function readOnnxBytes(bytes: Uint8Array): OnnxModel {
  return readWith(
    () => bytesSource(bytes),
    ({ start, end }) => bytes.subarray(start, end),
    bytes.length,
  );
}

function readWith(source: () => ByteSource, read: ReadRange, sizeBytes: number): OnnxModel {
  if (sizeBytes >= limitBytes) throw invalid('it is larger than 2 GiB');
  inspectSource(source(), sizeBytes);
  return readModel(new Reading(source()), read, sizeBytes);
}

function openFile(path: string): number {
  try {
    // Opening a pipe would wait for whoever writes into it.
    if (!statSync(path).isFile()) throw new AppError('file.not-regular', 'The model is not a regular file');
    return openSync(path, 'r');
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError('model.not-found', 'The model file cannot be read', { cause });
  }
}

/** The size was checked against the file when its structure was read. */
function readRange(descriptor: number, { start, end }: { start: number; end: number }): Uint8Array {
  const bytes = new Uint8Array(end - start);
  for (let done = 0; done < bytes.length;) {
    const count = readSync(descriptor, bytes, done, bytes.length - done, start + done);
    if (count === 0) throw new AppError('model.corrupt', 'The ONNX file became shorter while it was read');
    done += count;
  }
  return bytes;
}

function readModel(reading: Reading, read: ReadRange, sizeBytes: number): OnnxModel {
  const opsets = new Map<string, number>();
  const functions: Uint8Array[] = [];
  const metadata = new Map<string, string>();
  let irVersion = 0;
  let producer = '';
  let graph: OnnxGraph | null = null;
  for (const field of reading.fields(0, sizeBytes)) {
    switch (field.number) {
      case modelFields.irVersion:
        irVersion = field.value;
        break;
      case modelFields.producerName:
        producer = reading.name(field);
        break;
      case modelFields.opsetImport: {
        const { domain, version } = readOpset(reading, field);
        opsets.set(domain, version);
        break;
      }
      case modelFields.functions:
        functions.push(reading.bytes(field));
        break;
      case modelFields.metadata:
        readEntry(reading, field, metadata);
        break;
      case modelFields.graph:
        if (graph) throw invalid('it has two graphs');
        graph = readGraph(reading, read, message(field));
    }
  }
  if (irVersion < irVersions.min || irVersion > irVersions.max) {
    throw invalid(`version ${irVersion} of the format is not one of ${irVersions.min} to ${irVersions.max}`);
  }
  if (!graph) throw invalid('it has no graph');
  if (!((opsets.get('') ?? 1) >= 1)) throw invalid('its operators are of no known version');
  return {
    irVersion,
    producer,
    opsets,
    graph,
    ...(functions.length > 0 && { functions }),
    ...(metadata.size > 0 && { metadata }),
  };
}

function readOpset(reading: Reading, { start, end }: Field): { domain: string; version: number } {
  reading.keep(1);
  const opset = { domain: '', version: 0 };
  for (const field of reading.fields(start, end)) {
    if (field.number === opsetFields.domain) opset.domain = domainOf(reading.name(field));
    if (field.number === opsetFields.version) opset.version = field.signed;
  }
  if (!Number.isSafeInteger(opset.version)) throw invalid('its operators are of no known version');
  return opset;
}

/** Notes that are no text, or have no key, mean nothing to anybody. */
function readEntry(reading: Reading, { start, end }: Field, metadata: Map<string, string>): void {
  let key: string | null = null;
  let value: string | null = null;
  for (const field of reading.fields(start, end)) {
    if (field.number === entryFields.key) key = reading.text(field);
    if (field.number === entryFields.value) value = reading.text(field);
  }
  if (key && value !== null) metadata.set(key, value);
}

function readGraph(reading: Reading, read: ReadRange, { start, end }: Field): OnnxGraph {
  const graph: OnnxGraph = { name: '', nodes: [], inputs: [], outputs: [], initializers: new Map() };
  const opaque = new Map<string, () => Uint8Array>();
  for (const field of reading.fields(start, end)) {
    switch (field.number) {
      case graphFields.name:
        graph.name = reading.name(field);
        break;
      case graphFields.node:
        graph.nodes.push(readNode(reading, read, message(field)));
        break;
      case graphFields.input:
        graph.inputs.push(readValue(reading, message(field)));
        break;
      case graphFields.output:
        graph.outputs.push(readValue(reading, message(field)));
        break;
      case graphFields.initializer: {
        reading.keep(4);
        const { name, tensor } = readTensor(reading, read, message(field));
        if (name === '') throw invalid('a tensor in it has no name');
        if (graph.initializers.has(name) || opaque.has(name)) throw invalid(`it has two tensors "${name}"`);
        if (tensor) graph.initializers.set(name, tensor);
        else opaque.set(name, () => read(field));
        break;
      }
      case graphFields.sparseInitializer:
        throw invalid('it has sparse weights');
    }
  }
  graph.inputs = graph.inputs.filter(({ name }) => !graph.initializers.has(name) && !opaque.has(name));
  const complete = { ...graph, ...(opaque.size > 0 && { opaque }) };
  checkOrder(complete);
  return complete;
}

function message(field: Field): Field {
  if (field.wireType !== wireTypes.message) throw invalid('it is malformed');
  return field;
}

/** Every name is made once, and before it is used. Source: the ONNX IR specification, "Graphs". */
function checkOrder({ nodes, inputs, outputs, initializers, opaque }: OnnxGraph): void {
  // '' stands for an optional input that is left out.
  const made = new Set(['', ...initializers.keys(), ...(opaque?.keys() ?? [])]);
  const make = (name: string) => {
    if (name === '') return;
    if (made.has(name)) throw invalid(`"${name}" is made twice in it`);
    made.add(name);
  };
  const need = (name: string, user: OnnxNode | OnnxValue) => {
    if (!made.has(name)) throw invalid(`"${user.name}" needs "${name}", which nothing before it makes`);
  };
  for (const { name } of inputs) make(name);
  for (const node of nodes) {
    for (const name of node.inputs) need(name, node);
    for (const name of node.outputs) make(name);
  }
  for (const output of outputs) need(output.name, output);
}
