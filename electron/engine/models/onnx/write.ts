/** @file An ONNX file from a model in memory, with no more than one tensor at a time read from where it lies. */
import { createHash, randomBytes } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { AppError } from '#core/errors.ts';
import { messageField, bytesField, floatField, pieceSize, varintField, type Piece } from './encode.ts';
import type { OnnxAttribute, OnnxGraph, OnnxModel, OnnxNode, OnnxValue } from './model.ts';
import {
  attributeFields,
  attributeTypes,
  dimensionFields,
  elementTypeCodes,
  graphFields,
  modelFields,
  nodeFields,
  opsetFields,
  shapeFields,
  tensorFields,
  tensorTypeFields,
  typeFields,
  valueFields,
} from './schema.ts';

/** Source: protobuf refuses messages of 2 GiB, and so does every reader of ONNX. */
const limitBytes = 2 ** 31 - 1;
/** Since this version initializers need not be inputs too, which is how graphs are held here. Source: onnx.proto. */
const minIrVersion = 4;
/** Hashed and written in one go: some milliseconds. */
const sliceBytes = 4 * 1024 * 1024;

export interface WrittenFile {
  sizeBytes: number;
  /** Lower-case hexadecimal. */
  sha256: string;
}

/**
 * Write a model: into a temporary file in the same folder, flushed to the disk, then renamed over `path`.
 * Whatever goes wrong, the temporary file is removed and an old file stays as it was.
 *
 * @param path  absolute
 * @throws {AppError} 'model.invalid' if the file would reach 2 GiB or an input has a type we do not know,
 *   'model.corrupt' if a tensor cannot be read, 'disk.full', 'export.failed', 'aborted' if `signal` fires first
 */
export async function writeOnnx(
  path: string,
  model: OnnxModel,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<WrittenFile> {
  const pieces = encodeModel(model);
  const sizeBytes = pieces.reduce((sum, piece) => sum + pieceSize(piece), 0);
  // Not '>': what is no number at all must not pass either.
  if (!(sizeBytes < limitBytes))
    throw new AppError('model.invalid', 'The model is too large: an ONNX file ends at 2 GiB');

  const temporaryPath = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    const file = await open(temporaryPath, 'wx');
    let sha256: string;
    try {
      sha256 = await pour(file, pieces, signal);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporaryPath, path);
    return { sizeBytes, sha256 };
  } catch (cause) {
    await rm(temporaryPath, { force: true }).catch(() => {});
    throw writeError(cause, path);
  }
}

async function pour(file: FileHandle, pieces: readonly Piece[], signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash('sha256');
  for (const piece of pieces) {
    const bytes = piece instanceof Uint8Array ? piece : piece.bytes();
    if (bytes.length !== pieceSize(piece)) {
      throw new AppError('model.corrupt', `A tensor has ${bytes.length} bytes instead of those of its shape`);
    }
    for (let start = 0; start < bytes.length;) {
      if (signal?.aborted) throw new AppError('aborted', 'Writing the model was cancelled');
      const slice = bytes.subarray(start, start + sliceBytes);
      // A short write is not an error for the system; the rest follows.
      const { bytesWritten } = await file.write(slice);
      hash.update(slice.subarray(0, bytesWritten));
      start += bytesWritten;
    }
  }
  return hash.digest('hex');
}

function writeError(cause: unknown, path: string): AppError {
  if (cause instanceof AppError) return cause;
  const errno = (cause as NodeJS.ErrnoException).code ?? '';
  const details = { path, errno };
  if (errno === 'ENOSPC' || errno === 'EDQUOT') {
    return new AppError('disk.full', `No space left to write ${path}`, { details, cause });
  }
  const why = cause instanceof Error ? cause.message : String(cause);
  return new AppError('export.failed', `${path} could not be written: ${why}`, { details, cause });
}

function encodeModel({ irVersion, opsets, graph, functions = [] }: OnnxModel): Piece[] {
  return [
    varintField(modelFields.irVersion, Math.max(minIrVersion, irVersion)),
    bytesField(modelFields.producerName, 'Labelwright'),
    ...messageField(modelFields.graph, encodeGraph(graph)),
    ...Array.from(opsets, ([domain, version]) =>
      messageField(modelFields.opsetImport, [
        bytesField(opsetFields.domain, domain),
        varintField(opsetFields.version, version),
      ]),
    ).flat(),
    ...functions.map((encoded) => bytesField(modelFields.functions, encoded)),
  ];
}

