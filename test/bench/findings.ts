/** @file What the bench finds out: every ratio by name, with what is wanted of it, and the figures behind them. */
import type { Spread } from './measured.ts';

export interface RatioKind {
  title: string;
  /** What the ratio should reach, or stay under; null where nothing was promised. */
  goal: { atLeast: number } | { atMost: number } | null;
}

const atLeast = (value: number) => ({ atLeast: value });
const atMost = (value: number) => ({ atMost: value });
const ratio = (title: string, goal: RatioKind['goal'] = null): RatioKind => ({ title, goal });

/** Ratios end in `_wall` where they compare time on the clock; all others compare processor time. */
export const ratioKinds = {
  int8_vs_ort_fp32: ratio('inference, int8 against onnxruntime fp32', atLeast(2.5)),
  fp32_vs_ort_fp32: ratio('inference, fp32 against onnxruntime fp32', atLeast(0.98)),
  fp32_of_peak: ratio('inference, fp32: share of what the core can do at most'),
  int8_of_peak: ratio('inference, int8: share of what the core can do at most'),
  ort_fp32_of_peak: ratio('inference, onnxruntime fp32: share of what the core can do at most'),
  pipeline_cpu_vs_parts_vga: ratio('pipeline against decode + inference, int8, 640 × 480', atMost(1.1)),
  pipeline_cpu_vs_parts_2mp: ratio('pipeline against decode + inference, int8, 2 MP', atMost(1.1)),
  pipeline_cpu_vs_parts_12mp: ratio('pipeline against decode + inference, int8, 12 MP', atMost(1.1)),
  pipeline_cpu_vs_parts_vga_fp32: ratio('pipeline against decode + inference, fp32, 640 × 480', atMost(1.1)),
  pipeline_cpu_vs_parts_2mp_fp32: ratio('pipeline against decode + inference, fp32, 2 MP', atMost(1.1)),
  pipeline_cpu_vs_parts_12mp_fp32: ratio('pipeline against decode + inference, fp32, 12 MP', atMost(1.1)),
  e2e_vs_naive_node_vga: ratio('int8 end to end against the naive Node script, 640 × 480', atLeast(2)),
  e2e_vs_naive_node_vga_wall: ratio('the same by the clock', atLeast(2)),
  e2e_vs_naive_node_12mp: ratio('int8 end to end against the naive Node script, 12 MP', atLeast(1.4)),
  e2e_vs_naive_node_12mp_wall: ratio('the same by the clock', atLeast(1.4)),
  e2e_vs_python_ort_vga: ratio('int8 end to end against Python onnxruntime + Pillow, 640 × 480', atLeast(2.8)),
  e2e_vs_python_ort_vga_wall: ratio('the same by the clock', atLeast(2.8)),
  e2e_vs_python_ort_12mp: ratio('int8 end to end against Python onnxruntime + Pillow, 12 MP', atLeast(2.8)),
  e2e_vs_python_ort_12mp_wall: ratio('the same by the clock', atLeast(2.8)),
  e2e_vs_torchvision_vga: ratio('int8 end to end against torchvision + DataLoader, 640 × 480', atLeast(10)),
  e2e_vs_torchvision_vga_wall: ratio('the same by the clock', atLeast(10)),
  two_cores_vs_one: ratio('two cores against one, int8, 640 × 480, by the clock', atLeast(1.8)),
  two_cores_vs_one_12mp: ratio('two cores against one, int8, 12 MP, by the clock', atLeast(1.8)),
  decode_vs_opencv_vga: ratio('decoding against OpenCV, 640 × 480'),
  decode_vs_opencv_2mp: ratio('decoding against OpenCV, 2 MP'),
  decode_vs_opencv_12mp: ratio('decoding against OpenCV, 12 MP', atLeast(0.65)),
  decode_vs_pillow_vga: ratio('decoding against Pillow, 640 × 480'),
  decode_vs_pillow_2mp: ratio('decoding against Pillow, 2 MP'),
  decode_vs_pillow_12mp: ratio('decoding against Pillow, 12 MP'),
  bundled_default_vs_float: ratio('the bundled model as it is used against its float form, 640 × 480'),
} as const satisfies Record<string, RatioKind>;

export type RatioName = keyof typeof ratioKinds;
export type Ratios = Partial<Record<RatioName, Spread | null>>;

/** Most memory of the engine while it labels, megabytes. */
export const memoryGoals = { int8: 300, fp32: 550 } as const;
/** In which numbers a model computes. */
export type Form = keyof typeof memoryGoals;
export type Memory = Record<Form, number | null>;

/** One line of a table: what one subject costs for a picture, milliseconds. */
export interface Row {
  subject: string;
  cpu: Spread | null;
  wall: Spread | null;
}

/** What one step found. */
export interface Finding {
  title: string;
  rows: Row[];
  ratios: Ratios;
}

/** @returns null where there is no goal or no figure */
export function meets(name: RatioName, value: number | null): boolean | null {
  const { goal }: RatioKind = ratioKinds[name];
  if (goal === null || value === null) return null;
  return 'atLeast' in goal ? value >= goal.atLeast : value <= goal.atMost;
}
