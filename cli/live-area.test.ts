import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { LiveArea } from './live-area.ts';

function terminal(rows: number): { rows: number; written: string[]; write(text: string): void } {
  const written: string[] = [];
  return { rows, written, write: (text) => void written.push(text) };
}

/** What a terminal shows after these writes: only what LiveArea uses is understood, which clears at column 0 only. */
function screenOf(written: string[]): string[] {
  const lines: string[] = [''];
  let row = 0;
  for (const [token = ''] of written.join('').matchAll(/\u001b\[\??\d*[A-Za-z]|\r|\n|[^\u001b\r\n]+/g)) {
    if (token === '\n') lines[(row += 1)] ??= '';
    else if (token === '\r') continue;
    else if (token.endsWith('A') && token.startsWith('\u001b')) row -= Number(/\d+/.exec(token)?.[0]);
    else if (token === '\u001b[J') lines.splice(row, Infinity, '');
    else if (!token.startsWith('\u001b')) lines[row] = token;
  }
  return lines;
}

test('lasting lines stay above an area that is redrawn in place', () => {
  const output = terminal(24);
  const area = new LiveArea(output);
  area.write([], ['⠋ one', '· two']);
  area.write(['✔ one'], ['⠙ two']);
  deepStrictEqual(screenOf(output.written), ['✔ one', '⠙ two', '']);
});

test('an area that has not changed is not written again', () => {
  const output = terminal(24);
  const area = new LiveArea(output);
  area.write([], ['a']);
  const { length } = output.written;
  area.write([], ['a']);
  strictEqual(output.written.length, length);
});

test('the area leaves room in a low terminal and keeps its last line', () => {
  const output = terminal(6);
  const lines = Array.from({ length: 15 }, (_, index) => `step ${index + 1}`);
  new LiveArea(output).write([], [...lines, 'state']);
  deepStrictEqual(screenOf(output.written), ['step 1', 'step 2', '    … 13 more', 'state', '']);
});

test('closing removes the area and gives the cursor back', () => {
  const output = terminal(24);
  const area = new LiveArea(output);
  area.write(['kept'], ['gone']);
  area.close();
  deepStrictEqual(screenOf(output.written), ['kept', '']);
  ok(output.written.join('').endsWith('\u001b[?25h'));
});
