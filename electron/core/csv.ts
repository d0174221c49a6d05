/** @file One record of CSV, in the two dialects people need. */

/**
 * - `data`: RFC 4180 as it stands, for pandas and scripts;
 * - `spreadsheet`: the same with a byte-order mark and formulas made harmless, for Excel and LibreOffice.
 */
export type CsvDialect = 'data' | 'spreadsheet';

/** Excel reads UTF-8 only behind this mark. */
export const byteOrderMark = '\uFEFF';

/**
 * What a spreadsheet may take for a formula.
 * Source: OWASP, CSV Injection; full-width signs because spreadsheets fold them.
 */
const formulaStart = /^[=+\-@\t\r\n＝＋－＠]/u;

/**
 * @returns  one line ending in CRLF; text with a comma, quote, CR or LF is quoted, quotes doubled (RFC 4180, 2)
 *
 * Numbers are never prefixed: a leading minus of a number is data, not a formula.
 */
export function csvRecord(fields: readonly (string | number)[], dialect: CsvDialect = 'data'): string {
  return `${fields.map((field) => csvField(field, dialect)).join(',')}\r\n`;
}

function csvField(field: string | number, dialect: CsvDialect): string {
  if (typeof field === 'number') return String(field);
  const guarded = dialect === 'spreadsheet' && formulaStart.test(field);
  const text = guarded ? `'${field}` : field;
  // Leading or trailing blanks are quoted too: some readers trim what is bare.
  return guarded || /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
