/** @file Opaque 128-bit names for pictures, so that no path or countable id is ever in a URL. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

export interface Tokens {
  /** @returns 32 hex digits */
  seal(imageId: number): string;
  /** The same for many: the cipher is made once, which is most of the work. */
  sealAll(imageIds: readonly number[]): string[];
  /** @returns undefined for anything that `seal` did not make with the same key */
  open(token: string): number | undefined;
}

export function newTokenKey(): string {
  return randomBytes(16).toString('hex');
}

/**
 * One AES block over (8 zero bytes, id): a permutation, so tokens need no table, and a made-up token opens to zero
 * bytes with a chance of 2⁻⁶⁴.
 *
 * @param key  32 hex digits, kept in the library
 */
export function tokens(key: string): Tokens {
  const secret = Buffer.from(key, 'hex');
  function sealAll(imageIds: readonly number[]): string[] {
    const blocks = Buffer.alloc(imageIds.length * 16);
    imageIds.forEach((id, place) => blocks.writeBigUInt64BE(BigInt(id), place * 16 + 8));
    const cipher = createCipheriv('aes-128-ecb', secret, null).setAutoPadding(false);
    const sealed = Buffer.concat([cipher.update(blocks), cipher.final()]).toString('hex');
    return imageIds.map((_, place) => sealed.slice(place * 32, place * 32 + 32));
  }
  return {
    seal: (imageId) => sealAll([imageId])[0]!,
    sealAll,
    open(token) {
      if (!/^[0-9a-f]{32}$/.test(token)) return undefined;
      const cipher = createDecipheriv('aes-128-ecb', secret, null).setAutoPadding(false);
      const block = Buffer.concat([cipher.update(Buffer.from(token, 'hex')), cipher.final()]);
      if (block.readBigUInt64BE(0) !== 0n) return undefined;
      const id = block.readBigUInt64BE(8);
      return id <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(id) : undefined;
    },
  };
}
