/** @file Whether a photo may have keywords of its own: a look at both ends, which spares most photos a closer one. */
import { open } from 'node:fs/promises';

/** Metadata stands in front of the picture in JPEG files and mostly in TIFF; at the end in WebP and some PNG files. */
const lookBytes = 256 * 1024;
/** Names of the fields in XMP, and how IPTC data begin in Photoshop's. */
const marks = ['subject', 'hierarchicalSubject', 'TagsList', 'LastKeywordXMP', '8BIM\x04\x04', 'Raw profile type'];

export async function mayHoldKeywords(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const buffer = Buffer.alloc(Math.min(size, lookBytes));
    for (const at of size > lookBytes ? [0, size - lookBytes] : [0]) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
      const read = buffer.subarray(0, bytesRead);
      if (marks.some((mark) => read.includes(mark, 0, 'latin1'))) return true;
    }
    return false;
  } finally {
    await file.close();
  }
}
