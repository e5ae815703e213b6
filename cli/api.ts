import type { IncomingMessage } from 'node:http';
import type { SecureContext } from 'node:tls';
import type {
  ApiErrorBody,
  App,
  Branch,
  Build,
  BuildpackInstallation,
  BuildVars,
  ConfigVars,
  Dyno,
  DynoEvent,
  FormationEntry,
  FormationUpdate,
  LogArchive,
  LogArchiveRun,
  LogDrain,
  LogSession,
  NewLogSession,
  Hook,
  HookWithSecret,
  NewBuild,
  NewHook,
  NewServer,
  NewSession,
  Operation,
  OperationHead,
  Release,
  Server,
  ServerCheck,
  Session,
  SourceBlob,
} from './api-types.ts';
import type { Connection } from './connection.ts';
import { CliError, EXIT } from './errors.ts';
import { openStream, send, trustOf, type Answer, type Call, type UploadFile } from './http.ts';

const ANSWER_TIMEOUT_MS = 30_000;
/** Adding a server makes the API look at the server first. */
const ADD_SERVER_TIMEOUT_MS = 90_000;
/** Every server is asked, and what is found may be put right. */
const CHECK_TIMEOUT_MS = 11 * 60_000;
const ARCHIVE_TIMEOUT_MS = 11 * 60_000;
const UPLOAD_TIMEOUT_MS = 30 * 60_000;
const STREAM_SILENCE_MS = 60_000;
/** Shorter than an id. */
const PROCESS_TYPE = /^[a-z][a-z0-9_-]{0,29}$/;
const ACCEPT = 'application/vnd.heroku+json; version=3';

/** What a change answered, and the operation it started, if any. */
export type Change<T> = { value: T; operationId: string | undefined };

type Ask = { body?: unknown; headers?: Record<string, string>; timeoutMs?: number };

/** The API of one dcdget: one method a request, each with a deadline, refusals as CliError. */
export class Api {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  get origin(): string {
    return this.#connection.url.origin;
  }

  apps(): Promise<App[]> {
    return this.#list('/apps');
  }

  app(name: string): Promise<App> {
    return this.#get(`/apps/${segment(name)}`);
  }

  createApp(name: string | undefined): Promise<App> {
    return this.#value('POST', '/apps', { body: name === undefined ? {} : { name } });
  }

  destroyApp(name: string, force: boolean): Promise<Change<App>> {
    return this.#change('DELETE', `/apps/${segment(name)}${force ? '?force=true' : ''}`);
  }

  setMaintenance(app: string, maintenance: boolean): Promise<Change<App>> {
    return this.#change('PATCH', `/apps/${segment(app)}`, { body: { maintenance } });
  }

  pause(app: string): Promise<Change<App>> {
    return this.#change('POST', `/apps/${segment(app)}/actions/pause`);
  }

  resume(app: string): Promise<Change<App>> {
    return this.#change('POST', `/apps/${segment(app)}/actions/resume`);
  }

  configVars(app: string): Promise<ConfigVars> {
    return this.#get(`/apps/${segment(app)}/config-vars`);
  }

  /** A null removes the key. */
  changeConfigVars(app: string, vars: Record<string, string | null>): Promise<Change<ConfigVars>> {
    return this.#change('PATCH', `/apps/${segment(app)}/config-vars`, { body: vars });
  }

  branch(app: string): Promise<Branch> {
    return this.#get(`/apps/${segment(app)}/branch`);
  }

  /** Null: the usual branches deploy again. */
  chooseBranch(app: string, chosen: string | null): Promise<Branch> {
    return this.#value('PATCH', `/apps/${segment(app)}/branch`, { body: { chosen } });
  }

  /** Names of the config vars that builds are given. */
  buildVars(app: string): Promise<BuildVars> {
    return this.#get(`/apps/${segment(app)}/build-config-vars`);
  }

  /** False: builds are not given it any more. */
  changeBuildVars(app: string, names: Record<string, boolean>): Promise<BuildVars> {
    return this.#value('PATCH', `/apps/${segment(app)}/build-config-vars`, { body: names });
  }

  buildpacks(app: string): Promise<BuildpackInstallation[]> {
    return this.#get(`/apps/${segment(app)}/buildpack-installations`);
  }

  /** All of them, in order. */
  setBuildpacks(app: string, names: readonly string[]): Promise<BuildpackInstallation[]> {
    const updates = names.map((buildpack) => ({ buildpack }));
    return this.#value('PUT', `/apps/${segment(app)}/buildpack-installations`, { body: { updates } });
  }

