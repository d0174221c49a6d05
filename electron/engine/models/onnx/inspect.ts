/** @file A look into an ONNX file before anything loads it: does it reach outside itself? */
import { closeSync, openSync } from 'node:fs';
import { AppError } from '#core/errors.ts';
import { fileSource, protobufFields, type ByteSource } from './protobuf.ts';
import {
  attributeFields,
  functionFields,
  graphFields,
  modelFields,
  nodeFields,
  sparseFields,
  tensorFields,
} from './schema.ts';

/**
 * Operator sets that the runtime brings along; a node of anything else would need code that is not ours. Exporters
 * declare sets that no node uses: those do no harm.
 */
const knownDomains = new Set(['', 'ai.onnx', 'ai.onnx.ml', 'com.microsoft', 'com.microsoft.nchwc']);
/** Graphs within nodes within graphs; real models stay below five. */
const maxDepth = 32;

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
    inspectSource(fileSource(descriptor), sizeBytes);
  } finally {
    closeSync(descriptor);
  }
}

/** As {@link inspectOnnx}, for a file that is open already. */
export function inspectSource(source: ByteSource, sizeBytes: number): void {
  const found: Findings = { hasGraph: false, domains: new Set(), localDomains: new Set() };
  inspectModel(source, sizeBytes, found);
  if (!found.hasGraph) throw invalid('it has no graph');
  for (const domain of found.domains) {
    if (!knownDomains.has(domain) && !found.localDomains.has(domain)) {
      throw invalid(`it needs operators of "${domain.slice(0, 80)}"`);
    }
  }
}

function invalid(why: string): AppError {
  return new AppError('model.invalid', `The ONNX file cannot be used: ${why}`);
}

function inspectModel(source: ByteSource, end: number, found: Findings): void {
  for (const field of protobufFields(source, 0, end)) {
    if (field.number === modelFields.graph) {
      found.hasGraph = true;
      inspectGraph(source, field.start, field.end, found, 0);
    } else if (field.number === modelFields.functions) {
      inspectFunction(source, field.start, field.end, found);
    } else if (field.number === modelFields.trainingInfo) {
      throw invalid('it carries training graphs');
    }
  }
}

function inspectFunction(source: ByteSource, start: number, end: number, found: Findings): void {
  for (const field of protobufFields(source, start, end)) {
    if (field.number === functionFields.node) inspectNode(source, field.start, field.end, found, 0);
    if (field.number === functionFields.domain) found.localDomains.add(text(source, field.start, field.end));
  }
}

function inspectGraph(source: ByteSource, start: number, end: number, found: Findings, depth: number): void {
  if (depth > maxDepth) throw invalid('its graphs are nested too deep');
  for (const field of protobufFields(source, start, end)) {
    if (field.number === graphFields.node) inspectNode(source, field.start, field.end, found, depth);
    if (field.number === graphFields.initializer) inspectTensor(source, field.start, field.end);
    if (field.number === graphFields.sparseInitializer) inspectSparse(source, field.start, field.end);
  }
}

function inspectNode(source: ByteSource, start: number, end: number, found: Findings, depth: number): void {
  for (const field of protobufFields(source, start, end)) {
    if (field.number === nodeFields.domain) found.domains.add(text(source, field.start, field.end));
    if (field.number === nodeFields.attribute) inspectAttribute(source, field.start, field.end, found, depth);
  }
}

function inspectAttribute(source: ByteSource, start: number, end: number, found: Findings, depth: number): void {
  for (const { number, start: from, end: to } of protobufFields(source, start, end)) {
    if (number === attributeFields.tensor || number === attributeFields.tensors) inspectTensor(source, from, to);
    if (number === attributeFields.sparse || number === attributeFields.sparses) inspectSparse(source, from, to);
    if (number === attributeFields.graph || number === attributeFields.graphs)
      inspectGraph(source, from, to, found, depth + 1);
  }
}

function inspectSparse(source: ByteSource, start: number, end: number): void {
  for (const field of protobufFields(source, start, end)) {
    if (field.number === sparseFields.values || field.number === sparseFields.indices) {
      inspectTensor(source, field.start, field.end);
    }
  }
}

function inspectTensor(source: ByteSource, start: number, end: number): void {
  for (const field of protobufFields(source, start, end)) {
    // The runtime would open whatever path stands there, also through hard links to files elsewhere.
    if (
      field.number === tensorFields.externalData ||
      (field.number === tensorFields.dataLocation && field.value !== 0)
    ) {
      throw invalid('its weights lie in another file');
    }
  }
}

function text(source: ByteSource, start: number, end: number): string {
  if (end - start > 1024) throw invalid('a name in it is too long');
  return Buffer.from(source(start, end - start)).toString('utf8');
}
