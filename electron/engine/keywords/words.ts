/** @file The words of a picture in the four fields that photo programs read, and how they join those of others. */

export const fieldNames = ['subject', 'lightroom', 'digikam', 'microsoft'] as const;
export type FieldName = (typeof fieldNames)[number];
/** None twice in a field, in the order they stand in. */
export type Fields = Record<FieldName, string[]>;

/** Name and path in XMP; whether order counts; what parts the levels. `null`: words have no level. */
export const fieldFacts = {
  subject: { tag: 'XMP-dc:Subject', element: 'dc:subject', list: 'rdf:Bag', separator: null },
  digikam: { tag: 'XMP-digiKam:TagsList', element: 'digiKam:TagsList', list: 'rdf:Seq', separator: '/' },
  lightroom: {
    tag: 'XMP-lr:HierarchicalSubject',
    element: 'lr:hierarchicalSubject',
    list: 'rdf:Bag',
    separator: '|',
  },
  microsoft: {
    tag: 'XMP-microsoft:LastKeywordXMP',
    element: 'MicrosoftPhoto:LastKeywordXMP',
    list: 'rdf:Bag',
    separator: '/',
  },
} as const satisfies Record<FieldName, { tag: string; element: string; list: string; separator: string | null }>;

export const noFields = (): Fields => ({ subject: [], lightroom: [], digikam: [], microsoft: [] });

export function isEmpty(fields: Fields): boolean {
  return fieldNames.every((name) => fields[name].length === 0);
}

export function areSame(one: Fields, other: Fields): boolean {
  return fieldNames.every(
    (name) => one[name].length === other[name].length && one[name].every((word, place) => word === other[name][place]),
  );
}

/** @param paths  of each category, from the most general to its own name */
export function fieldsOf(paths: readonly (readonly string[])[]): Fields {
  const fields = noFields();
  for (const name of fieldNames) {
    const { separator } = fieldFacts[name];
    fields[name] = [...new Set(paths.map((path) => (separator === null ? path.at(-1)! : path.join(separator))))];
  }
  return fields;
}

/**
 * @param there   what stands in the file
 * @param ours    what of that this app put there; the rest is never taken away
 * @param wanted  what this app wants to stand there
 * @returns       `all` to stand there, and what of it is this app's: a word somebody else put there stays theirs
 */
export function merge(there: Fields, ours: Fields, wanted: Fields): { all: Fields; ours: Fields } {
  const merged = { all: noFields(), ours: noFields() };
  for (const name of fieldNames) {
    const own = new Set(ours[name]);
    const want = new Set(wanted[name]);
    const kept = there[name].filter((word) => !own.has(word) || want.has(word));
    const standing = new Set(kept);
    merged.all[name] = [...standing, ...wanted[name].filter((word) => !standing.has(word))];
    merged.ours[name] = wanted[name].filter((word) => own.has(word) || !standing.has(word));
  }
  return merged;
}

/** @returns why photo programs could not tell this name from others or carry it, as the rest of a sentence; or undefined */
export function problemOf(name: string): string | undefined {
  if (/[/|]/.test(name)) return 'has a / or |, which photo programs take for levels';
  // What XML 1.0 cannot say at all.
  if (/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/.test(name) || !name.isWellFormed()) {
    return 'has characters that XMP cannot carry';
  }
  return undefined;
}
