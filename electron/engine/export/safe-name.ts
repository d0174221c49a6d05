/** @file Names of files and folders that every file system takes. */

/** Reserved on Windows, with any extension (Microsoft, "Naming Files, Paths, and Namespaces"). */
const reserved = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i;
/** Most file systems take 255 bytes; some of our own come behind. */
const longestBytes = 200;

/** @returns a name for one folder or file; never empty, without a separator; a long one keeps its extension */
export function safeName(text: string): string {
  let name = text.toWellFormed().replaceAll(/[\0-\x1f\x7f<>:"/\\|?*]/g, '_');
  name = name.replace(/^\s+|[\s.]+$/g, '') || '_';
  if (reserved.test(name) || name.startsWith('.')) name = `_${name}`;
  if (Buffer.byteLength(name) <= longestBytes) return name;
  const extension = /\.[^.\s]{1,8}$/.exec(name)?.[0] ?? '';
  return firstBytes(name, longestBytes - Buffer.byteLength(extension)).replace(/[\s.]+$/, '') + extension;
}

/** As many whole characters as fit. */
function firstBytes(text: string, bytes: number): string {
  let end = 0;
  let left = bytes;
  for (const character of text) {
    left -= Buffer.byteLength(character);
    if (left < 0) break;
    end += character.length;
  }
  return text.slice(0, end);
}
