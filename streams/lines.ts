export type Source = 'app' | 'dcdget';

/** What a sender gives. */
export type NewLine = {
  /** The sender's clock: `2026-11-23T03:44:26.961000+00:00`. */
  at: string;
  source: Source;
  /** `web.1`, `router`, `api`, `run.1234`. */
  process: string;
  /** Holds no line break. */
  text: string;
  /** The start of a process that it is from, and its number there from 1; '-' and 0: the platform's own. */
  run: string;
  number: number;
};

/** `id` grows within an app: when the hub got it, in microseconds, or one more than the line before. */
export type Line = NewLine & { id: number };

const FIELDS = 6;

/** As people read it, the same for every client. */
export function shownLine({ at, source, process, text }: Line): string {
  return `${at} ${source}[${process}]: ${text}`;
}

/** As it is kept, ended by a line feed. */
export function keptLine({ id, run, number, at, source, process, text }: Line): string {
  return `${id} ${run} ${number} ${at} ${source} ${process} ${text}\n`;
}

/** Null for what no keptLine wrote: the end of a file that was cut. */
export function readLine(kept: string): Line | null {
  const fields: string[] = [];
  let start = 0;
  while (fields.length < FIELDS) {
    const end = kept.indexOf(' ', start);
    if (end === -1) return null;
    fields.push(kept.slice(start, end));
    start = end + 1;
  }
  const [id, run = '', number, at = '', source, process = ''] = fields;
  const line = { id: Number(id), run, number: Number(number), at, process, text: kept.slice(start) };
  if (!Number.isSafeInteger(line.id) || !Number.isSafeInteger(line.number)) return null;
  return source === 'app' || source === 'dcdget' ? { ...line, source } : null;
}

/** A line break inside a line would forge another one; the one at the end of it is not part of it. */
export function oneLine(text: string): string {
  const whole = text.endsWith('\r') ? text.slice(0, -1) : text;
  return whole.includes('\n') || whole.includes('\r') ? whole.replaceAll(/[\r\n]+/g, ' ') : whole;
}

export function nowText(now = new Date()): string {
  return now.toISOString().replace('Z', '000+00:00');
}
