import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

const MAX_LINE_CHARACTERS = 8192;

/** The log people read while their app compiles: whole lines, in Heroku's look. */
export class BuildLog {
  readonly #write: (line: string) => void;
  #charactersLeft: number;
  #complaint: string | undefined;
  #isComplaining = false;

  constructor(write: (line: string) => void, maxCharacters: number) {
    this.#write = write;
    this.#charactersLeft = maxCharacters;
  }

  step(sentence: string): void {
    this.line(`-----> ${sentence}`);
  }

  note(sentence: string): void {
    this.line(`       ${sentence}`);
  }

  /** Never dropped, however much was printed before. */
  failure(sentence: string): void {
    for (const line of sentence.split('\n')) this.#write(` !     ${clean(line)}\n`);
  }

  /** The first line of what a buildpack last complained about, which is why it failed when it did. */
  get complaint(): string | undefined {
    return this.#complaint;
  }

  line(text: string): void {
    if (this.#charactersLeft <= 0 && !text.startsWith(' !')) return;
    const line = clean(text);
    this.#notice(line);
    if (this.#charactersLeft <= 0) return;
    this.#charactersLeft -= line.length + 1;
    this.#write(`${line}\n`);
    if (this.#charactersLeft <= 0) this.failure('The log is cut here: the build printed too much.');
  }

  #notice(line: string): void {
    const complaint = /^ ! {1,6}(\S.*)$/.exec(line)?.[1];
    if (complaint !== undefined && !this.#isComplaining) this.#complaint = complaint;
    this.#isComplaining = complaint !== undefined;
  }

  /** Copies a program's output line by line until it ends; a line without end is cut, not kept in memory. */
  async copy(output: Readable): Promise<void> {
    const decoder = new StringDecoder('utf8');
    let rest = '';
    for await (const chunk of output) {
      const lines = (rest + decoder.write(chunk as Buffer)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.line(line);
      if (rest.length > MAX_LINE_CHARACTERS) {
        this.line(rest);
        rest = '';
      }
    }
    if (rest !== '') this.line(rest);
  }
}

/** Keeps colours and drops whatever else steers a terminal: the log is shown on other people's. */
export function clean(line: string): string {
  const shown = line.slice(0, MAX_LINE_CHARACTERS).replace(/\r+$/, '');
  return shown
    .slice(shown.lastIndexOf('\r') + 1)
    .replace(
      /\x1b\[[0-9;]*m|\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|[\x00-\x08\x0b-\x1f\x7f-\x9f]/g,
      (found) => (/^\x1b\[[0-9;]*m$/.test(found) ? found : ''),
    );
}
