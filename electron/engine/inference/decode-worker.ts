/**
 * @file The decode thread: reads files ahead, decodes several at once (in libuv's pool), and puts their pixels into the
 * slots it is told. It never waits for a session.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { limiter } from '../limiter.ts';
import { openThumbnailKeeper } from '../thumbnail-keeper.ts';
import { prepare } from './classify.ts';
import { openFileBuffers } from './file-buffers.ts';
import { lowerThisThread } from './priority.ts';
import type { DecodeData, FromDecoder, ImageToClassify, Prepared, ToDecoder } from './protocol.ts';
import { openReadAhead } from './read-ahead.ts';
import { slotPixels } from './slots.ts';

/** Files in memory that wait to be decoded: half a dozen of a good camera. */
const aheadBytes = 24 * 1024 * 1024;
/** Files read at the same time. More would only make a disk seek. */
const readers = 3;
const idleBufferBytes = 16 * 1024 * 1024;
/** A picture may take ten seconds to be refused, so a batch may take longer than anybody waits for a sign of life. */
const aliveMs = 5_000;

const port = parentPort!;
const { slots, preprocess, decoders, thumbnails, gentle } = workerData as DecodeData;
if (gentle) lowerThisThread();
const limit = limiter(decoders);
const files = openReadAhead(openFileBuffers(idleBufferBytes), aheadBytes, readers);
const keeper = thumbnails === null ? null : openThumbnailKeeper(thumbnails, preprocess);
const cancelled = new Set<number>();
/** Paths of batches, until they are taken; they come before what was only announced. */
const asked = new Set<string>();
let announced: string[] = [];
let underWay = 0;
let stopping = false;
let toldMs = 0;

function send(message: FromDecoder): void {
  toldMs = performance.now();
  port.postMessage(message);
}

async function decodeOne(batch: number, image: ImageToClassify, slot: number): Promise<Prepared> {
  asked.delete(image.path);
  if (cancelled.has(batch)) {
    const nothing = { sizeBytes: null, modifiedMs: null, contentHash: null, width: null, height: null, format: null };
    const refused = { ok: false, code: 'aborted', message: 'The batch was cancelled' } as const;
    return { facts: { id: image.id, ...nothing }, refused };
  }
  const { facts, refused } = await prepare(
    image,
    { preprocess },
    {
      target: slotPixels(slots, slot),
      read: (path) => files.take(path),
      ...(keeper && { onResized: keeper.keep }),
    },
  );
  if (performance.now() - toldMs > aliveMs) send({ type: 'alive' });
  return { facts, refused };
}

async function decode({ id, images, firstSlot }: Extract<ToDecoder, { type: 'decode' }>): Promise<void> {
  const pictures = await Promise.all(images.map((image, at) => limit(() => decodeOne(id, image, firstSlot + at))));
  cancelled.delete(id);
  send({ type: 'decoded', id, pictures });
}

function endWhenDone(): void {
  // Nothing else keeps the thread alive, so it ends by itself; it is never terminated.
  if (stopping && underWay === 0) port.close();
}

function serve(message: ToDecoder): void {
  switch (message.type) {
    case 'decode':
      for (const { path } of message.images) asked.add(path);
      files.expect([...asked, ...announced]);
      underWay++;
      void decode(message).finally(() => {
        underWay--;
        endWhenDone();
      });
      break;
    case 'cancel':
      cancelled.add(message.id);
      break;
    case 'ahead':
      announced = message.paths;
      files.expect([...asked, ...announced]);
      break;
    case 'decoders':
      limit.set(message.count);
      break;
    case 'stop':
      stopping = true;
      files.expect([]);
      endWhenDone();
  }
}

port.on('message', serve);
send({ type: 'ready' });
