/** @file Attributes of a node by name, in the type an operator expects. */
import type { OnnxNode } from './model.ts';

export function intAttribute<Missing>(node: OnnxNode, name: string, missing: Missing): number | Missing {
  const attribute = node.attributes.get(name);
  return attribute?.type === 'int' ? attribute.value : missing;
}

export function intsAttribute(node: OnnxNode, name: string): readonly number[] | null {
  const attribute = node.attributes.get(name);
  return attribute?.type === 'ints' ? attribute.value : null;
}

export function stringAttribute(node: OnnxNode, name: string): string | null {
  const attribute = node.attributes.get(name);
  return attribute?.type === 'string' ? attribute.value : null;
}