  async purgeBuildCache(app: string): Promise<void> {
    await this.#value('DELETE', `/apps/${segment(app)}/build-cache`);
  }

  createSource(): Promise<SourceBlob> {
    return this.#value('POST', '/sources');
  }

  createBuild(app: string, source: NewBuild): Promise<Change<Build>> {
    return this.#change('POST', `/apps/${segment(app)}/builds`, { body: source });
  }

  hooks(app: string): Promise<Hook[]> {
    return this.#get(`/apps/${segment(app)}/hooks`);
  }

  createHook(app: string, hook: NewHook): Promise<HookWithSecret> {
    return this.#value('POST', `/apps/${segment(app)}/hooks`, { body: hook });
  }

  /** The secret of before ends with this. */
  rotateHook(app: string, id: string): Promise<HookWithSecret> {
    return this.#value('POST', `/apps/${segment(app)}/hooks/${segment(id)}/actions/rotate`);
  }

  deleteHook(app: string, id: string): Promise<Hook> {
    return this.#value('DELETE', `/apps/${segment(app)}/hooks/${segment(id)}`);
  }

  releases(app: string, max?: number): Promise<Release[]> {
    return this.#list(`/apps/${segment(app)}/releases`, max, 'version');
  }

  release(app: string, version: string): Promise<Release> {
    return this.#get(`/apps/${segment(app)}/releases/${segment(version)}`);
  }

  /** `release` is its version or id. */
  rollBack(app: string, release: string): Promise<Change<Release>> {
    return this.#change('POST', `/apps/${segment(app)}/releases`, { body: { release } });
  }

  formation(app: string): Promise<FormationEntry[]> {
    return this.#list(`/apps/${segment(app)}/formation`);
  }

  dynos(app: string): Promise<Dyno[]> {
    return this.#list(`/apps/${segment(app)}/dynos`);
  }

  /** Newest first; of one process (`web.1`), or of all. */
  dynoEvents(app: string, name: string | undefined, max: number): Promise<DynoEvent[]> {
    const path = name === undefined ? '/history' : `/dynos/${segment(name)}/history`;
    return this.#list(`/apps/${segment(app)}${path}`, max, 'at');
  }

  scale(app: string, updates: FormationUpdate[]): Promise<Change<FormationEntry[]>> {
    return this.#change('PATCH', `/apps/${segment(app)}/formation`, { body: { updates } });
  }

  createSession(app: string, session: NewSession): Promise<Session> {
    return this.#value('POST', `/apps/${segment(app)}/dynos`, { body: session });
  }

  /** Also of one that has ended. */
  session(app: string, name: string): Promise<Session> {
    return this.#get(`/apps/${segment(app)}/dynos/${segment(name)}`);
  }

  /** With a fresh `attach_url`. */
  attachSession(app: string, name: string): Promise<Session> {
    return this.#value('POST', `/apps/${segment(app)}/dynos/${segment(name)}/actions/attach`);
  }

  /** One by its name or id, or all that are of type `run`. */
  async stopSession(app: string, name: string): Promise<void> {
    const kind = PROCESS_TYPE.test(name) ? 'formations' : 'dynos';
    await this.#value('POST', `/apps/${segment(app)}/${kind}/${segment(name)}/actions/stop`);
  }

