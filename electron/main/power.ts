/** @file Where the computer's power comes from, and whether the engine is to be gentle therefore. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Settings } from '#core/settings.ts';

/** Electron's `powerMonitor`, as far as it is used. */
export interface PowerSource {
  isOnBatteryPower(): boolean;
  on(event: 'on-battery' | 'on-ac', listener: () => void): unknown;
}

export interface PowerOptions {
  source: PowerSource;
  /** Where the kernel lists batteries and plugs; null where the source itself knows about them. */
  suppliesFolder: string | null;
  onChange(): void;
  pollMs?: number;
}

/** Whether the person wants the engine to leave most of the computer alone now. */
export function isGentle(mode: Settings['gentle'], onBattery: boolean): boolean {
  return mode === 'always' || (mode === 'on-battery' && onBattery);
}

/** Chromium watches the power on Windows and macOS only; on Linux the kernel's files say it. */
export const linuxSupplies = '/sys/class/power_supply';
/** The plug seldom changes, and a run lasts minutes. */
const usualPollMs = 15_000;

export class Power implements Disposable {
  #onBattery = false;
  #poll: NodeJS.Timeout | undefined;
  readonly #options: PowerOptions;

  /** Electron's own source may only be asked after 'ready'. */
  constructor(options: PowerOptions) {
    this.#options = options;
    const { source, suppliesFolder, pollMs = usualPollMs } = options;
    if (suppliesFolder === null) {
      this.#onBattery = source.isOnBatteryPower();
      source.on('on-battery', () => this.#take(true));
      source.on('on-ac', () => this.#take(false));
      return;
    }
    const look = async () => this.#take(await isDischarging(suppliesFolder));
    void look();
    this.#poll = setInterval(() => void look(), pollMs);
    this.#poll.unref();
  }

  get onBattery(): boolean {
    return this.#onBattery;
  }

  #take(onBattery: boolean): void {
    if (onBattery === this.#onBattery) return;
    this.#onBattery = onBattery;
    this.#options.onChange();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#poll);
  }
}

/**
 * Whether a battery of the computer itself feeds it; one of a mouse or a headset has the scope 'Device'.
 *
 * Source: the Linux kernel's Documentation/ABI/testing/sysfs-class-power.
 */
async function isDischarging(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch(() => []);
  const supplies = await Promise.all(
    names.map(async (name) => {
      const read = (file: string) =>
        readFile(join(folder, name, file), 'utf8').then(
          (text) => text.trim(),
          () => '',
        );
      const [type, scope, online, status] = await Promise.all(['type', 'scope', 'online', 'status'].map(read));
      return { type, scope, online, status };
    }),
  );
  const own = supplies.filter(({ scope }) => scope !== 'Device');
  if (own.some(({ type, online }) => type === 'Mains' && online === '1')) return false;
  return own.some(({ type, status }) => type === 'Battery' && status === 'Discharging');
}
