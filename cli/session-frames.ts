/** Frames between this command line and ps-dock: ps-dock/README.md has their meanings. */
export type Frame = { kind: string; content: Buffer };

const HEAD_BYTES = 5;
const MOST_BYTES = 64 * 1024;

/** Frames that count for what was received. */
const COUNTED = new Set('oexizws');

export function frame(kind: string, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const head = Buffer.alloc(HEAD_BYTES);
  head.write(kind, 'latin1');
  head.writeUInt32BE(content.length, 1);
  return Buffer.concat([head, content]);
}

/** Eight bytes; a number that is not given is the highest: whatever there is. */
export function number64(value?: number): Buffer {
  const bytes = Buffer.alloc(8, 0xff);
  if (value !== undefined) bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

export function countedBytes({ kind, content }: Frame): number {
  return COUNTED.has(kind) ? HEAD_BYTES + content.length : 0;
}

/** Takes bytes as they come and gives the frames in them. Throws when they are none. */
export function createFrameReader(): (chunk: Buffer) => Frame[] {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const frames: Frame[] = [];
    let at = 0;
    while (bytes.length - at >= HEAD_BYTES) {
      const length = bytes.readUInt32BE(at + 1);
      if (length > MOST_BYTES) throw new Error('what came from the session is no frame');
      if (bytes.length - at - HEAD_BYTES < length) break;
      const end = at + HEAD_BYTES + length;
      frames.push({ kind: String.fromCharCode(bytes[at] ?? 0), content: bytes.subarray(at + HEAD_BYTES, end) });
      at = end;
    }
    rest = bytes.subarray(at);
    return frames;
  };
}
