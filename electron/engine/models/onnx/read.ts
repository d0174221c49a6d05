/** @file An ONNX file as a model in memory: its structure whole, its weights left where they are. */
import { closeSync, fstatSync, openSync, statSync } from 'node:fs';
import { AppError } from '#core/errors.ts';
import { inspectSource } from './inspect.ts';
import type { OnnxGraph, OnnxModel, OnnxNode, OnnxValue } from './model.ts';
import { domainOf, readNode } from './node-reader.ts';
import { fileSource, wireTypes, type Field } from './protobuf.ts';
import { invalid, Reading } from './reading.ts';
import { graphFields, modelFields, opsetFields } from './schema.ts';
import { readRange, readTensor, type OpenFile } from './tensor-reader.ts';
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
  const file: OpenFile = { descriptor: openFile(path) };
  const close = () => {
    if (file.descriptor !== null) closeSync(file.descriptor);
    file.descriptor = null;
  };
  try {
    const { size } = fstatSync(file.descriptor!);
    if (size !== (sizeBytes ?? size)) throw new AppError('model.corrupt', 'The ONNX file changed while it was read');
    if (size >= limitBytes) throw invalid('it is larger than 2 GiB');
    inspectSource(fileSource(file.descriptor!), size);
    const model = readModel(new Reading(fileSource(file.descriptor!)), file, size);
    return { ...model, [Symbol.dispose]: close };
  } catch (thrown) {
    close();
    throw thrown;
  }
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

function readModel(reading: Reading, file: OpenFile, sizeBytes: number): OnnxModel {
  const opsets = new Map<string, number>();
  const functions: Uint8Array[] = [];
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
      case modelFields.graph:
        if (graph) throw invalid('it has two graphs');
        graph = readGraph(reading, file, message(field));
    }
  }
  if (irVersion < irVersions.min || irVersion > irVersions.max) {
    throw invalid(`version ${irVersion} of the format is not one of ${irVersions.min} to ${irVersions.max}`);
  }
  if (!graph) throw invalid('it has no graph');
  if (!((opsets.get('') ?? 1) >= 1)) throw invalid('its operators are of no known version');
  return { irVersion, producer, opsets, graph, ...(functions.length > 0 && { functions }) };
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

function readGraph(reading: Reading, file: OpenFile, { start, end }: Field): OnnxGraph {
  const graph: OnnxGraph = { name: '', nodes: [], inputs: [], outputs: [], initializers: new Map() };
  const opaque = new Map<string, () => Uint8Array>();
  for (const field of reading.fields(start, end)) {
    switch (field.number) {
      case graphFields.name:
        graph.name = reading.name(field);
        break;
      case graphFields.node:
        graph.nodes.push(readNode(reading, file, message(field)));
        break;
      case graphFields.input:
        graph.inputs.push(readValue(reading, message(field)));
        break;
      case graphFields.output:
        graph.outputs.push(readValue(reading, message(field)));
        break;
      case graphFields.initializer: {
        reading.keep(4);
        const { name, tensor } = readTensor(reading, file, message(field));
        if (name === '') throw invalid('a tensor in it has no name');
        if (graph.initializers.has(name) || opaque.has(name)) throw invalid(`it has two tensors "${name}"`);
        if (tensor) graph.initializers.set(name, tensor);
        else opaque.set(name, () => readRange(file, field));
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