  /** What another connection to this dcdget trusts. */
  tls(): { secureContext?: SecureContext } {
    return trustOf(this.#connection.ca);
  }

  /** Of everything, of a type (`web`) or of one process (`web.1`); returns the operation's id. */
  async restart(app: string, name: string | undefined): Promise<string> {
    const path = name === undefined ? '/dynos' : `${name.includes('.') ? '/dynos' : '/formations'}/${segment(name)}`;
    const { operationId } = await this.#change('DELETE', `/apps/${segment(app)}${path}`);
    if (operationId === undefined) throw new CliError('unexpected_answer', 'The restart started no operation.');
    return operationId;
  }

  /** Newest first. */
  operations(app: string | undefined, max: number): Promise<OperationHead[]> {
    return this.#list(app === undefined ? '/operations' : `/operations?app=${segment(app)}`, max, 'created_at');
  }

  operation(id: string): Promise<Operation> {
    return this.#get(`/operations/${segment(id)}`);
  }

  cancelOperation(id: string): Promise<Operation> {
    return this.#value('POST', `/operations/${segment(id)}/actions/cancel`);
  }

  decideOperation(id: string, action: 'retry' | 'skip' | 'undo', reason: string): Promise<Operation> {
    return this.#value('POST', `/operations/${segment(id)}/actions/${action}`, { body: { reason } });
  }

  servers(): Promise<Server[]> {
    return this.#list('/servers');
  }

  server(name: string): Promise<Server> {
    return this.#get(`/servers/${segment(name)}`);
  }

  addServer(server: NewServer): Promise<Change<Server>> {
    return this.#change('POST', '/servers', { body: server, timeoutMs: ADD_SERVER_TIMEOUT_MS });
  }

  /** Brings a server to what this version of dcdget sets up. */
  provisionServer(name: string): Promise<Change<Server>> {
    return this.#change('POST', `/servers/${segment(name)}/actions/provision`);
  }

  /** What the last checks found. */
  serverChecks(): Promise<ServerCheck[]> {
    return this.#get('/server-checks');
  }

  checkServers(server: string | undefined, repair: boolean): Promise<ServerCheck[]> {
    const body = server === undefined ? { repair } : { server, repair };
    return this.#value('POST', '/server-checks', { body, timeoutMs: CHECK_TIMEOUT_MS });
  }

  /** Opens the operation's event stream, after the event with this id or from the start. */
  drains(app: string): Promise<LogDrain[]> {
    return this.#list(`/apps/${segment(app)}/log-drains`);
  }

  addDrain(app: string, url: string): Promise<LogDrain> {
    return this.#value('POST', `/apps/${segment(app)}/log-drains`, { body: { url } });
  }

  /** By its token or URL. */
  removeDrain(app: string, drain: string): Promise<LogDrain> {
    return this.#value('DELETE', `/apps/${segment(app)}/log-drains/${segment(drain)}`);
  }

  /** Oldest first; of one process (`web.1`) or of a type (`web`), or of all. */
  logArchives(app: string, { process, since }: { process?: string; since?: string }): Promise<LogArchive[]> {
    const query = new URLSearchParams({
      ...(process === undefined ? {} : { process }),
      ...(since === undefined ? {} : { since }),
    }).toString();
    return this.#list(`/apps/${segment(app)}/log-archives${query === '' ? '' : `?${query}`}`);
  }

  archiveLogs(app: string): Promise<LogArchiveRun> {
    return this.#value('POST', `/apps/${segment(app)}/log-archives`, { timeoutMs: ARCHIVE_TIMEOUT_MS });
  }

  /** What a presigned URL names; no token goes along. */
  async download(url: string): Promise<IncomingMessage> {
    const call = { method: 'GET', url: new URL(url), headers: {}, ca: this.#connection.ca };
    const response = await openStream(call, STREAM_SILENCE_MS, new AbortController().signal);
    if (response.statusCode === 200) return response;
    response.resume();
    throw new CliError(
      'download_refused',
      `The download from ${call.url.origin} was refused with ${response.statusCode}.`,
      {
        hint: 'Run the command again; the permission to download lasts only an hour.',
      },
    );
  }

  createLogSession(app: string, session: NewLogSession): Promise<LogSession> {
    return this.#value('POST', `/apps/${segment(app)}/log-sessions`, { body: session });
  }

  /** The URL of a log session needs no token. Throws `session_over` when its time is over. */
  async openLogStream(url: string, lastEventId: string | undefined): Promise<IncomingMessage> {
    const resume: Record<string, string> = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
    const { ca } = this.#connection;
    const call = { method: 'GET', url: new URL(url), headers: { ...resume, accept: 'text/event-stream' }, ca };
    const response = await openStream(call, STREAM_SILENCE_MS, new AbortController().signal);
    if (response.statusCode === 200) return response;
    response.resume();
    if (response.statusCode === 403) throw new CliError('session_over', 'The log session is over.');
    throw new CliError('unavailable', `${call.url.origin} answered ${response.statusCode}.`, {
      hint: 'Try again in a while.',
      exitCode: EXIT.unreachable,
    });
  }

  async openOperationStream(
    id: string,
    lastEventId: string | undefined,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const resume: Record<string, string> = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
    const call = this.#call('GET', `/operations/${segment(id)}/stream`, {
      headers: { ...resume, accept: 'text/event-stream' },
    });
    const response = await openStream(call, STREAM_SILENCE_MS, signal);
    if (response.statusCode === 200) return response;
    response.resume();
    const status = response.statusCode ?? 0;
    throw refusal(call, { status, headers: response.headers, text: '' });
  }

