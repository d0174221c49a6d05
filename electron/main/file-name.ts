/** @file Names of files we propose. */

/** A dataset's name as a file name that every system takes. @param extension  empty for a folder */
export function fileNameOf(name: string, extension: string): string {
  const plain = name
    // Control characters and what Windows forbids.
    .replace(/[\u0000-\u001f<>:"/\\|?*]/g, '-')
    .replace(/[. ]+$/, '')
    .slice(0, 100);
  return extension ? `${plain || 'labels'}.${extension}` : plain || 'labels';
}
