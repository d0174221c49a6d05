/** @file The pictures of a COCO file with their labels, a million of them in some 70 MB. */

const pageBytes = 1024 * 1024;
/** Keeps the table of hashes at most half full. */
const slotsPerKey = 2;

const numbersPerPage = 64 * 1024;

type Numbers = Float64Array | Float32Array | Uint32Array | Int32Array | Uint16Array;

/** Numbers that become more, in pages, because a copy of all of them would count as memory, too. */
function growing(makePage: (length: number) => Numbers) {
  const pages: Numbers[] = [];
  let count = 0;
  return {
    push(value: number): void {
      const place = count % numbersPerPage;
      if (place === 0) pages.push(makePage(numbersPerPage));
      pages[pages.length - 1]![place] = value;
      count++;
    },
    get: (place: number) => pages[Math.floor(place / numbersPerPage)]![place % numbersPerPage]!,
    set(place: number, value: number): void {
      pages[Math.floor(place / numbersPerPage)]![place % numbersPerPage] = value;
    },
    count: () => count,
  };
}

/** Texts one behind the other in UTF-8. */
function textRow() {
  const pages: Buffer[] = [];
  const ends = growing((length) => new Uint32Array(length));
  let end = 0;

  function pageFor(place: number): Buffer {
    return (pages[Math.floor(place / pageBytes)] ??= Buffer.allocUnsafeSlow(pageBytes));
  }

  return {
    push(text: string): void {
      // At most three bytes for each unit of UTF-16.
      if ((end % pageBytes) + text.length * 3 <= pageBytes) {
        end += pageFor(end).write(text, end % pageBytes);
      } else {
        const bytes = Buffer.from(text);
        for (let done = 0; done < bytes.length;) {
          const copied = bytes.copy(pageFor(end), end % pageBytes, done);
          done += copied;
          end += copied;
        }
      }
      ends.push(end);
    },
    get(place: number): string {
      const from = place === 0 ? 0 : ends.get(place - 1);
      const to = ends.get(place);
      const page = Math.floor(from / pageBytes);
      if (from === to) return '';
      if (to <= (page + 1) * pageBytes) return pages[page]!.toString('utf8', from % pageBytes, to - page * pageBytes);
      const parts = [pages[page]!.subarray(from % pageBytes)];
      for (let at = page + 1; at * pageBytes < to; at++) parts.push(pages[at]!.subarray(0, to - at * pageBytes));
      return Buffer.concat(parts).toString();
    },
  };
}

/** Numbers by the order they came in, found by their value; NaN is never found. */
function numberIndex() {
  const keys = growing((length) => new Float64Array(length));
  let slots = new Int32Array(2048);

  /** Where the key is, or the free place for it. */
  function slotOf(key: number): number {
    // Fibonacci hashing (Knuth, TAOCP 3, 6.4): numbers in a row, or multiples of anything, spread over all slots.
    const hash = Math.imul((key % 0x7fff_ffff) ^ (key / 0x7fff_ffff), 0x9e37_79b1);
    let slot = ((hash ^ (hash >>> 15)) >>> 0) % slots.length;
    while (slots[slot]! > 0 && keys.get(slots[slot]! - 1) !== key) slot = (slot + 1) % slots.length;
    return slot;
  }

  function settle(place: number): void {
    const key = keys.get(place);
    if (Number.isNaN(key)) return;
    const slot = slotOf(key);
    if (slots[slot] === 0) slots[slot] = place + 1;
  }

  return {
    find: (key: number) => slots[slotOf(key)]! - 1,
    add(key: number): void {
      keys.push(key);
      if (keys.count() * slotsPerKey > slots.length) {
        slots = new Int32Array(slots.length * 2);
        for (let place = 0; place < keys.count(); place++) settle(place);
      } else {
        settle(keys.count() - 1);
      }
    },
  };
}

export interface CocoLabel {
  /** Number of a category as `categoryNumber` gave it. */
  category: number;
  predicted: boolean;
  /** In [0, 1], to six digits; null: none is said. */
  score: number | null;
}

const none = -1;
const noScore = 2;

export type CocoId = number | string;

/** Where a picture without an id of its own comes, and which cannot be asked for. */
const nameless = Number.NaN;

export function cocoTables() {
  const names = textRow();
  const folderOf = growing((length) => new Uint16Array(length));
  const folders = new Map<string, number>();
  const folderNames: string[] = [];
  const firstLabel = growing((length) => new Int32Array(length));
  const nextLabel = growing((length) => new Int32Array(length));
  const categoryOf = growing((length) => new Uint16Array(length));
  const scores = growing((length) => new Float32Array(length));
  const kinds = growing((length) => new Uint16Array(length));
  const byNumber = numberIndex();
  const byText = new Map<string, number>();
  const shared = new Set<number>();

  function find(id: CocoId): number {
    return typeof id === 'string' ? (byText.get(id) ?? none) : byNumber.find(id);
  }

  return {
    find,
    count: () => firstLabel.count(),
    /** Folders that pictures are from; '' is none. */
    folders: (): readonly string[] => folderNames,
    /** Pictures that share their id with another one. */
    isShared: (picture: number) => shared.has(picture),
    /** @param id  undefined: it has none, so no annotation means it */
    addPicture(id: CocoId | undefined, file: string, folder: string): number {
      const picture = firstLabel.count();
      const before = id === undefined ? none : find(id);
      if (before !== none) shared.add(before).add(picture);
      byNumber.add(typeof id === 'number' ? id : nameless);
      if (typeof id === 'string' && before === none) byText.set(id, picture);
      names.push(file);
      let number = folders.get(folder);
      if (number === undefined) {
        number = folderNames.push(folder) - 1;
        folders.set(folder, number);
      }
      folderOf.push(number);
      firstLabel.push(none);
      return picture;
    },
    addLabel(picture: number, { category, predicted, score }: CocoLabel): void {
      nextLabel.push(firstLabel.get(picture));
      firstLabel.set(picture, nextLabel.count() - 1);
      categoryOf.push(category);
      scores.push(score ?? noScore);
      kinds.push(predicted ? 1 : 0);
    },
    file: (picture: number) => names.get(picture),
    folder: (picture: number) => folderNames[folderOf.get(picture)]!,
    /** In the order of the file. */
    labels(picture: number): CocoLabel[] {
      const labels: CocoLabel[] = [];
      for (let label = firstLabel.get(picture); label !== none; label = nextLabel.get(label)) {
        const score = scores.get(label);
        labels.push({
          category: categoryOf.get(label),
          predicted: kinds.get(label) === 1,
          score: score === noScore ? null : Math.round(score * 1e6) / 1e6,
        });
      }
      return labels.reverse();
    },
  };
}

export type CocoTables = ReturnType<typeof cocoTables>;
