/** @file The first lines of a CSV file as cells, for the preview. */

/**
 * @param text  RFC 4180, possibly with a byte-order mark, possibly cut off
 * @returns     one row per record, the header first
 */
export function previewCells(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = '';
  let quoted = false;
  const source = text.replace(/^\uFEFF/, '');
  for (let index = 0; index < source.length; index++) {
    const character = source[index]!;
    if (quoted) {
      if (character !== '"') field += character;
      else if (source[index + 1] === '"') field += source[++index]!;
      else quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === ',') {
      row.push(field);
      field = '';
    } else if (character === '\n') {
      rows.push([...row, field]);
      row = [];
      field = '';
    } else if (character !== '\r') field += character;
  }
  if (field || row.length > 0) rows.push([...row, field]);
  return rows;
}
