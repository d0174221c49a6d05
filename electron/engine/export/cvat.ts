/**
 * @file `annotations.xml` of CVAT for images 1.1: each label is a tag of its picture, with its score as an attribute.
 *
 * Source of the format: CVAT's documentation of the format. CVAT wants a size, and XML 1.0 cannot carry control
 * characters, so pictures without the one or with the other in their names are left out; a category with one is refused.
 */
import { AppError } from '#core/errors.ts';
import type { ExportRow } from '#core/export-options.ts';
import { hasSize, linesPerPiece, type FileExporter } from './exporter.ts';
import { prefixOfFolder } from './folder-names.ts';
import { xmlText } from './xml-text.ts';

export const cvat: FileExporter = {
  id: 'cvat',
  title: 'CVAT for images 1.1',
  extension: 'xml',
  target: 'file',
  absolutePaths: true,
  *write(source) {
    const prefixes = prefixOfFolder(source.folders);
    yield '<?xml version="1.0" encoding="utf-8"?>\n<annotations>\n  <version>1.1</version>\n  <meta>\n    <task>\n';
    yield `      <name>${xmlText(source.datasetName.replaceAll(forbidden, ' '))}</name>\n      <labels>\n`;
    const names = new Map<number, string>();
    for (const { id, name } of source.categories()) {
      if (name.search(forbidden) >= 0) {
        throw new AppError(
          'export.failed',
          `The category ${JSON.stringify(name)} has a character that XML cannot carry`,
        );
      }
      names.set(id, xmlText(name));
      yield `        <label><name>${xmlText(name)}</name><type>tag</type><attributes>${scoreAttribute}</attributes></label>\n`;
    }
    yield '      </labels>\n    </task>\n  </meta>\n';

    let imageId: number | undefined;
    let number = 0;
    let isOpen = false;
    let piece = '';
    let lines = 0;
    for (const row of source.rows()) {
      if (row.imageId !== imageId) {
        imageId = row.imageId;
        if (isOpen) piece += '  </image>\n';
        const reason = reasonAgainst(row);
        if (reason) source.leaveOut(row, reason);
        isOpen = !reason;
        if (isOpen) {
          const name = xmlText((prefixes.get(row.source) ?? '') + row.fileName);
          piece += `  <image id="${number++}" name="${name}" width="${row.width}" height="${row.height}">\n`;
        }
      }
      if (isOpen && row.categoryId !== null) {
        const score = row.score === null ? '' : `<attribute name="score">${row.score.toFixed(6)}</attribute>`;
        const made = row.origin === 'decision' ? 'manual' : 'auto';
        piece += `    <tag label="${names.get(row.categoryId)!}" source="${made}">${score}</tag>\n`;
      }
      if (++lines % linesPerPiece > 0) continue;
      yield piece;
      piece = '';
    }
    yield `${piece}${isOpen ? '  </image>\n' : ''}</annotations>\n`;
  },
};

const scoreAttribute =
  '<attribute><name>score</name><mutable>false</mutable><input_type>text</input_type><default_value></default_value><values></values></attribute>';

/** Everything outside the characters of XML 1.0 (W3C, section 2.2). */
const forbidden =
  /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

function reasonAgainst(row: ExportRow): string | undefined {
  if (!hasSize(row)) return 'Its size is not known, which CVAT asks for';
  if (row.fileName.search(forbidden) >= 0) return 'Its name has a character that XML cannot carry';
  return undefined;
}
