/** @file The address of a picture's copy, as the page writes it. */

/** @returns undefined for everything but a well-formed address */
export function parseThumbnailUrl(address: string): { token: string; size: 's' | 'l' } | undefined {
  // Matched as text: parsing would tidy up dots, escapes and slashes that have no business here.
  const match = /^thumb:\/\/i\/([0-9a-f]{32})(?:\?s=([sl])(?:&v=[\w.%~-]{0,200})?)?$/.exec(address);
  return match ? { token: match[1]!, size: match[2] === 'l' ? 'l' : 's' } : undefined;
}
