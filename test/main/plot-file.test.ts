import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { plotFile } from '../../electron/main/plot-file.ts';
import { saveFile } from '../../electron/main/save-file.ts';
import { temporaryFolder } from '../support/library.ts';

const svg = '<svg xmlns="http://www.w3.org/2000/svg"><text>准确率 93 %</text></svg>';

describe('a plot', () => {
  test('as SVG is the text that the page drew', () => {
    expect(plotFile('svg', svg).toString('utf8')).toBe(svg);
  });

  test('may say in words what would be a program in a tag', () => {
    const words = '<svg><text>onion = 3, javascript: 4</text></svg>';
    expect(plotFile('svg', words).toString('utf8')).toBe(words);
  });

  test('as PNG is a picture', async () => {
    const picture = sharp({ create: { width: 2, height: 2, channels: 3, background: 'red' } });
    const bytes = await picture.png().toBuffer();

    expect(plotFile('png', bytes.toString('base64'))).toEqual(bytes);
  });

  test.each([
    ['svg', 'no drawing'],
    ['svg', '<html><svg></svg></html>'],
    ['svg', '<svgx></svgx>'],
    ['svg', '<svg><script>alert(1)</script></svg>'],
    ['svg', '<svg onload="alert(1)"></svg>'],
    ['svg', '<svg><a href="javascript:alert(1)"></a></svg>'],
    ['png', svg],
    ['png', Buffer.from('MZ program').toString('base64')],
    ['png', `${Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]).toString('base64')}\n<script>`],
  ] as const)('that is no %s is refused: %s', (form, content) => {
    expect(() => plotFile(form, content)).toThrow(expect.objectContaining({ code: 'input.invalid' }) as Error);
  });
});

describe('saving', () => {
  test('replaces a file as a whole and leaves nothing beside it', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'plot.svg');
    writeFileSync(path, 'old');
    await saveFile(path, Buffer.from(svg));

    expect(readFileSync(path, 'utf8')).toBe(svg);
    expect(readdirSync(folder)).toEqual(['plot.svg']);
  });

  test.each(['folder', 'link', 'nowhere'])(
    'into a %s fails with a sentence, and leaves all as it was',
    async (kind) => {
      const folder = temporaryFolder();
      const path = kind === 'nowhere' ? join(folder, 'gone', 'plot.svg') : join(folder, kind);
      if (kind === 'folder') mkdirSync(path);
      if (kind === 'link') symlinkSync(join(folder, 'target'), path);
      const before = readdirSync(folder);

      await expect(saveFile(path, Buffer.from(svg))).rejects.toMatchObject({ code: 'export.failed' });
      expect(readdirSync(folder)).toEqual(before);
    },
  );
});
