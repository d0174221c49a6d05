/** @file Shared memory for decoded pictures: written by the decode thread, read by the session threads. */
import type { SlotMemory } from './protocol.ts';

/** @param slotBytes  of one picture: H × W × 3 */
export function allocateSlots(count: number, slotBytes: number): SlotMemory {
  return { memory: new SharedArrayBuffer(count * slotBytes), slotBytes };
}

/** @returns the pixels of one slot, shape [H, W, 3]; no copy */
export function slotPixels({ memory, slotBytes }: SlotMemory, slot: number): Uint8Array {
  return new Uint8Array(memory, slot * slotBytes, slotBytes);
}
