/**
 * @file Size and work of the architectures, counted: trainable numbers, running statistics, multiply-accumulates.
 *
 * The trainable numbers equal those of torchvision (25,028,904; 88,791,336; 83,455,272) and timm 1.0.29; with the
 * running statistics they equal PaddleClas' column "Params".
 */

interface ArchitectureFacts {
  parameterCount: number;
  /** Means and variances of the BatchNorms, which a weight file holds too. */
  statisticCount: number;
  /** Convolutions and the last layer, for one picture, by the side of the square input in pixels. */
  macCounts: Partial<Record<160 | 176 | 224, number>>;
}

export const architectures = {
  ResNeXt50_32x4d: {
    parameterCount: 25_028_904,
    statisticCount: 68_224,
    macCounts: { 160: 2_159_411_200, 176: 2_689_896_448, 224: 4_230_479_872 },
  },
  ResNeXt50_vd_32x4d: { parameterCount: 25_048_136, statisticCount: 68_352, macCounts: { 224: 4_470_120_448 } },
  ResNeXt101_32x4d: { parameterCount: 44_177_704, statisticCount: 137_856, macCounts: { 224: 7_969_996_800 } },
  ResNeXt101_64x4d: { parameterCount: 83_455_272, statisticCount: 202_880, macCounts: { 224: 15_460_270_080 } },
  ResNeXt101_32x8d: {
    parameterCount: 88_791_336,
    statisticCount: 202_880,
    macCounts: { 176: 10_286_919_680, 224: 16_414_015_488 },
  },
  ResNeXt101_32x16d: { parameterCount: 194_026_792, statisticCount: 332_928, macCounts: { 224: 36_163_289_088 } },
  ResNeXt101_32x32d: { parameterCount: 468_530_472, statisticCount: 593_024, macCounts: { 224: 87_106_781_184 } },
} as const satisfies Record<string, ArchitectureFacts>;

export type ArchitectureName = keyof typeof architectures;

/** @param side  pixels; one that is in the table */
export function architectureFacts(name: ArchitectureName, side: 160 | 176 | 224) {
  const { parameterCount, statisticCount, macCounts }: ArchitectureFacts = architectures[name];
  const macCount = macCounts[side];
  if (macCount === undefined) throw new RangeError(`Nobody counted ${name} at ${side}`);
  return { parameterCount, statisticCount, macCount };
}
