/** @file Networks that share much with a ResNeXt and are none, told by the names of their tensors. */

const lookalikes: { pattern: RegExp; family: string }[] = [
  {
    pattern: /\.(?:se|se_module)\.fc1\.|\.scale\.squeeze\./,
    family: 'an SE-ResNeXt or SE-ResNet (squeeze and excitation)',
  },
  { pattern: /\.se\.conv\./, family: 'an ECA-ResNet (efficient channel attention)' },
  { pattern: /\.conv2\.(?:paths|attn)\./, family: 'an SK-ResNeXt or SK-ResNet (selective kernels)' },
  { pattern: /\.conv2\.fc1\./, family: 'a ResNeSt (split attention)' },
  { pattern: /layer\d\.\d+\.convs\.\d/, family: 'a Res2Net or Res2NeXt' },
  {
    pattern: /(?:^|\.)stages\.\d+\.(?:blocks\.)?\d+\.conv1(?:_1x1)?\./,
    family: "one of timm's other ResNeXts (CSP, GC, ECA, BAT or 'ts')",
  },
  { pattern: /(?:^|\.)s\d\.b\d+\.conv1\./, family: 'a RegNet' },
  { pattern: /\.denseblock\d\.|\.denselayer\d/, family: 'a DenseNet' },
  { pattern: /\.attn\.(?:qkv|proj)\.|\.self_attention\./, family: 'a vision transformer' },
];

/** @returns what the names remind of ('an SE-ResNeXt …') and the one that does; null when it may be a ResNeXt */
export function lookalike(names: Iterable<string>): { family: string; name: string } | null {
  const all = [...names];
  for (const { pattern, family } of lookalikes) {
    const name = all.find((candidate) => pattern.test(candidate));
    if (name !== undefined) return { family, name };
  }
  return null;
}
