/** @file What the app says about datasets and runs, in English. */
import { formatFor } from '../format.ts';

const { count, plural } = formatFor('en');
const pictures = (value: number) => `${count(value)} ${plural(value, 'picture', 'pictures')}`;

export const library = {
  library: {
    title: 'Library',
    empty: 'Labelwright names what is in your photos. Everything stays on this computer.',
    dropHere: 'Drop folders here',
    dropToOpen: 'Drop folders to label the photos in them',
    folders: (value: number) => `${count(value)} ${plural(value, 'folder', 'folders')}`,
    pictures,
    labeled: (done: number, total: number) => `${count(done)} of ${count(total)} labeled`,
    reviewed: (value: number) => `${count(value)} reviewed`,
    allReviewed: 'All reviewed',
    notLabeled: 'Not labeled yet',
    noPictures: 'No pictures found in these folders',
    unreachable: 'This folder cannot be reached now. Connect the drive, then label again.',
    missing: (value: number) => `${count(value)} missing`,
    failed: (value: number) => `${count(value)} could not be read`,
    removeQuestion: (name: string) => `Remove “${name}” from the list?`,
    removeHint: 'Your photos stay where they are, and the library keeps every decision.',
    removeFolderQuestion: (folder: string) => `Remove the folder “${folder}” from this dataset?`,
    name: 'Name',
  },
  run: {
    scanning: (found: number) => `Looking for pictures: ${count(found)} found`,
    tuning: 'Finding the fastest settings for this machine (once)…',
    loading: 'Loading the model',
    gentle: 'Gentle',
    running: (done: number, total: number) => `Labeling ${count(done)} of ${count(total)}`,
    paused: (done: number, total: number) => `Paused at ${count(done)} of ${count(total)}`,
    finished: (done: number) => `${pictures(done)} labeled`,
    cancelled: 'Stopped. Labels made so far are kept.',
    failed: 'The run stopped',
    rate: (rate: string) => `${rate} images/s`,
    left: (time: string) => `${time} left`,
    idle: 'Engine ready',
    progress: 'Progress of the run',
  },
  failures: {
    title: 'Could not be read',
    open: (value: number) => `${count(value)} ${plural(value, 'file', 'files')} could not be read`,
    none: 'Every file could be read.',
    retry: 'Retry all',
    retryHint: 'Repair or replace the files, then retry.',
    more: (value: number) => `Show ${count(value)} more`,
  },
};
