/** @file Text within XML. */

/** For attributes and elements; line breaks and tabs as references, because readers turn them into spaces in attributes. */
export function xmlText(text: string): string {
  return text.replaceAll(/[&<>"\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}
