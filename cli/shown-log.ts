import { blue, cyan, green, magenta, red, yellow } from 'ansis';
import { plainLine } from './plain-text.ts';

const COLORS = [cyan, yellow, green, magenta, blue];
const HEAD = /^\S+ [a-z]+\[([^\]]*)\]:/;
/** Anything that plainLine would change. */
const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/;

/** A line of a log: its head in the colour of the process, what the app wrote harmless unless `raw`. */
export function shownLog(line: string, raw: boolean): string {
  const text = raw || !CONTROL.test(line) ? line : plainLine(line);
  const [head = '', process = ''] = HEAD.exec(text) ?? [];
  return head === '' ? text : colorOf(process)(head) + text.slice(head.length);
}

/** The same for a process each time. */
function colorOf(process: string) {
  if (process === 'api' || process === 'log') return red;
  let sum = 0;
  for (const character of process) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 65_521;
  return COLORS[sum % COLORS.length] ?? cyan;
}
