/** @file Opaque 128-bit names for pictures, so that no path or countable id is ever in a URL. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

export interface Tokens {
  /** @returns 32 hex digits */
  seal(imageId: number): string;
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
  return {
    seal(imageId) {
      const block = Buffer.alloc(16);
      block.writeBigUInt64BE(BigInt(imageId), 8);
      const cipher = createCipheriv('aes-128-ecb', secret, null).setAutoPadding(false);
      return Buffer.concat([cipher.update(block), cipher.final()]).toString('hex');
    },
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
