/** @file A look into an ONNX file before anything loads it: does it reach outside itself? */
import { closeSync, openSync, readSync } from 'node:fs';
import { AppError } from '#core/errors.ts';
import { protobufFields, type ByteSource } from './protobuf.ts';

/** Operator sets that the runtime brings along; anything else would need code that is not ours. */
const knownDomains = new Set(['', 'ai.onnx', 'ai.onnx.ml', 'com.microsoft', 'com.microsoft.nchwc']);
/** Graphs within nodes within graphs; real models stay below five. */
const maxDepth = 32;
const windowBytes = 64 * 1024;

/** Field numbers and their meaning. Source: onnx.proto (ONNX IR version 10). */
const model = { graph: 7, opsetImport: 8, trainingInfo: 20, functions: 25 };
const graphs = { node: 1, initializer: 5, sparseInitializer: 15 };
const functions = { node: 7, opsetImport: 9, domain: 10 };
const nodes = { attribute: 5, domain: 7 };
const attributes = { tensor: 5, graph: 6, tensors: 10, graphs: 11, sparse: 22, sparses: 23 };
const sparse = { values: 1, indices: 2 };
const tensors = { externalData: 13, dataLocation: 14 };
const opsets = { domain: 1 };

interface Findings {
  hasGraph: boolean;
  domains: Set<string>;
  localDomains: Set<string>;
}

/**
 * Weights are skipped, not read, so this takes milliseconds for any size.
 *
 * @throws {AppError} 'model.invalid' for external data, operators of unknown origin, or what is no ONNX file
 */
export function inspectOnnx(path: string, sizeBytes: number): void {
  const descriptor = openSync(path, 'r');
  try {
    const found: Findings = { hasGraph: false, domains: new Set(), localDomains: new Set() };
    inspectModel(windowed(descriptor), sizeBytes, found);
    if (!found.hasGraph) throw invalid('it has no graph');
    for (const domain of found.domains) {
      if (!knownDomains.has(domain) && !found.localDomains.has(domain)) {
        throw invalid(`it needs operators of "${domain.slice(0, 80)}"`);
      }
    }
  } finally {
    closeSync(descriptor);
  }
}

function invalid(why: string): AppError {
  return new AppError('model.invalid', `The ONNX file cannot be used: ${why}`);
}

/** Reads in windows, so that walking small fields costs few system calls. */
function windowed(descriptor: number): ByteSource {
  let window: Uint8Array = new Uint8Array(0);
  let start = 0;
  return (position, length) => {
    if (position < start || position + length > start + window.length) {
      const buffer = Buffer.allocUnsafe(Math.max(windowBytes, length));
      window = buffer.subarray(0, readSync(descriptor, buffer, 0, buffer.length, position));
      start = position;
    }
    const bytes = window.subarray(position - start, position - start + length);
    if (bytes.length < length) throw invalid('it ends too early');
    return bytes;
  };
}

function inspectModel(source: ByteSource, end: number, found: Findings): void {
  for (const field of protobufFields(source, 0, end)) {
    if (field.number === model.graph) {
      found.hasGraph = true;
      inspectGraph(source, field.start, field.end, found, 0);
    } else if (field.number === model.opsetImport) {
      found.domains.add(textField(source, field.start, field.end, opsets.domain));
    } else if (field.number === model.functions) {
      inspectFunction(source, field.start, field.end, found);
    } else if (field.number === model.trainingInfo) {
      throw invalid('it carries training graphs');
    }
  }
}

function inspectFunction(source: ByteSource, start: number, end: number, found: Findings): void {
  for (const field of protobufFields(source, start, end)) {
    if (field.number === functions.node) inspectNode(source, field.start, field.end, found, 0);
    if (field.number === functions.domain) found.localDomains.add(text(source, field.start, field.end));
    if (field.number === functions.opsetImport) {
      found.domains.add(textField(source, field.start, field.end, opsets.domain));
    }
  }
}

function inspectGraph(source: ByteSource, start: number, end: number, found: Findings, depth: number): void {
  if (depth > maxDepth) throw invalid('its graphs are nested too deep');
  for (const field of protobufFields(source, start, end)) {
    if (field.number === graphs.node) inspectNode(source, field.start, field.end, found, depth);
    if (field.number === graphs.initializer) inspectTensor(source, field.start, field.end);
    if (field.number === graphs.sparseInitializer) inspectSparse(source, field.start, field.end);
  }
}

function inspectNode(source: ByteSource, start: number, end: number, found: Findings, depth: number): void {
  for (const field of protobufFields(source, start, end)) {
    if (field.number === nodes.domain) found.domains.add(text(source, field.start, field.end));
    if (field.number === nodes.attribute) inspectAttribute(source, field.start, field.end, found, depth);
  }
}

function inspectAttribute(source: ByteSource, start: number, end: number, found: Findings, depth: number): void {
  for (const { number, start: from, end: to } of protobufFields(source, start, end)) {
    if (number === attributes.tensor || number === attributes.tensors) inspectTensor(source, from, to);
    if (number === attributes.sparse || number === attributes.sparses) inspectSparse(source, from, to);
    if (number === attributes.graph || number === attributes.graphs) inspectGraph(source, from, to, found, depth + 1);
  }
}

function inspectSparse(source: ByteSource, start: number, end: number): void {
  for (const field of protobufFields(source, start, end)) {
    if (field.number === sparse.values || field.number === sparse.indices) {
      inspectTensor(source, field.start, field.end);
    }
  }
}

function inspectTensor(source: ByteSource, start: number, end: number): void {
  for (const field of protobufFields(source, start, end)) {
    // The runtime would open whatever path stands there, also through hard links to files elsewhere.
    if (field.number === tensors.externalData || (field.number === tensors.dataLocation && field.value !== 0)) {
      throw invalid('its weights lie in another file');
    }
  }
}

function textField(source: ByteSource, start: number, end: number, number: number): string {
  for (const field of protobufFields(source, start, end)) {
    if (field.number === number) return text(source, field.start, field.end);
  }
  return '';
}

function text(source: ByteSource, start: number, end: number): string {
  if (end - start > 1024) throw invalid('a name in it is too long');
  return Buffer.from(source(start, end - start)).toString('utf8');
}
