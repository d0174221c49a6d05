import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ExportRow } from '#core/export-options.ts';
import { cvat } from '../../../electron/engine/export/cvat.ts';
import { anyRows } from './any-rows.ts';
import { dataOptions, exportSource, mixedRows, row } from './source.ts';

function written(rows: ExportRow[]) {
  const leftOut = new Map<number, string>();
  const source = exportSource(rows, { leaveOut: ({ imageId }, reason) => leftOut.set(imageId, reason) });
  return { text: [...cvat.write(source, dataOptions)].join(''), leftOut };
}

/** What a reader of XML makes of a value of an attribute. */
const plain = (value: string) => value.replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));

function read(text: string) {
  return text
    .split('<image ')
    .slice(1)
    .map((image) => ({
      name: plain(/name="([^"]*)"/.exec(image)![1]!),
      tags: [...image.matchAll(/<tag label="([^"]*)"/g)].map(([, label]) => plain(label!)),
    }));
}

test('mixed rows give the golden file', async () => {
  await expect(written(mixedRows).text).toMatchFileSnapshot('../../fixtures/golden/mixed.cvat.xml');
});

test('pictures come with their tags; those CVAT cannot take are named with a reason', () => {
  fc.assert(
    fc.property(anyRows, (rows) => {
      const { text, leftOut } = written(rows);
      const pictures = [...Map.groupBy(rows, ({ imageId }) => imageId).values()];
      const kept = pictures.filter(([first]) => !leftOut.has(first!.imageId));
      const several = new Set(rows.map(({ source }) => source)).size > 1;
      const found = read(text);
      expect(found.map(({ tags }) => tags)).toEqual(
        kept.map((group) => group.filter(({ categoryId }) => categoryId !== null).map(({ label }) => label)),
      );
      found.forEach(({ name }, index) => {
        const { fileName } = kept[index]![0]!;
        expect(several ? name.slice(name.indexOf('/') + 1) : name).toBe(fileName);
      });
      for (const [first] of pictures) {
        if (leftOut.has(first!.imageId)) continue;
        expect(first!.width).toBeGreaterThan(0);
      }
    }),
  );
});

test('line breaks, quotes and signs of XML in names and labels come back', () => {
  const rows = [
    row({ imageId: 1, fileName: 'a & <b>\n"c"\t🌷.jpg', categoryId: 12, label: '=sum, "the" cat', rank: 1 }),
  ];
  const { text } = written(rows);
  expect(text).not.toMatch(/name="[^"]*[<\n\t]/);
  expect(read(text)).toEqual([{ name: 'a & <b>\n"c"\t🌷.jpg', tags: ['=sum, "the" cat'] }]);
});

test('a category that XML cannot carry is refused by its name', () => {
  const source = exportSource([], { categories: () => [{ id: 1, name: 'bell\u0007', supercategory: '' }] });
  expect(() => [...cvat.write(source, dataOptions)]).toThrow(
    expect.objectContaining({ code: 'export.failed', message: expect.stringContaining('bell\\u0007') as string }),
  );
});
