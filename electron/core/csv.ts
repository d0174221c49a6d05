/** @file One record of CSV, in the two dialects people need. */

/**
 * - `data`: RFC 4180 as it stands, for pandas and scripts;
 * - `spreadsheet`: the same with a byte-order mark and formulas made harmless, for Excel and LibreOffice.
 */
export type CsvDialect = 'data' | 'spreadsheet';

/** Excel reads UTF-8 only behind this mark. */
export const byteOrderMark = '\uFEFF';

/**
 * What a spreadsheet may take for a formula, also behind blanks, which some of them trim.
 * Apostrophes count too, so that taking one `'` away from a guarded text always gives the original back.
 * Source: OWASP, CSV Injection (= + - @ tab CR LF); full-width signs because spreadsheets fold them.
 */
const formulaStart = /^'*(?:[\t\r\n]|\s*[=+\-@＝＋－＠])/u;

/** Semicolon and tab are separators in other locales; blanks at the ends would be trimmed by some readers. */
const needsQuotes = /[",;\t\r\n]|^\s|\s$/u;

/**
 * @returns  one line ending in CRLF; text with a separator, quote, CR or LF is quoted, quotes doubled (RFC 4180, 2)
 *
 * Numbers are never prefixed: a leading minus of a number is data, not a formula.
 * What UTF-8 or CSV readers cannot carry, lone surrogates and NUL, becomes U+FFFD.
 */
export function csvRecord(fields: readonly (string | number)[], dialect: CsvDialect = 'data'): string {
  return `${fields.map((field) => csvField(field, dialect)).join(',')}\r\n`;
}

/** One field as it stands between the commas of a record. */
export function csvField(field: string | number, dialect: CsvDialect): string {
  if (typeof field === 'number') return String(field);
  const carried = field.toWellFormed().replaceAll('\0', '\uFFFD');
  const guarded = dialect === 'spreadsheet' && formulaStart.test(carried);
  const text = guarded ? `'${carried}` : carried;
  return guarded || needsQuotes.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A text of the `spreadsheet` dialect as it was before: only the apostrophe that guards a formula is taken away. */
export function undoSpreadsheetGuard(text: string): string {
  return text.startsWith("'") && formulaStart.test(text) ? text.slice(1) : text;
}
