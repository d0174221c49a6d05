/** @file What ONNX Runtime says of a failure, without the parts that only its authors can read. */
import { stripVTControlCharacters } from 'node:util';

/** Its own source: path, line and signature in front of a message. */
const sourcePlace = /\/?\S*onnxruntime_src\/\S+:\d+ .*?(?:\)(?: const)?|<lambda\(\)>)(?: \[with [^\]]*\])? (?=\S)/g;
const statusCode = /\[ONNXRuntimeError\] : -?\d+ : [A-Z_]+ : /g;
/** Time and place in front of a line of its log. */
const logPlace = /^.*?\[[A-Z]:onnxruntime:[^\]]*\] /;
/** A failed assertion in front of what it means, and names of functions in front of what they say. */
const internals = /^(?:.* was false\. (?=\S)|OrtSessionOptions\w+: |Failed to load library \S+ with error: |Warning: )/;
const maxLength = 500;

/**
 * One line, at most 500 characters.
 *
 * @param file  the model's path, left out where it says no more than that this is about the model
 */
export function runtimeWords(thrown: unknown, file?: string): string {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  let words = stripVTControlCharacters(message).replace(logPlace, '').replace(statusCode, '').replace(sourcePlace, '');
  if (file !== undefined) words = words.replace(`Load model from ${file}`, '').replace(/^\s*failed:/, '');
  words = words.replace(/\s+/g, ' ').trim().replace(internals, '');
  return words.slice(0, maxLength) || 'the runtime gave no reason';
}
