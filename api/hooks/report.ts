import { REPORTED_STATES, type InstanceEvent, type Sample } from '../../domain/instance-events.ts';
import { DcdgetError, invalid } from '../../domain/errors.ts';

const EVENT_ID = /^([A-Za-z0-9_-]{1,64}):([1-9]\d{0,11})$/;
const SIGNAL = /^[A-Z0-9+-]{1,16}$/;
const MAX_REASON = 1000;
const NOT_PRINTABLE = /[\u0000-\u001f\u007f-\u009f]+/g;

type Fields = Record<string, unknown>;

/** The body of a report. Throws bad_request, and invalid_params naming the field. */
export function readReport(instanceId: string, body: Buffer): InstanceEvent {
  const fields = jsonOf(body);
  const [, run, number] = (typeof fields['id'] === 'string' ? EVENT_ID.exec(fields['id']) : null) ?? [];
  if (run === undefined || Number(number) !== fields['n']) throw invalid('id', 'must be <run>:<n>, with n as in n');
  const state = REPORTED_STATES.find((one) => one === fields['state']);
  if (state === undefined) throw invalid('state', `must be one of: ${REPORTED_STATES.join(', ')}`);
  return {
    instanceId,
    run,
    n: Number(number),
    state,
    at: timeOf(fields['at']),
    exitCode: integerOf(fields, 'exitCode', 255),
    signal: signalOf(fields['signal']),
    reason: reasonOf(fields['reason']),
    oom: flagOf(fields['oom']),
    boundPort: integerOf(fields, 'boundPort', 65_535),
    sample: sampleOf(fields['samples']),
  };
}

function jsonOf(body: Buffer): Fields {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new DcdgetError('bad_request', 'The body is not JSON', { cause });
  }
  if (!isFields(value)) throw new DcdgetError('bad_request', 'The body is not a JSON object');
  return value;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function timeOf(value: unknown): Date {
  const at = new Date(typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) ? value : Number.NaN);
  if (Number.isNaN(at.getTime())) throw invalid('at', 'must be a time as in 2026-01-02T03:04:05.678Z');
  return at;
}

function integerOf(fields: Fields, name: string, most: number): number | null {
  const value = fields[name] ?? null;
  if (value === null) return null;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > most)
    throw invalid(name, `must be a whole number from 0 to ${most}`);
  return value;
}

function signalOf(value: unknown): string | null {
  if (value === undefined || value === null || value === '') return null;
  if (typeof value !== 'string' || !SIGNAL.test(value)) throw invalid('signal', 'must be the name of a signal');
  return value;
}

/** Words of an app may be in it: they reach terminals. */
function reasonOf(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') throw invalid('reason', 'must be a text');
  return value.replaceAll(NOT_PRINTABLE, ' ').slice(0, MAX_REASON);
}

function flagOf(value: unknown): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value !== 'boolean') throw invalid('oom', 'must be true or false');
  return value;
}

function sampleOf(value: unknown): Sample | null {
  if (value === undefined || value === null) return null;
  if (!isFields(value)) throw invalid('samples', 'must be an object');
  const number = (name: keyof Sample) => {
    const given = value[name] ?? 0;
    if (typeof given !== 'number' || !Number.isFinite(given) || given < 0)
      throw invalid(`samples.${name}`, 'must be a number from 0');
    return given;
  };
  return { memoryBytes: number('memoryBytes'), cpuSeconds: number('cpuSeconds'), pids: number('pids') };
}
