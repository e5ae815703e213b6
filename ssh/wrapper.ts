import { readFileSync } from 'node:fs';

/** Its head says what it does; it is shell, so it is checked as shell. */
const WRAPPER = readFileSync(new URL('./wrapper.sh', import.meta.url), 'utf8');

export type Invocation = {
  sha256: string;
  nonce: string;
  lock: string;
  timeoutSeconds: number;
  url: string;
  /** Nobody waits for it: it takes what the others leave of the processors. */
  isLater: boolean;
};

/** The remote command line: no input and no secret is on it. */
export function commandLine(call: Invocation, asRoot: boolean): string {
  // Behind what serves visitors on that server.
  const words = [
    'nice',
    '-n',
    call.isLater ? '19' : '10',
    'bash',
    '--noprofile',
    '--norc',
    '-c',
    WRAPPER,
    'dcdget',
    call.sha256,
    call.nonce,
    call.lock,
  ];
  const line = [...words, String(call.timeoutSeconds), call.url].map(quote).join(' ');
  return asRoot ? line : `sudo -n ${line}`;
}

/** What the wrapper can fetch the script with: the CA's certificate (PEM) and a token. */
export type Access = { ca: string; token: string };

/** What goes to the wrapper's stdin before anything else, as its head describes it. */
export function openingBytes(inputs: Readonly<Record<string, string>>, { ca, token }: Access): Buffer {
  const assignments = Object.entries(inputs).map(([name, value]) => `${name}=${quote(value)}\n`);
  const text = assignments.join('');
  return Buffer.from(`${Buffer.byteLength(text)} ${Buffer.byteLength(ca)} ${token}\n${text}${ca}`);
}

export function needMarker(nonce: string): string {
  return `\ndcdget-need ${nonce}\n`;
}

/** What the recipe printed and its exit code; null when the closing line is not there. */
export function parseClosing(stdout: string, nonce: string): { output: string; exitCode: number } | null {
  const match = new RegExp(`\\ndcdget-done ${nonce} (\\d{1,3})\\n$`).exec(stdout);
  if (match === null) return null;
  return { output: stdout.slice(0, match.index).replace(needMarker(nonce), ''), exitCode: Number(match[1]) };
}

function quote(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
