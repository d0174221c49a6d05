/** @file Names of files and folders that every file system takes, each only once. */

/** Reserved on Windows, with any extension (Microsoft, "Naming Files, Paths, and Namespaces"). */
const reserved = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i;
/** Most file systems take 255 bytes; some of our own come behind. */
const longestBytes = 200;

/** @returns a name for one folder or file; never empty, without a separator */
export function safeName(text: string): string {
  let name = text.toWellFormed().replaceAll(/[\0-\x1f\x7f<>:"/\\|?*]/g, '_');
  name = name.replace(/^\s+|[\s.]+$/g, '') || '_';
  if (reserved.test(name) || name.startsWith('.')) name = `_${name}`;
  while (Buffer.byteLength(name) > longestBytes) name = [...name].slice(0, -1).join('');
  return name;
}

/** Gives each name only once: a second one gets -2 before its extension. */
export function takenNames(): (path: string) => string {
  const taken = new Set<string>();
  const nextCopy = new Map<string, number>();
  // Compared as file systems of Windows and macOS would: without case, in one Unicode form.
  const key = (path: string) => path.normalize('NFC').toLowerCase();
  return (path) => {
    const wanted = key(path);
    let unique = path;
    let copy = nextCopy.get(wanted) ?? 2;
    while (taken.has(key(unique))) {
      const [, stem, extension] = /^(.*?)(\.[^./]*)?$/s.exec(path)!;
      unique = `${stem}-${copy++}${extension ?? ''}`;
    }
    nextCopy.set(wanted, copy);
    taken.add(key(unique));
    return unique;
  };
}
