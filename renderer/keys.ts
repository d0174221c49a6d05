/** @file Key presses as short names: 'Ctrl+Shift+Z', 'ArrowLeft', 'Space', '?'. */

type Press = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>;

/** @returns null for a modifier alone and for input methods at work */
export function chordOf(press: Press): string | null {
  const { key, code } = press;
  if (['Control', 'Shift', 'Alt', 'Meta', 'AltGraph', 'Dead', 'Process', 'Unidentified'].includes(key)) return null;

  let name = key;
  if (key === ' ') name = 'Space';
  // Keyboards without Latin letters: the letter printed at that place on a Latin one.
  else if (key.length === 1 && key.charCodeAt(0) > 127 && /^Key[A-Z]$/.test(code)) name = code.slice(3);
  else if (key.length === 1) name = key.toUpperCase();

  // Signs such as '?' are typed with or without Shift, depending on the keyboard.
  const isSign = name.length === 1 && !/[A-Z0-9]/.test(name);
  return [(press.ctrlKey || press.metaKey) && 'Ctrl', press.altKey && 'Alt', press.shiftKey && !isSign && 'Shift', name]
    .filter(Boolean)
    .join('+');
}

/** Whether letters typed here are text, or search a list. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !['checkbox', 'radio', 'button', 'range'].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable;
}

/** Whether the element itself answers to Enter, Space or arrows. */
export function isControl(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('button, a, input, select, textarea, summary, dialog') !== null;
}
