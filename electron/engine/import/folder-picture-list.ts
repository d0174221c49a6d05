/** @file The list that our own exports of folders have in them: names that had to change are undone by it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { reviewStates } from '#core/image.ts';
import type { FileLabels } from '#core/label-import.ts';
import { pictureListName } from '../export/picture-list.ts';
import { invalid, textLines } from './folder-text.ts';

const line = z.union([
  z.object({ category: z.string(), name: z.string() }),
  z.object({
    file: z.string(),
    file_name: z.string(),
    source: z.string(),
    labels: z.array(z.string()),
    review: z.enum(reviewStates),
    predicted: z.boolean(),
    score: z.number().min(0).max(1).nullable(),
  }),
]);
type ListedPicture = Extract<z.infer<typeof line>, { file: string }>;

/** What the folder itself says about a picture. */
export interface FolderLabels {
  /** Below the folder, forward slashes. */
  path: string;
  /** As written there. */
  categories: readonly string[];
  /** Whether the format has room for several categories; else the list may add to the first. */
  isWhole: boolean;
  place: string;
  picture?: string | undefined;
  withoutExtension?: boolean;
  review?: FileLabels['review'];
}

export interface PictureList {
  /** What stands for a category there, as it is called. */
  nameOf(written: string): string;
  has(path: string): boolean;
  /** Below the folder. */
  paths(): Iterable<string>;
  /**
   * The picture and its labels. The list adds what the format cannot say as long as both agree; a picture that was
   * moved or relabeled since is a decision.
   */
  labels(said: FolderLabels): FileLabels;
}

export function hasPictureList(folder: string, format: string): boolean {
  return existsSync(join(folder, pictureListName(format)));
}

/**
 * An empty list where there is none.
 *
 * @throws {AppError} 'input.invalid' if it is damaged
 */
export async function readPictureList(folder: string, format: string): Promise<PictureList> {
  const path = join(folder, pictureListName(format));
  const names = new Map<string, string>();
  // As text: a million small objects would cost several times as much.
  const pictures = new Map<string, string>();
  let byName: Map<string, string | null> | undefined;

  if (hasPictureList(folder, format)) {
    for await (const { text, number } of textLines(path)) {
      const parsed = parse(text);
      if (!parsed) throw invalid(path, `line ${number} is damaged; without this file the folder can still be read`);
      if ('category' in parsed) names.set(key(parsed.category), parsed.name);
      else pictures.set(key(parsed.file), text);
    }
  }

  /** Moved to another folder since, but the only one of its name. */
  function moved(file: string): string | null | undefined {
    if (!byName) {
      byName = new Map();
      for (const [known, text] of pictures) byName.set(nameIn(known), byName.has(nameIn(known)) ? null : text);
    }
    return byName.get(nameIn(file));
  }

  return {
    nameOf: (written) => names.get(key(written)) ?? written,
    has: (file) => pictures.has(key(file)),
    paths: () => pictures.keys(),
    labels({ path, categories, isWhole, place, picture, withoutExtension, review = null }) {
      const text = pictures.get(key(path)) ?? moved(key(path));
      const listed = text == null ? undefined : (parse(text) as ListedPicture);
      const base = {
        file: listed?.file_name ?? path,
        ...(listed ? { folder: listed.source } : withoutExtension ? { withoutExtension } : {}),
        ...(picture === undefined ? {} : { picture }),
        place,
      };
      if (!listed || !agree(categories, listed.labels, isWhole) || (review !== null && listed.predicted)) {
        return { ...base, categories: named(categories), review, predicted: false, score: null };
      }
      const isUndecided = listed.review === 'unsure' || listed.review === 'skipped';
      return {
        ...base,
        categories: isUndecided ? [] : named(listed.labels),
        review: listed.review === 'unreviewed' ? review : listed.review,
        predicted: !isUndecided && listed.predicted,
        score: isUndecided ? null : listed.score,
      };
    },
  };
}

function agree(said: readonly string[], listed: readonly string[], isWhole: boolean): boolean {
  if (!isWhole) return said[0] === listed[0];
  const all = new Set(listed);
  return new Set(said).size === all.size && said.every((category) => all.has(category));
}

/** Each once; an empty name is none. */
function named(categories: readonly string[]): string[] {
  return [...new Set(categories)].filter((category) => category !== '');
}

function parse(text: string): z.infer<typeof line> | undefined {
  try {
    return line.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Some file systems and archives change the Unicode form of names. */
function key(text: string): string {
  return text.normalize('NFC');
}

function nameIn(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