  /** Puts a file where a presigned URL says; no token goes along. */
  async upload(putUrl: string, file: UploadFile): Promise<void> {
    const call: Call = {
      method: 'PUT',
      url: new URL(putUrl),
      headers: {},
      body: file,
      ca: this.#connection.ca,
    };
    const answer = await send(call, UPLOAD_TIMEOUT_MS);
    if (answer.status < 300) return;
    throw uploadRefused(call, answer);
  }

  #get<T>(path: string): Promise<T> {
    return this.#value('GET', path);
  }

  async #value<T>(method: string, path: string, ask: Ask = {}): Promise<T> {
    return (await this.#change<T>(method, path, ask)).value;
  }

  async #change<T>(method: string, path: string, ask: Ask = {}): Promise<Change<T>> {
    const { answer, value } = await this.#send<T>(method, path, ask);
    const operationId = answer.headers['dcdget-operation'];
    return { value, operationId: typeof operationId === 'string' ? operationId : undefined };
  }

  /** Follows Next-Range until the list ends, or holds `max`. */
  async #list<T>(path: string, max?: number, field = 'id'): Promise<T[]> {
    const items: T[] = [];
    let range = max === undefined ? undefined : `${field} ..; order=desc,max=${max}`;
    do {
      const { answer, value } = await this.#send<T[]>('GET', path, range === undefined ? {} : { headers: { range } });
      items.push(...value);
      const next = answer.headers['next-range'];
      range = typeof next === 'string' && value.length > 0 ? next : undefined;
    } while (range !== undefined && (max === undefined || items.length < max));
    return max === undefined ? items : items.slice(0, max);
  }

  async #send<T>(method: string, path: string, ask: Ask): Promise<{ answer: Answer; value: T }> {
    const call = this.#call(method, path, ask);
    const answer = await send(call, ask.timeoutMs ?? ANSWER_TIMEOUT_MS);
    if (answer.status >= 400 || answer.status < 200) throw refusal(call, answer);
    return { answer, value: parse<T>(call, answer) };
  }

  #call(method: string, path: string, ask: Ask): Call {
    const { url, token, ca } = this.#connection;
    const json: Record<string, string> = ask.body === undefined ? {} : { 'content-type': 'application/json' };
    return {
      method,
      url: new URL(url.pathname.replace(/\/$/, '') + path, url),
      headers: { accept: ACCEPT, ...json, ...ask.headers, authorization: `Bearer ${token}` },
      ...(ask.body === undefined ? {} : { body: JSON.stringify(ask.body) }),
      ca,
    };
  }
}

function segment(name: string): string {
  return encodeURIComponent(name);
}

function parse<T>(call: Call, answer: Answer): T {
  try {
    return JSON.parse(answer.text) as T;
  } catch (cause) {
    throw notDcdget(call, answer, cause);
  }
}

/** What the API refused, in its own words. */
function refusal(call: Call, answer: Answer): CliError {
  const body = errorBody(answer.text);
  if (answer.status === 401) return unauthorized(call);
  if (body === undefined) return notDcdget(call, answer);
  return new CliError(body.id, body.message, { hint: body.hint, details: { ...body } });
}

function unauthorized(call: Call): CliError {
  return new CliError('unauthorized', `${call.url.origin} does not accept the token.`, {
    hint: 'Set DCDGET_TOKEN to a valid token, or run dcdget login again.',
  });
}

function uploadRefused(call: Call, answer: Answer): CliError {
  const body = errorBody(answer.text);
  const reason = body === undefined ? `with ${answer.status}` : `: ${body.message}`;
  return new CliError(body?.id ?? 'upload_refused', `The upload to ${call.url.origin} was refused ${reason}`, {
    hint: body?.hint ?? 'Run the command again; the permission to upload lasts only a while.',
  });
}

function errorBody(text: string): ApiErrorBody | undefined {
  try {
    const body = JSON.parse(text) as Partial<ApiErrorBody> | null;
    return typeof body?.id === 'string' && typeof body.message === 'string' ? (body as ApiErrorBody) : undefined;
  } catch {
    return undefined;
  }
}

function notDcdget(call: Call, answer: Answer, cause?: unknown): CliError {
  const down = answer.status >= 502 && answer.status <= 504;
  return new CliError(
    down ? 'unavailable' : 'unexpected_answer',
    `${call.method} ${call.url.origin}${call.url.pathname} answered ${answer.status} without words of dcdget.`,
    {
      hint: down
        ? 'Something in front of dcdget answers for it: is dcdget running?'
        : 'Is DCDGET_URL that of a dcdget?',
      exitCode: EXIT.unreachable,
      cause,
    },
  );
}
