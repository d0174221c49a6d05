import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonEvents, type JsonEvent } from '../../../electron/engine/import/json-elements.ts';
import { withFile } from './entries.ts';

const eventsOf = (text: string) =>
  withFile('x.json', text, async (beginning) => {
    const events: JsonEvent[] = [];
    for await (const event of jsonEvents(beginning, new Set([null, 'list', 'object']))) events.push(event);
    return events;
  });
const valuesOf = async (text: string) =>
  (await eventsOf(text)).flatMap((event) => (event.is === 'element' ? [event.value] : []));

/** Longer than the pieces a file is read in, so that things are cut anywhere. */
const padding = fc.integer({ min: 0, max: 40_000 }).map((length) => 'x'.repeat(32_000 + length));
const anyJson = fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' });

test('elements of a list are what a JSON parser makes of them, wherever pieces of the file end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyJson, { minLength: 1 }), padding, fc.nat({ max: 4 }), async (values, pad, indent) => {
      const text = JSON.stringify([pad, ...values, `"\\${pad}\\\\`, ...values], null, indent);
      expect(await valuesOf(text)).toEqual(JSON.parse(text));
    }),
    { numRuns: 60 },
  );
});

test('members are told by name, unwanted ones passed over', async () => {
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.string(), anyJson), anyJson, padding, async (object, value, pad) => {
      const text = JSON.stringify({ before: [value, pad, value], none: value, object, list: [value], last: 1 });
      const events = await eventsOf(text);
      const parsed = JSON.parse(text) as { object: Record<string, unknown>; list: unknown[] };
      const elements = events.filter((event) => event.is === 'element');
      expect(elements.filter(({ name }) => name === 'object').map(({ key, value }) => [key, value])).toEqual(
        Object.entries(parsed.object),
      );
      expect(elements.filter(({ name }) => name === 'list').map(({ value }) => value)).toEqual(parsed.list);
      expect(elements.some(({ name }) => name === 'before')).toBe(false);
    }),
    { numRuns: 60 },
  );
});

test('a file cut off anywhere is refused', async () => {
  const text = JSON.stringify({ list: [{ a: 'x"\\', b: [1, null] }, -1.5e3], object: { 'k"': true } });
  for (let length = 1; length < text.length; length++) {
    await expect(eventsOf(text.slice(0, length)), text.slice(0, length)).rejects.toMatchObject({
      code: 'input.invalid',
    });
  }
});

test('an entry that is endless is refused before it fills the memory', async () => {
  await expect(eventsOf(`["${'x'.repeat(16_100_000)}`)).rejects.toThrow('an entry of more than 16,000,000 letters');
});
