import type { Duplex } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { DcdgetError } from '../../domain/errors.ts';

/** One ref as the pusher wants it moved; zeros for none. */
export type Update = { from: string; to: string; ref: string };

/** What receive-pack's hook says of a push: where its objects are kept apart, and which refs are meant. */
export type Pushed = { quarantine: string; updates: Update[] };

const MAX_TEXT_LENGTH = 4 * 1024 * 1024;
const UPDATE = /^([0-9a-f]{40,64}) ([0-9a-f]{40,64}) (.+)$/;

/** Resolves when the hook has said everything; null when the push ends without it. Throws when it says too much. */
export async function hear(line: Duplex): Promise<Pushed | null> {
  const said = await new Promise<string[] | null>((resolve, reject) => {
    let text = '';
    line.once('close', () => resolve(null));
    line.on('data', (chunk: Buffer) => {
      // Read on and dropped, or the hook would never come to hear the answer.
      if (text.length > MAX_TEXT_LENGTH) return;
      text += chunk.toString('utf8');
      if (text.length > MAX_TEXT_LENGTH) reject(new DcdgetError('too_large', 'The push names too many refs.'));
      else if (text.endsWith('\nend\n')) resolve(text.split('\n').slice(0, -2));
    });
  });
  return said === null ? null : pushedOf(said);
}

function pushedOf([quarantine = '', ...updates]: string[]): Pushed {
  return { quarantine, updates: updates.map(updateOf) };
}

/** Shows a text to the pusher, who sees each of its lines behind `remote:`. */
export type Say = (text: string) => void;

export function sayTo(line: Duplex): Say {
  return (text) => {
    for (const one of plain(text).split('\n')) if (line.writable) line.write(`=${one}\n`);
  };
}

export function decide(line: Duplex, exitCode: number): void {
  if (line.writable) line.end(`exit ${exitCode}\n`);
}

function updateOf(text: string): Update {
  const [, from, to, ref] = UPDATE.exec(text) ?? [];
  if (!from || !to || !ref) throw new DcdgetError('internal', 'The hook of a push said what nobody understands');
  return { from, to, ref };
}

/** A git of some age shows control characters to the pusher's terminal as they come. */
export function plain(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what this is about
  return stripVTControlCharacters(text).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');
}
