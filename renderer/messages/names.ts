/** @file Names that are the same in every language. */
import type { CatalogueEntry } from '#core/catalogue.ts';
import type { ImportFormat, ImportProposal } from '#core/model-import.ts';
import type { ExecutionProvider } from '#core/providers.ts';

export const providerNames: Record<ExecutionProvider, string> = {
  cpu: 'CPU',
  cuda: 'CUDA',
  dml: 'DirectML',
  coreml: 'Core ML',
  webgpu: 'WebGPU',
};

export const originNames: Record<CatalogueEntry['origin'], string> = {
  paddleclas: 'PaddleClas',
  torchvision: 'torchvision',
  timm: 'timm',
  deepghs: 'deepghs/timms',
};

export const namingNames: Record<NonNullable<ImportProposal['naming']>, string> = {
  paddleclas: 'PaddleClas',
  torchvision: 'torchvision',
  timm: 'timm',
};

export const formatNames: Record<ImportFormat, string> = {
  onnx: 'ONNX',
  safetensors: 'safetensors',
  pytorch: 'PyTorch',
  'pytorch-legacy': 'PyTorch 0.1–1.5',
  'paddle-params': 'Paddle (.pdparams)',
  'paddle-inference': 'Paddle (.pdmodel)',
  'paddle-json': 'Paddle 3 (.json)',
};

/** As ONNX Runtime or a person wrote it; a name we do not know stays as it is. */
export function providerName(provider: string): string {
  return Object.hasOwn(providerNames, provider) ? providerNames[provider as ExecutionProvider] : provider;
}