function encodeGraph({ name, nodes, inputs, outputs, initializers, opaque = new Map() }: OnnxGraph): Piece[] {
  return [
    ...nodes.flatMap((node) => messageField(graphFields.node, encodeNode(node))),
    bytesField(graphFields.name, name),
    ...Array.from(initializers, ([tensorName, tensor]) =>
      messageField(graphFields.initializer, encodeTensor(tensor, tensorName)),
    ).flat(),
    ...Array.from(opaque.values(), (encoded) => bytesField(graphFields.initializer, encoded())),
    ...inputs.flatMap((value) => messageField(graphFields.input, encodeInput(value))),
    ...outputs.flatMap((value) => messageField(graphFields.output, encodeValue(value))),
  ];
}

function encodeNode({ name, operator, domain, inputs, outputs, attributes }: OnnxNode): Piece[] {
  return [
    ...inputs.map((input) => bytesField(nodeFields.input, input)),
    ...outputs.map((output) => bytesField(nodeFields.output, output)),
    bytesField(nodeFields.name, name),
    bytesField(nodeFields.operator, operator),
    ...Array.from(attributes, ([attributeName, attribute]) =>
      messageField(nodeFields.attribute, encodeAttribute(attributeName, attribute)),
    ).flat(),
    ...(domain === '' ? [] : [bytesField(nodeFields.domain, domain)]),
  ];
}

function encodeAttribute(name: string, attribute: OnnxAttribute): Piece[] {
  if (attribute.type === 'raw') return [attribute.value];
  return [
    bytesField(attributeFields.name, name),
    varintField(attributeFields.type, attributeTypes[attribute.type]),
    ...encodeAttributeValue(attribute),
  ];
}

function encodeAttributeValue(attribute: Exclude<OnnxAttribute, { type: 'raw' }>): Piece[] {
  switch (attribute.type) {
    case 'float':
      return [floatField(attributeFields.float, attribute.value)];
    case 'int':
      return [varintField(attributeFields.int, attribute.value)];
    case 'string':
      return [bytesField(attributeFields.string, attribute.value)];
    case 'floats':
      return attribute.value.map((value) => floatField(attributeFields.floats, value));
    case 'ints':
      return attribute.value.map((value) => varintField(attributeFields.ints, value));
    case 'strings':
      return attribute.value.map((value) => bytesField(attributeFields.strings, value));
    case 'tensor':
      return messageField(attributeFields.tensor, encodeTensor(attribute.value, ''));
  }
}

function encodeTensor(tensor: Extract<OnnxAttribute, { type: 'tensor' }>['value'], name: string): Piece[] {
  return [
    ...tensor.shape.map((size) => varintField(tensorFields.dims, size)),
    varintField(tensorFields.type, elementTypeCodes.get(tensor.type)!),
    ...(name === '' ? [] : [bytesField(tensorFields.name, name)]),
    ...messageField(tensorFields.raw, [tensor]),
  ];
}

function encodeInput(value: OnnxValue): Piece[] {
  if (!elementTypeCodes.has(value.type)) {
    throw new AppError('model.invalid', `The input "${value.name}" is no array of numbers`);
  }
  return encodeValue(value);
}

/** An output may go without its type: whoever loads the file infers it. An empty shape is left out likewise. */
function encodeValue({ name, type, shape }: OnnxValue): Piece[] {
  const code = elementTypeCodes.get(type);
  if (code === undefined) return [bytesField(valueFields.name, name)];
  const dimensions = shape.flatMap((size) => messageField(shapeFields.dimension, encodeDimension(size)));
  return [
    bytesField(valueFields.name, name),
    ...messageField(
      valueFields.type,
      messageField(typeFields.tensor, [
        varintField(tensorTypeFields.elementType, code),
        ...(shape.length === 0 ? [] : messageField(tensorTypeFields.shape, dimensions)),
      ]),
    ),
  ];
}

function encodeDimension(size: number | string | null): Piece[] {
  if (size === null) return [];
  if (typeof size === 'string') return [bytesField(dimensionFields.name, size)];
  return [varintField(dimensionFields.size, size)];
}
