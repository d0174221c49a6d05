/** @file What the app says about fast versions of models, in English. */
import { formatFor } from '../format.ts';

const { count, plural } = formatFor('en');
const photos = (value: number) => `${count(value)} ${plural(value, 'photo', 'photos')}`;

export const fast = {
  fast: {
    title: (title: string) => `${title} (fast)`,
    original: (title: string) => `${title} (original)`,
    make: 'Make it faster…',
    makeTitle: (title: string) => `Make “${title}” faster…`,
    hint: 'A second version that computes in whole numbers, made from your own photos and checked against this one on others. Takes some minutes; this one stays.',
    inUse: 'Fast version in use',
    unused: {
      differs: 'Fast version off: it labels too many photos differently',
      'not-faster': 'Fast version off: it is not faster on this computer',
      inexact: 'Fast version off: this computer does not compute it exactly',
      'switched-off': 'Fast version switched off',
    },
    summary: (speed: string | null, agreement: string, value: number) =>
      [speed === null ? null : `${speed} times as fast`, `same best category on ${agreement} of ${photos(value)}`]
        .filter((part) => part !== null)
        .join(', '),
    use: 'Use it',
    useTitle: (title: string) => `Use it: the fast version of “${title}”`,
    useForRuns: 'Use the fast version for new runs',
    show: 'Show report',
    showTitle: (title: string) => `Show report on the fast version of “${title}”`,
    again: 'Make it again…',
    remove: (title: string) => `Remove the fast version of “${title}”`,
    removeQuestion: (title: string) => `Remove the fast version of “${title}”?`,
    removeHint: 'The model and everything labeled with it stay. You can make the fast version again.',
    removeButton: 'Remove fast version',
    removed: (title: string) => `Removed the fast version of “${title}”`,

    sheet: (title: string) => `Make “${title}” faster`,
    what: 'Labelwright looks at some of your photos, makes a version of this model that computes in whole numbers, and compares the two on other photos. The fast version is used only if they agree.',
    stays: 'This takes some minutes. The original stays, and you can go back to it at any time.',
    photos: 'Photos',
    photosHint: 'The best are photos like those you will label.',
    library: (value: number) => `Whole library (${count(value)})`,
    dataset: (name: string, value: number) => `${name} (${count(value)})`,
    start: 'Start',
    step: (number: number, of: number) => `Step ${number} of ${of}`,
    stage: {
      reading: 'Reading the model',
      calibrating: 'Looking at your photos',
      choosing: 'Choosing the most exact version',
      checking: 'Comparing with the original',
      timing: 'Measuring the speed',
    },
    done: (done: number, total: number) => `${count(done)} of ${photos(total)}`,
    rate: (rate: string) => `${rate} photos/s`,
    left: (time: string) => `${time} left`,
    progress: (title: string) => `Making the fast version of ${title}`,
    making: 'Making the fast version',
    goesOn: 'You can close this and work on: it goes on until it is done.',
    stop: 'Stop',
    stopping: 'Stopping…',
    watch: 'Show progress',
    ready: (title: string) => `The fast version of “${title}” is ready and in use`,
    ended: (title: string) => `The fast version of “${title}” was made, but is not used`,
    failed: (title: string, reason: string) => `“${title}” could not be made faster. ${reason}`,
    problem: (reason: string) => `It could not be made. ${reason}`,
    other: 'Other photos…',
    tooFew: (there: number, needed: number) =>
      `There are ${photos(there)} that can be read and differ; ${count(needed)} are needed.`,
    tooFewHint: 'Choose the whole library, or add a folder with more photos and come back.',

    report: (title: string) => `Fast version of “${title}”`,
    verdict: {
      good: 'It labels as the original does, and new runs use it.',
      'not-faster': 'It labels as the original does, but is not faster on this computer, so it is off.',
      inexact: 'It labels as the original does, but this computer does not compute it exactly, so it is off.',
      'switched-off': 'It labels as the original does. You switched it off.',
      differs: 'It labels too many photos differently, so it stays off.',
    },
    reason: {
      agreement: (got: string, needed: string) =>
        `It agrees with the original on ${got} of the photos; ${needed} is needed.`,
      confident: (got: string, needed: string) =>
        `Where the original is sure, it agrees on ${got}; ${needed} is needed.`,
      compared: (got: string, needed: string) => `It was compared on ${got} photos; ${needed} are needed.`,
    },
    differsHint: 'More photos, or photos like those you label, may help: make it again.',
    measured: 'Measured',
    needed: 'Needed',
    measure: 'Comparison with the original',
    agreement: 'Same best category',
    confident: 'Same, where the original is sure',
    topFive: 'Same five best categories',
    compared: 'Photos compared',
    drift: 'Difference of scores, in points',
    driftValue: (mean: string, max: string) => `${mean} on average, ${max} at most`,
    speed: 'Speed',
    speedValue: (speed: string) => `${speed} times the original`,
    ofPhotos: (share: string, value: number) => `${share} of ${photos(value)}`,
    atLeast: (value: string) => `at least ${value}`,
    missed: 'not reached',
    photosUsed: (made: number, compared: number) =>
      `Made from ${photos(made)}, compared on ${count(compared)} ${plural(compared, 'other', 'others')}.`,
    made: (date: string) => `Made ${date}.`,
    came: 'It came with the model.',
    kept: (value: number) =>
      `${count(value)} ${plural(value, 'layer computes', 'layers compute')} as before, because that keeps it exact.`,
  },
};
