import { DcdgetError } from '../domain/errors.ts';

/** The text of a line and what stands before it. */
export const MAX_FRAME_BYTES = 64 * 1024 + 1024;
const MOST_DIGITS = String(MAX_FRAME_BYTES).length;
const SPACE = 0x20;

/** Cuts octet-counted frames (RFC 6587: `LEN SP MSG`) out of what arrives. Throws bad_request: nothing after it makes sense. */
export function createFrameReader() {
  let rest: Buffer = Buffer.alloc(0);

  /** The whole frames that the chunk completes. */
  return function read(chunk: Buffer): string[] {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const frames: string[] = [];
    let offset = 0;
    for (;;) {
      const head = readLength(bytes, offset);
      if (head === null || head.start + head.length > bytes.length) break;
      offset = head.start + head.length;
      frames.push(bytes.toString('utf8', head.start, offset));
    }
    // A copy: a slice would keep the whole chunk.
    rest = Buffer.from(bytes.subarray(offset));
    return frames;
  };
}

/** Null while the number may still go on. */
function readLength(bytes: Buffer, offset: number): { start: number; length: number } | null {
  let length = 0;
  for (let index = offset; index < bytes.length; index += 1) {
    const byte = bytes[index] ?? 0;
    const digits = index - offset;
    if (byte === SPACE && digits > 0) return { start: index + 1, length: checked(length) };
    if (byte < 0x30 || byte > 0x39 || digits >= MOST_DIGITS || (digits === 0 && byte === 0x30)) throw wrong();
    length = length * 10 + byte - 0x30;
  }
  return null;
}

function checked(length: number): number {
  if (length > MAX_FRAME_BYTES) {
    throw new DcdgetError('too_large', `A frame of ${length} bytes is larger than ${MAX_FRAME_BYTES}`);
  }
  return length;
}

function wrong(): DcdgetError {
  return new DcdgetError('bad_request', 'A frame does not begin with its length in bytes and a space');
}

export function frame(message: string): string {
  return `${Buffer.byteLength(message)} ${message}`;
}
