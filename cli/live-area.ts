/** What is needed of process.stdout. */
export type Terminal = {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  write(text: string): unknown;
};

export const FRAME_MS = 80;
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** The spinner as it is now. */
export function spinnerFrame(): string {
  return FRAMES[Math.floor(Date.now() / FRAME_MS) % FRAMES.length] ?? '';
}

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
/** Lines of the area are clipped by the terminal, so that each takes exactly one row. */
const NO_WRAP = '\u001b[?7l';
const WRAP = '\u001b[?7h';
const CLEAR_REST = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';

/** The last rows of a terminal, redrawn in place below lines that stay. */
export class LiveArea {
  readonly #terminal: Terminal;
  #drawn: string[] = [];
  readonly #restore = (): void => this.close();

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    terminal.write(HIDE_CURSOR);
    process.once('exit', this.#restore);
  }

  /** Appends `lasting` lines for good and redraws the area below them, in one write so that nothing flickers. */
  write(lasting: readonly string[], area: readonly string[]): void {
    const drawn = this.#fitting(area);
    if (lasting.length === 0 && drawn.join('\n') === this.#drawn.join('\n')) return;
    // Written over line by line: clearing a whole screen first would push it into the scrollback of some terminals.
    const above = lasting.map((line) => `${line}${CLEAR_REST}\n`).join('');
    const below = drawn.map((line) => `${line}${CLEAR_REST}\n`).join('');
    this.#terminal.write(`${this.#top()}${above}${NO_WRAP}${below}${WRAP}${CLEAR_BELOW}`);
    this.#drawn = drawn;
  }

  /** Removes the area and gives the cursor back; may be called again. */
  close(): void {
    process.removeListener('exit', this.#restore);
    this.#terminal.write(`${this.#top()}${CLEAR_BELOW}${SHOW_CURSOR}`);
    this.#drawn = [];
  }

  /** To the first row of what was drawn. */
  #top(): string {
    return this.#drawn.length === 0 ? '\r' : `\u001b[${this.#drawn.length}A\r`;
  }

  /** The rows of the terminal bound the area: what scrolled out cannot be redrawn. */
  #fitting(area: readonly string[]): string[] {
    const room = Math.max(2, (this.#terminal.rows ?? 24) - 2);
    if (area.length <= room) return [...area];
    const last = area.at(-1) ?? '';
    const shown = area.slice(0, room - 2);
    return [...shown, `    … ${area.length - shown.length - 1} more`, last];
  }
}
