import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FileLabels } from '#core/label-import.ts';
import { cvat as exporter } from '../../../electron/engine/export/cvat.ts';
import { recognise, readBeginning } from '../../../electron/engine/import/beginning.ts';
import { cvat } from '../../../electron/engine/import/cvat.ts';
import { temporaryFolder } from '../../support/library.ts';
import { anyRows } from '../export/any-rows.ts';
import { dataOptions, exportSource } from '../export/source.ts';
import {
  carriedByXml,
  entriesOf,
  oddLabels,
  oddNames,
  put,
  told,
  tripPictures,
  type TripPicture,
} from './folder-trip.ts';

function file(text: string | Buffer): string {
  const path = join(temporaryFolder(), 'annotations.xml');
  writeFileSync(path, text);
  return path;
}

const images = (inner: string) => `<annotations><version>1.1</version><meta/>${inner}</annotations>`;

test('what was exported comes back: several labels, scores, decisions, and a picture without any', async () => {
  const path = join(temporaryFolder(), 'annotations.xml');
  await fc.assert(
    fc.asyncProperty(anyRows, async (all) => {
      const rows = all.filter(({ fileName }) => fileName !== '');
      const leftOut = new Set<number>();
      const source = exportSource(rows, { leaveOut: ({ imageId }) => void leftOut.add(imageId) });
      writeFileSync(path, [...exporter.write(source, dataOptions)].join(''));
      const pictures = [...Map.groupBy(rows, ({ imageId }) => imageId).values()].filter(
        ([first]) => !leftOut.has(first!.imageId),
      );
      const several = new Set(rows.map(({ source }) => source)).size > 1;
      const found = (await entriesOf(cvat, path)).filter((entry): entry is FileLabels => !('invalid' in entry));
      const expected = pictures.map((group) => {
        const decisions = group.filter(({ origin }) => origin === 'decision');
        const counted = decisions.length > 0 ? decisions : group;
        const predicted = counted[0]!.origin === 'prediction';
        const labels = counted.filter(({ categoryId }) => categoryId !== null).map(({ label }) => label);
        const score = predicted ? Number(counted[0]!.score!.toFixed(6)) : null;
        return { file: group[0]!.fileName, categories: [...new Set(labels)], predicted, score };
      });
      const short = ({ file, categories, predicted, score }: FileLabels) => ({
        file: several ? file.slice(file.indexOf('/') + 1) : file,
        categories,
        predicted,
        score,
      });
      expect(found.map(short)).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});

test('every odd name and label comes back, but for what XML cannot carry', async () => {
  const path = join(temporaryFolder(), 'annotations.xml');
  const trip = async (pictures: readonly TripPicture[]) => {
    const names = [...new Set(pictures.flatMap(({ labels }) => labels))].filter(carriedByXml);
    const named = names.map((name, index) => ({ id: index + 1, name, supercategory: '' }));
    const rows = pictures.map(({ fileName, labels, source }, index) => {
      const label = labels.find((label) => names.includes(label)) ?? '';
      const categoryId = label ? names.indexOf(label) + 1 : null;
      const base = {
        imageId: index + 1,
        fileName,
        source: `/${source}`,
        width: 1,
        height: 1,
        status: 'done',
        error: '',
      };
      return { ...base, review: '', categoryId, label, score: null, rank: 1, origin: 'decision' as const };
    });
    const source = exportSource(rows, { categories: () => named });
    writeFileSync(path, [...exporter.write(source, dataOptions)].join(''));
    const several = source.folders.length > 1;
    expect(await told(cvat, path)).toEqual(
      rows.map(({ fileName, label, source }) => {
        return [several ? `${source.split('/').at(-1)}/${fileName}` : fileName, ...(label ? [label] : [])];
      }),
    );
  };
  await trip(
    oddNames.map((fileName, index) => {
      const labels = [oddLabels[index % oddLabels.length]!];
      return { fileName, labels, source: 'photos', score: null, review: '' };
    }),
  );
  await fc.assert(fc.asyncProperty(tripPictures.filter(differInName), trip), { numRuns: 30 });
});

/** Folders of the same name get another one. */
function differInName(pictures: readonly TripPicture[]): boolean {
  return new Set(pictures.map(({ source }) => source)).size === 1;
}

test('an older file and one of a project are read: shapes are passed over, tags of people silence those of models', async () => {
  const path = file(`<?xml version='1.0' encoding="UTF-8"?>
<!-- made by hand -->
<annotations>
  <meta><job><size>3</size><labels><label><name>image</name><attributes><attribute>~radio=x:a,b</attribute></attributes></label></labels></job></meta>
  <image id="0" name="a\\b c.jpg" width="1" height="1" subset="Train" task_id="3">
    <box label="head" xtl="0" ytl="0" xbr="1" ybr="1"><attribute name="score">0.5</attribute></box>
    <tag label="cat"/><tag label="dog" source="auto"><attribute name="score">0.5</attribute></tag>
  </image>
  <image id="1" name="b.jpg"><tag label="cat" source="auto"><attribute name="score"> 0.25 </attribute><attribute name="age">7</attribute></tag></image>
  <image id="2" name="c.jpg"><tag label="cat" source="auto"><attribute name="score">7</attribute></tag><tag label="cat" source="auto"/></image>
  <image id="3"/>
</annotations>`);
  const none = { review: null, score: null };
  expect(await entriesOf(cvat, path)).toEqual([
    { ...none, file: 'a\\b c.jpg', categories: ['cat'], predicted: false, place: 'image 1' },
    { ...none, file: 'b.jpg', categories: ['cat'], predicted: true, score: 0.25, place: 'image 2' },
    { ...none, file: 'c.jpg', categories: ['cat'], predicted: true, place: 'image 3' },
    { invalid: 'The image has no name', file: '', place: 'image 4' },
  ]);
  expect(recognise(await readBeginning(path))?.importer.id).toBe('cvat');
});

test('pictures in the folder beside it are named', async () => {
  const home = put(temporaryFolder(), {
    'annotations.xml': images('<image name="sub/a.png"><tag label="cat"/></image><image name="b.png"/>'),
    'images/sub/a.png': null,
  });
  const found = await entriesOf(cvat, join(home, 'annotations.xml'));
  expect(found[0]).toMatchObject({ picture: join(home, 'images/sub/a.png') });
  expect(found[1]).not.toHaveProperty('picture');
});

const bomb = `<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;">]>${images('<image name="&lol2;"/>')}`;
const outside = `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>${images('<image name="&x;"/>')}`;

test.each([
  ['expanding entities', bomb, 'document type'],
  ['external entities', outside, 'document type'],
  ['an unknown entity', images('<image name="&nbsp;"/>'), 'no XML'],
  ['another encoding', `<?xml version="1.0" encoding="ISO-8859-1"?>${images('')}`, 'save it as UTF-8'],
  ['text that is not UTF-8', Buffer.from([0x3c, 0x61, 0xff, 0x3e]), 'not UTF-8'],
  ['a file cut off', images('<image name="a.png"/>').slice(0, -5), 'no XML'],
  ['another root', '<svg/>', 'first element is <svg>'],
  ['a video', images('<track id="0" label="car"/>'), 'CVAT for video'],
  ['a name that never ends', images(`<image name="${'x'.repeat(300_000)}"/>`), 'no XML'],
  ['elements without end', `<annotations>${'<a>'.repeat(100_000)}`, 'deep'],
  ['no text at all', ' ', 'no XML'],
])('%s: refused, and the sentence says why', async (_, text, why) => {
  await expect(entriesOf(cvat, file(text))).rejects.toMatchObject({
    code: 'input.invalid',
    message: expect.stringContaining(why) as string,
  });
});
