import proto from '@temporalio/proto';

const { History } = proto.temporal.api.history.v1;
export type History = proto.temporal.api.history.v1.IHistory;

/** Facts of the machine it was recorded on, which no replay looks at. */
const MACHINE_KEYS = new Set(['identity', 'stackTrace', 'binaryChecksum', 'workerVersion', 'buildId']);
const MACHINE = /\b198\.1[89]\.\d+\.\d+\b|(?:file:\/\/)?\/(?:work|root|home|tmp)\/[\w./-]*/g;

/** The history as one event a line, without addresses and paths of the machine it was recorded on. */
export function scrubbed(history: History): string {
  const plain = History.toObject(History.fromObject(history), { bytes: String, enums: String, longs: String });
  const { events } = scrub(plain) as { events: unknown[] };
  return `{"events":[\n${events.map((event) => JSON.stringify(event)).join(',\n')}\n]}`;
}

/** What `scrubbed` wrote. */
export function readHistory(text: string): History {
  return History.fromObject(JSON.parse(text) as Record<string, unknown>);
}

function scrub(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll(MACHINE, 'scrubbed');
  if (Array.isArray(value)) return value.map(scrub);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => {
      if (MACHINE_KEYS.has(key)) return [];
      return [[key, key === 'data' && typeof item === 'string' ? scrubPayload(item) : scrub(item)]];
    }),
  );
}

function scrubPayload(data: string): string {
  return Buffer.from(Buffer.from(data, 'base64').toString('utf8').replaceAll(MACHINE, 'scrubbed')).toString('base64');
}
