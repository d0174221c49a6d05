/** @file Many short texts, to be gone through again and again, in the bytes of a file instead of an object each. */

export interface PackedLines extends Iterable<string> {
  /** @param line  without a line feed; characters that UTF-8 cannot carry become U+FFFD */
  push(line: string): void;
}

/** So many characters are one object, and unpacked in one go. */
const chunkLength = 16 * 1024;

export function packedLines(): PackedLines {
  const chunks: Buffer[] = [];
  let last = '';
  return {
    push(line) {
      last += `${line}\n`;
      if (last.length < chunkLength) return;
      chunks.push(Buffer.from(last));
      last = '';
    },
    *[Symbol.iterator]() {
      for (let at = 0; at <= chunks.length; at++) {
        const lines = (chunks[at]?.toString() ?? last).split('\n');
        for (let line = 0; line < lines.length - 1; line++) yield lines[line]!;
      }
    },
  };
}
