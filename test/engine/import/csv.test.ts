import { describe, expect, test } from 'vitest';
import { csv } from '../../../electron/engine/import/csv.ts';
import { corpusFile, inShort, readAll, withFile } from './entries.ts';

const read = async (content: string | Uint8Array, name = 'labels.csv') => inShort(await readAll(csv, name, content));
const shape = (content: string | Uint8Array, name = 'labels.csv') =>
  withFile(name, content, (beginning) => csv.shape!(beginning, null));

describe('hostile and odd tables', () => {
  test.each([
    ['bom-utf8.csv', ['a.png: cat']],
    ['cr-only.csv', ['a.png: cat']],
    ['dup-header.csv', ['a.png: cat']],
    ['formula.csv', ["a.png: =cmd|' /C calc'!A0"]],
    ['latin1.csv', ['café.png: chat']],
    ['no-header.csv', ['a.png: cat']],
    ['nul.csv', ['line 2: The name has a NUL character']],
    ['proto-header.csv', ['a.png: cat']],
    ['ragged.csv', ['line 2: 1 columns, but 2 are needed', 'line 3: 4 columns instead of 2']],
    ['semicolon.csv', ['a.png: cat']],
    [
      'traversal.csv',
      ['../../../../etc/passwd: cat', '/etc/passwd: cat', String.raw`..\..\x: cat`, 'file:///etc/passwd: cat'],
    ],
    ['utf16le.csv', ['a.png: cat']],
  ])('%s is read by a stated rule', async (file, expected) => {
    expect(await read(corpusFile(`csv-import/${file}`))).toEqual(expected);
  });

  test.each([
    ['empty.csv', 'labels.csv is empty'],
    ['only-bom.csv', 'labels.csv is empty'],
    ['unclosed-quote.csv', 'Line 2 of labels.csv begins a quoted cell that is never closed'],
  ])('%s is refused with the place', async (file, sentence) => {
    await expect(read(corpusFile(`csv-import/${file}`))).rejects.toMatchObject({
      code: 'input.invalid',
      message: sentence,
    });
  });

  test('a table of 100,000 columns is refused', async () => {
    const header = Array.from({ length: 100_000 }, (_, column) => `c${column}`).join(',');
    await expect(read(header)).rejects.toThrow('Line 1 of labels.csv has 100000 columns; at most 20100 are read');
  });

  test('a cell of a megabyte is read; whoever matches refuses so long a name', async () => {
    const [entry] = await readAll(csv, 'labels.csv', `file,label\na.png,${'x'.repeat(1_000_000)}\n`);
    expect(entry).toMatchObject({ file: 'a.png' });
    expect((entry as { categories: string[] }).categories[0]).toHaveLength(1_000_000);
  });

  test('a quote that is closed only megabytes later is refused with the line where it begins', async () => {
    const text = `file,label\na.png,cat\n"b.png,dog\n${'c.png,cow\n'.repeat(500_000)}"\n`;
    await expect(read(text)).rejects.toThrow('Line 3 of labels.csv is longer than 4,000,000 letters');
  });

  test('a name with __proto__ for a header changes nothing of the objects of the program', async () => {
    await read('filename,__proto__,constructor\na.png,1,0\n');
    expect(({} as Record<string, unknown>)['a.png']).toBeUndefined();
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

describe('what a table looks like is found', () => {
  test.each([
    ['comma', 'file_name,label\na.jpg,cat\n', ','],
    ['semicolon with decimal commas', 'filename;label;score\na.jpg;cat;0,5\nb.jpg;dog;0,25\n', ';'],
    ['tab', 'image\tclass\na.jpg\tcat, wet\n', '\t'],
    ['bar', 'image|class\na.jpg|cat\n', '|'],
    ['quoted delimiters', '"file";"label"\n"a, 1.jpg";"cat, wet, small"\n', ';'],
  ])('delimiter: %s', async (_, text, delimiter) => {
    expect((await shape(text)).mapping.delimiter).toBe(delimiter);
  });

  test.each([
    ['UTF-16 LE', Buffer.from('\ufefffile,label\né.png,🌷\n', 'utf16le'), 'utf-16le'],
    ['UTF-16 BE', Buffer.from('\ufefffile,label\né.png,🌷\n', 'utf16le').swap16(), 'utf-16be'],
    ['UTF-8', Buffer.from('file,label\né.png,🌷\n'), 'utf-8'],
    ['UTF-8 with a mark', Buffer.from('\ufefffile,label\né.png,🌷\n'), 'utf-8'],
  ])('encoding: %s', async (_, bytes, encoding) => {
    expect((await shape(bytes)).mapping.encoding).toBe(encoding);
    expect(await read(bytes)).toEqual(['é.png: 🌷']);
  });

  test('windows-1252 is found even when its first letter beyond ASCII stands far behind', async () => {
    const text = `file,label\n${'a.png,cat\n'.repeat(20_000)}caf\u00e9.png,chat\n`;
    const entries = await read(Buffer.from(text, 'latin1'));
    expect(entries.at(-1)).toBe('café.png: chat');
  });

  test('letters of UTF-8 may be cut anywhere between two pieces of a file', async () => {
    for (const shift of [0, 1, 2, 3]) {
      const text = `file,label\n${'x'.repeat(shift)}.png,${'🌷'.repeat(100_000)}\n`;
      expect(await read(text)).toEqual([`${'x'.repeat(shift)}.png: ${'🌷'.repeat(100_000)}`]);
    }
  });

  test.each([
    [
      'ours',
      'file_name,source,width,height,status,error,review,label,score,rank\na.jpg,/p,1,1,done,,unreviewed,cat,0.5,1\n',
      { file: 0, label: 7, score: 8, review: 6, folder: 1 },
    ],
    ['Kaggle', 'id,breed\n000bec180eb18c7604dcecc8fe0dba07,boston_bull\n', { file: 0, label: 1 }],
    ['by values', 'nr,art,bild\n1,hund,ordner/a.JPG\n2,katze,b.jpeg\n', { header: true, file: 2, label: 1 }],
    ['without a header', 'dog,a.jpg,0.5\ncat,b.jpg,0.7\n', { header: false, file: 1, label: 0 }],
    ['names of classes, not their numbers', 'image_path,class_id,class_name\na.jpg,3,cat\n', { file: 0, label: 2 }],
    ['numbers when there is nothing else', 'filename,target\na.jpg,3\n', { file: 0, label: 1 }],
    ['a score only where all are scores', 'filename,label,score\na.jpg,cat,17\n', { score: null }],
    ['a source that is no folder', 'filename,label,source\na.jpg,cat,web\n', { folder: null }],
    ['a folder', 'folder,filename,label\ntrain,a.jpg,cat\n', { folder: 0, file: 1, label: 2 }],
    ['several labels in a cell', 'image,tags\na.jpg,cat|dog\n', { label: 1, separator: '|' }],
    ['one label in a cell', 'image,label\na.jpg,"cat, wet"\n', { label: 1, separator: null }],
  ])('columns: %s', async (_, text, expected) => {
    expect((await shape(text)).mapping).toMatchObject(expected);
  });

  test('a column per class, as Roboflow writes it', async () => {
    const text = 'filename, Bench, Chair, Table\na.jpg, 1, 0, 1\nb.jpg, 0, 0, 0\nc.jpg, 0, 2, 0\n';
    expect(await read(text.replace(', 2,', ', 1,'))).toEqual(['a.jpg: Bench + Table', 'b.jpg: ', 'c.jpg: Chair']);
    expect((await shape(text.replace('c.jpg, 0, 2, 0\n', ''))).mapping).toMatchObject({
      oneHot: true,
      file: 0,
      label: 1,
    });
  });

  test('columns are shown with their first values, equal names apart', async () => {
    const { columns } = await shape('file,label,label,\na.png,cat,dog,\nb.png,,cow,\n');
    expect(columns).toEqual([
      { name: 'file', examples: ['a.png', 'b.png'] },
      { name: 'label', examples: ['cat'] },
      { name: 'label (2)', examples: ['dog', 'cow'] },
      { name: 'Column 4', examples: [] },
    ]);
  });

  test('a table of one column is refused', async () => {
    await expect(shape('file\na.png\n')).rejects.toThrow(
      'labels.csv has one column; a table of labels has at least two',
    );
  });

  test('what a person says about it holds, unless the table has no such column', async () => {
    const text = 'file;x;label\na.png;1;cat\n';
    const asked = {
      encoding: 'utf-8',
      delimiter: ';',
      header: true,
      file: 0,
      label: 1,
      score: null,
      review: null,
      folder: null,
      separator: null,
      oneHot: false,
    } as const;
    expect(inShort(await readAll(csv, 'labels.csv', text, asked))).toEqual(['a.png: 1']);
    expect(inShort(await readAll(csv, 'labels.csv', text, { ...asked, label: 9 }))).toEqual(['a.png: cat']);
  });
});

describe('what a line says', () => {
  const own = 'file_name,source,width,height,status,error,review,label,score,rank\r\n';

  test('a score makes a prediction, none a decision', async () => {
    expect(await read('file,label,score\na.png,cat,0.5\nb.png,dog,\nc.png,cow,50%\n')).toEqual([
      'a.png: cat (predicted 0.5)',
      'b.png: dog',
      'c.png: cow (predicted 0.5)',
    ]);
  });

  test('a score that is none is told', async () => {
    const asked = {
      encoding: 'utf-8',
      delimiter: ',',
      header: true,
      file: 0,
      label: 1,
      score: 2,
      review: null,
      folder: null,
      separator: null,
      oneHot: false,
    } as const;
    expect(inShort(await readAll(csv, 'labels.csv', 'file,label,score\na.png,cat,17\n', asked))).toEqual([
      'line 2: The score 17 is not between 0 and 1',
    ]);
  });

  test('the review of our own exports says what a person decided', async () => {
    const lines = [
      'a.jpg,/p,1,1,done,,unreviewed,cat,0.9,1',
      'a.jpg,/p,1,1,done,,unreviewed,dog,0.1,2',
      'b.jpg,/p,1,1,done,,accepted,cat,,1',
      'b.jpg,/p,1,1,done,,accepted,dog,,2',
      'c.jpg,/p,1,1,done,,accepted,cat,0.9,1',
      'c.jpg,/p,1,1,done,,accepted,dog,0.1,2',
      'd.jpg,/p,1,1,done,,unsure,cat,0.9,1',
      'e.jpg,/p,1,1,done,,skipped,,,',
      'f.jpg,/p,1,1,done,,unreviewed,typed by hand,,',
      'g.jpg,/p,1,1,pending,,unreviewed,,,',
    ];
    expect(await read(own + lines.join('\r\n'))).toEqual([
      'a.jpg: cat (predicted 0.9, unreviewed)',
      'a.jpg: dog (predicted 0.1, unreviewed)',
      'b.jpg: cat (accepted)',
      'b.jpg: dog (accepted)',
      'c.jpg: cat (accepted)',
      'd.jpg:  (unsure)',
      'e.jpg:  (skipped)',
      'f.jpg: typed by hand',
      'g.jpg:  (unreviewed)',
    ]);
  });

  test('lines of equal names in different folders stay apart', async () => {
    const entries = await readAll(
      csv,
      'labels.csv',
      `${own}a.jpg,/p,1,1,done,,accepted,cat,0.5,1\r\na.jpg,/q,1,1,done,,accepted,dog,0.5,1\r\n`,
    );
    expect(entries).toMatchObject([
      { file: 'a.jpg', folder: '/p', categories: ['cat'] },
      { file: 'a.jpg', folder: '/q', categories: ['dog'] },
    ]);
  });

  test('a folder that is not absolute goes before the name', async () => {
    expect(await read('folder,filename,label\ntrain,a.jpg,cat\ntrain/,b.jpg,dog\n')).toEqual([
      'train/a.jpg: cat',
      'train/b.jpg: dog',
    ]);
  });

  test('the apostrophe before a formula goes only where our spreadsheet dialect put it', async () => {
    const line = `"'=1.jpg","'-/p",1,1,done,,accepted,"'+a",,1\r\n'x.jpg,/p,1,1,done,,accepted,'y,,1\r\n`;
    expect(await read(`\ufeff${own}${line}`)).toEqual(['=1.jpg: +a (accepted)', "'x.jpg: 'y (accepted)"]);
    expect(await read(`${own}${line}`)).toEqual(["'=1.jpg: '+a (accepted)", "'x.jpg: 'y (accepted)"]);
    const resaved = `${own}${line}`.replaceAll('\r\n', '\n');
    expect(await read(resaved), 'saved again by a spreadsheet').toEqual([
      '=1.jpg: +a (accepted)',
      "'x.jpg: 'y (accepted)",
    ]);
    expect(await read(`file,label\na.jpg,'=x\n`), 'of another tool').toEqual(["a.jpg: '=x"]);
  });

  test('a name without an extension of pictures is the name without it', async () => {
    expect(await readAll(csv, 'labels.csv', 'id,breed\n000bec18,boston_bull\n')).toMatchObject([
      { file: '000bec18', withoutExtension: true },
    ]);
    expect(await readAll(csv, 'labels.csv', 'id,breed\na.v2.jpg,pug\n')).not.toMatchObject([
      { withoutExtension: true },
    ]);
  });

  test('several choices of Label Studio in one cell are several labels', async () => {
    const text =
      'image,id,choice,annotator\n/data/upload/1/a.jpg,1,"{""choices"": [""cat"", ""dog""]}",1\nb.jpg,2,cow,1\n';
    expect(await read(text)).toEqual(['a.jpg: cat + dog', 'b.jpg: cow']);
  });

  test('lines are counted as an editor counts them', async () => {
    const text = 'file,label\n\n"a\nb.png",cat\n\nc.png\n';
    const entries = await readAll(csv, 'labels.csv', text);
    expect(entries.map(({ place }) => place)).toEqual(['line 3', 'line 6']);
  });
});

test('a table is recognised by its beginning', () => {
  const beginning = (name: string, text: string) =>
    csv.recognises({ path: `/x/${name}`, name, isFolder: false, bytes: Buffer.from(text), text, names: [] });
  expect(beginning('a.csv', 'file_name,source,status,review,label\n')).toBeGreaterThan(0.9);
  expect(beginning('a.csv', 'file;label\n')).toBeGreaterThan(0.8);
  expect(beginning('a.tsv', 'x\ty\n')).toBeGreaterThan(0.5);
  expect(beginning('a.txt', 'a.jpg\tcat\n')).toBeGreaterThan(0);
  expect(beginning('a.txt', 'train/a.jpg 3\n')).toBe(0);
  expect(beginning('a.json', '{"a": 1, "b": 2}')).toBe(0);
});
