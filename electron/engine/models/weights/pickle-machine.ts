/** @file The stack and the memo of a pickle, bounded. */
import { AppError } from '#core/errors.ts';
import { malformed, type PickleBytes } from './pickle-bytes.ts';

/** Gets the arguments of a call; what it returns stands for the object that Python would have made. */
export type PickleFunction = (args: unknown[]) => unknown;

/** An object that takes its state from a later instruction. */
export abstract class PickledObject {
  abstract setState(state: unknown): void;
}

/** A name in Python's world that was allowed: a function, a class or a constant. */
export class PickledGlobal {
  /** Module and name with a blank between, as in `globals`. */
  readonly name: string;
  readonly call: PickleFunction;

  constructor(name: string, call: PickleFunction) {
    this.name = name;
    this.call = call;
  }
}

/** A byte string or text that was left where it lies. */
export interface LongBytes {
  position: number;
  length: number;
  /** UTF-8 text; otherwise bytes. */
  isText: boolean;
}

export interface PickleOptions {
  /** By module and name with a blank between: 'collections OrderedDict'. Nothing else is ever called. */
  globals: Readonly<Record<string, PickleFunction>>;
  /** What an id stands for; without it, ids are refused. */
  persistentId?: (id: unknown) => unknown;
  /** What stands for a byte string or text of 4096 bytes and more; without it, they are read. */
  longBytes?: (bytes: LongBytes) => unknown;
  /** Where the pickle begins in the source, and where it must have ended. */
  start?: number;
  end?: number;
  maxOps?: number;
  maxMemo?: number;
  maxStack?: number;
}

const longBytesFrom = 4096;
/** Node holds strings of up to 2^29 characters. */
const maxTextBytes = 2 ** 28;
/** Marks within marks, which is how deep Python's own pickler can nest; checkpoints stay below ten. */
const maxMarks = 10_000;

export class PickleMachine {
  readonly bytes: PickleBytes;
  readonly options: PickleOptions;
  readonly #maxStack: number;
  readonly #maxMemo: number;
  readonly #stack: unknown[] = [];
  /** Heights of the stack. */
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, unknown>();
  readonly #made = new WeakSet<object>();

  constructor(bytes: PickleBytes, options: PickleOptions) {
    this.bytes = bytes;
    this.options = options;
    this.#maxStack = options.maxStack ?? 1_000_000;
    this.#maxMemo = options.maxMemo ?? 1_000_000;
  }

  push(value: unknown): void {
    if (this.#stack.length >= this.#maxStack) throw tooLarge();
    this.#stack.push(value);
  }

  pop(): unknown {
    this.#expectValue();
    return this.#stack.pop();
  }

  peek(): unknown {
    this.#expectValue();
    return this.#stack.at(-1);
  }

  /** The value on top, or a mark if that is on top. */
  discard(): void {
    if (this.#marks.length && this.#stack.length === this.#marks.at(-1)) this.#marks.pop();
    else this.pop();
  }

  mark(): void {
    if (this.#marks.length >= maxMarks) throw tooLarge();
    this.#marks.push(this.#stack.length);
  }

  popToMark(): unknown[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw malformed('ends a list that was never begun');
    return this.#stack.splice(mark);
  }

  /** Like {@link popToMark}, as key and value by turns. */
  popPairs(): [unknown, unknown][] {
    const items = this.popToMark();
    if (items.length % 2) throw malformed('has a key without a value');
    return Array.from({ length: items.length / 2 }, (_, pair) => [items[2 * pair], items[2 * pair + 1]]);
  }

  remember(index: number = this.#memo.size): void {
    if (!Number.isSafeInteger(index) || index < 0) throw malformed('counts its memory wrong');
    if (this.#memo.size >= this.#maxMemo && !this.#memo.has(index)) throw tooLarge();
    this.#memo.set(index, this.peek());
  }

  recall(index: number): void {
    if (!this.#memo.has(index)) throw malformed('refers to a value that it never made');
    this.push(this.#memo.get(index));
  }

  pushGlobal(module: unknown, name: unknown): void {
    const { globals } = this.options;
    const key = typeof module === 'string' && typeof name === 'string' ? `${module} ${name}` : '';
    // Own properties only: 'toString' of every object is no global.
    const call = Object.hasOwn(globals, key) ? globals[key] : undefined;
    if (!call) throw refusedGlobal(`${String(module).slice(0, 100)}.${String(name).slice(0, 100)}`);
    this.push(new PickledGlobal(key, call));
  }

  pushPersistent(id: unknown): void {
    const { persistentId } = this.options;
    if (!persistentId) throw new AppError('model.unsupported', 'This file refers to data outside itself');
    this.push(persistentId(id));
  }

  pushBytes(length: number): void {
    const { longBytes } = this.options;
    if (!longBytes || length < longBytesFrom) this.push(this.bytes.take(length));
    else this.push(longBytes({ position: this.bytes.skip(length), length, isText: false }));
  }

  pushText(length: number, encoding: 'utf8' | 'latin1' = 'utf8'): void {
    const { longBytes } = this.options;
    if (longBytes && length >= longBytesFrom) {
      this.push(longBytes({ position: this.bytes.skip(length), length, isText: encoding === 'utf8' }));
      return;
    }
    this.bytes.expect(length);
    if (length > maxTextBytes) throw tooLarge();
    this.push(Buffer.from(this.bytes.take(length).buffer, 0, length).toString(encoding));
  }

  /** Takes the arguments and the function from the stack. */
  call(): void {
    const args = this.pop();
    const target = this.pop();
    if (!(target instanceof PickledGlobal) || !Array.isArray(args)) throw malformed('calls what is no function');
    const made = target.call(args);
    if (typeof made === 'object' && made !== null) this.#made.add(made);
    this.push(made);
  }

  /** Gives its state to an object that a call has made; those that take none ignore it. */
  build(): void {
    const state = this.pop();
    const target = this.peek();
    if (target instanceof PickledObject) target.setState(state);
    else if (typeof target !== 'object' || target === null || !this.#made.has(target)) {
      throw malformed('gives a state to what is no object');
    }
  }

  #expectValue(): void {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) throw malformed('takes more values than it made');
  }
}

export function tooLarge(): AppError {
  return new AppError('model.unsupported', 'The pickled data holds more values than any weights file needs');
}

function refusedGlobal(name: string): AppError {
  // It comes from the file and is shown to people.
  const global = name.replaceAll(/[^\x20-\x7e]/g, '?');
  return new AppError('model.unsupported', `This file wants to run "${global}", which a weights file never needs`, {
    details: { global },
  });
}
