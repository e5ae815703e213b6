import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';

/** Who a sender says it is; `data` stands in the hello's structured data. */
export type LogSenderPlan = {
  host: string;
  port: number;
  ca: string;
  /** `instance="…"` or `server="…"`. */
  who: string;
  run: string;
  token: string;
};

const TIMEOUT_MS = 10_000;

/** A sender that speaks the log hub's protocol as ps-dock does, for one connection. */
export type LogSender = {
  /** What the hub answered to the hello, without the line feed. */
  answer: string;
  /** False when the hub is behind: then `drained` resolves when it has caught up. */
  send(
    text: string,
    facts?: { number?: number; app?: string; source?: string; process?: string; part?: boolean },
  ): boolean;
  /** Frames that are ready: as many lines at once. */
  write(bytes: Buffer): boolean;
  drained(): Promise<void>;
  /** Number of the last line that `send` has sent. */
  sent(): number;
  socket: TLSSocket;
  /** Everything is sent when it resolves. */
  end(): Promise<void>;
};

export async function openLogSender({ host, port, ca, who, run, token }: LogSenderPlan): Promise<LogSender> {
  const socket = connect({ host, port, ca });
  await once(socket, 'secureConnect', { signal: AbortSignal.timeout(TIMEOUT_MS) });
  socket.on('error', () => socket.destroy());
  const data = `[dcdget@0 ${who} run="${run}" token="${token}"]`;
  socket.write(frameOf(`<14>1 ${timeText()} - dcdget - hello ${data} `));
  const [first] = (await once(socket, 'data', { signal: AbortSignal.timeout(TIMEOUT_MS) })) as [Buffer];
  const answer = first.toString().trimEnd();
  let number = Number(/^OK (\d+)$/.exec(answer)?.[1] ?? 0);

  return {
    answer,
    socket,
    send(text, facts = {}) {
      number = facts.number ?? number + 1;
      const { app = '-', source = 'app', process = '-', part = false } = facts;
      return socket.write(logFrame({ number, app, source, process, part, text }));
    },
    sent: () => number,
    write: (bytes) => socket.write(bytes),
    drained: async () => void (await once(socket, 'drain', { signal: AbortSignal.timeout(TIMEOUT_MS) })),
    end: async () => {
      const closed = once(socket, 'close', { signal: AbortSignal.timeout(TIMEOUT_MS) });
      socket.end();
      await closed;
    },
  };
}

type FrameFacts = { number: number; app: string; source: string; process: string; part: boolean; text: string };

export function logFrame({ number, app, source, process, part, text }: FrameFacts): string {
  const data = part ? '[dcdget@0 part="1"]' : '-';
  return frameOf(`<14>1 ${timeText()} ${app} ${source} ${process} ${number} ${data} ${text}`);
}

function frameOf(message: string): string {
  return `${Buffer.byteLength(message)} ${message}`;
}

function timeText(): string {
  return new Date().toISOString().replace('Z', '000Z');
}
