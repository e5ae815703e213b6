import { DcdgetError } from '../domain/errors.ts';
import { APP_NAME, PROCESS_TYPE } from '../domain/names.ts';
import { nowText, oneLine, type Source } from './lines.ts';

/** One message of RFC 5424, as far as the hub reads it. */
export type Message = {
  at: string;
  host: string;
  source: Source;
  process: string;
  id: string;
  data: string;
  text: string;
};

/** Who sends: an instance, whose lines are its own, or a server, whose lines name their app. */
export type Sender =
  | { kind: 'instance'; id: string; app: string; process: string; run: string; token: string }
  | { kind: 'server'; id: string; run: string; token: string };

const PRIORITY = /^<\d{1,3}>1$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
const PROCESS = /^[a-z][a-z0-9_-]{0,29}(\.\d{1,6})?$/;
const RUN = /^[A-Za-z0-9_-]{8,64}$/;
const SERVER_ID = /^[A-Za-z0-9-]{1,64}$/;
const INSTANCE = /^([a-z0-9-]+)\.([a-z0-9_-]+)\.(\d{1,6})\.v\d{1,9}\.\d{1,12}$/;
const PARAMETER = /([a-z]+)="((?:[^"\\\]]|\\["\\\]])*)"/g;

/** Throws bad_request. */
export function readMessage(frame: string): Message {
  const fields: string[] = [];
  let start = 0;
  while (fields.length < 6) {
    const end = frame.indexOf(' ', start);
    if (end === -1) throw wrong('has too few fields');
    fields.push(frame.slice(start, end));
    start = end + 1;
  }
  const [priority = '', at = '', host = '', source, process = '', id = ''] = fields;
  if (!PRIORITY.test(priority)) throw wrong('does not begin with a priority and version 1');
  if (source !== 'app' && source !== 'dcdget') throw wrong('names no source, app or dcdget');
  const end = endOfData(frame, start);
  const text = oneLine(frame.slice(end + 1));
  return { at: timeOf(at), host, source, process, id, data: frame.slice(start, end), text };
}

/** Who says hello. Throws bad_request when it is no hello at all. */
export function readHello({ source, id, data }: Message): Sender {
  if (source !== 'dcdget' || id !== 'hello' || !data.startsWith('[dcdget@0 ')) throw wrong('is not a hello');
  const given = Object.fromEntries([...data.matchAll(PARAMETER)].map(([, name, value]) => [name, value]));
  const { instance, server, run = '', token = '' } = given;
  if (!RUN.test(run)) throw wrong('has no run of 8 to 64 letters and digits');
  if (server !== undefined && SERVER_ID.test(server)) return { kind: 'server', id: server, run, token };
  const [, app = '', type = '', number] = INSTANCE.exec(instance ?? '') ?? [];
  if (instance === undefined || !isAppName(app) || !PROCESS_TYPE.test(type)) throw wrong('names no instance');
  return { kind: 'instance', id: instance, app, process: `${type}.${number}`, run, token };
}

/** The number of a line in its run. Throws bad_request. */
export function numberOf({ id }: Message): number {
  const number = Number(id);
  if (!/^\d{1,15}$/.test(id) || number < 1) throw wrong('has no number');
  return number;
}

export function isProcessName(name: string): boolean {
  return PROCESS.test(name);
}

export function isAppName(name: string): boolean {
  return APP_NAME.test(name);
}

/** A clock that cannot be read is the hub's own. */
function timeOf(text: string): string {
  return TIME.test(text) ? `${text.slice(0, -1)}+00:00` : nowText();
}

/** Where the structured data ends: at a space or at the end of the frame. */
function endOfData(frame: string, start: number): number {
  if (frame.charCodeAt(start) === 0x2d) return start + 1;
  for (let index = start, isQuoted = false; index < frame.length; index += 1) {
    const character = frame[index];
    if (character === '\\') index += 1;
    else if (character === '"') isQuoted = !isQuoted;
    else if (character === ']' && !isQuoted && frame[index + 1] !== '[') return index + 1;
  }
  throw wrong('has structured data without an end');
}

function wrong(sentence: string): DcdgetError {
  return new DcdgetError('bad_request', `A message ${sentence}`);
}
