/** @file Where the focus goes after a decision. */

export const advanceModes = ['off', 'next', 'next-unreviewed'] as const;
export type AdvanceMode = (typeof advanceModes)[number];

/** @param value  as the layout holds it; earlier versions wrote whether to go on at all */
export function advanceModeOf(value: string | number | boolean | null | undefined): AdvanceMode {
  if (value === false) return 'off';
  return advanceModes.find((mode) => mode === value) ?? 'next';
}
