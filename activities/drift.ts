import type { App, Mode } from '../domain/apps.ts';
import type { Drift } from '../domain/checks.ts';
import { processName, type Instance } from '../domain/instances.ts';
import { containerAddressOf, hostPortOf, type Server } from '../domain/servers.ts';
import { appHost } from '../domain/routes.ts';

/** The record as it was around a listing. */
export type Recorded = {
  apps: readonly App[];
  /** Those on the servers at both looks. */
  instances: readonly Instance[];
  servers: readonly Server[];
  /** Ids of the apps that an operation worked on. */
  busy: ReadonlySet<string>;
  /** App id → sequence of its last operation. */
  sequences: ReadonlyMap<string, number>;
  appsDomain: string;
};

type Lines = ReadonlyMap<string, readonly string[]>;
type Seen = { server: Server; lines: Lines; recorded: Recorded; here: readonly Instance[] };

const INSTANCE_ID = /^([a-z][a-z0-9-]{1,28}[a-z0-9])\.([a-z][a-z0-9_-]{0,29}\.\d{1,6})\.v\d+\.\d+$/;
/** What no deploy keeps running. */
const ONE_OFF_TYPES: ReadonlySet<string> = new Set(['release', 'run']);

/** The parts of an instance's id, null for what is none. */
export function partsOf(id: string): { app: string; process: string } | null {
  const [, app, process] = INSTANCE_ID.exec(id) ?? [];
  return app === undefined || process === undefined ? null : { app, process };
}

/** How a server's listing (recipes/server/list.sh) differs from the record; silent about apps that are worked on. */
export function compare(server: Server, listing: readonly string[], recorded: Recorded): Drift[] {
  const here = recorded.instances.filter(({ serverId }) => serverId === server.id);
  const seen: Seen = { server, lines: linesOf(listing), recorded, here };
  return [
    ...missing(seen),
    ...orphans(seen),
    ...ports(seen),
    ...(server.roles.includes('router') ? routes(seen) : []),
    ...apps(seen),
    ...slugs(seen),
    ...mounts(seen),
    // What was a build server keeps the files.
    ...(server.roles.includes('build') ? certificates(seen) : []),
  ];
}

/** First word → the rests of its lines. */
function linesOf(listing: readonly string[]): Lines {
  const lines = new Map<string, string[]>();
  for (const line of listing) {
    const space = line.indexOf(' ');
    const word = line.slice(0, space);
    lines.set(word, [...(lines.get(word) ?? []), line.slice(space + 1)]);
  }
  return lines;
}

function all({ lines }: Seen, word: string): readonly string[] {
  return lines.get(word) ?? [];
}

/** Instances that should run, whatever they do at the moment. */
function expected({ here, recorded }: Seen): Instance[] {
  const isExpected = ({ appId, state, type }: Instance) =>
    !recorded.busy.has(appId) && ['starting', 'up', 'crashed'].includes(state) && !ONE_OFF_TYPES.has(type);
  return here.filter(isExpected);
}

function missing(seen: Seen): Drift[] {
  const folders = new Set(all(seen, 'instances'));
  const boots = new Set(all(seen, 'boot'));
  const running = runningUnits(seen);
  return expected(seen).flatMap((instance): Drift[] => {
    const unit = `dcdget@${instance.id}.service`;
    if (!folders.has(instance.id)) {
      const detail = `it is gone from the server: dcdget ps:restart ${processName(instance)} --app ${instance.appName}`;
      return [{ kind: 'instance-missing', subject: instance.id, detail }];
    }
    if (running.has(unit) && boots.has(unit)) return [];
    const detail = running.has(unit) ? 'it would not start at the next boot' : 'it is stopped';
    return [{ kind: 'unit-stopped', subject: instance.id, detail }];
  });
}

function runningUnits(seen: Seen): ReadonlySet<string> {
  const running = all(seen, 'unit').filter((unit) => / (active|activating)$/.test(unit));
  return new Set(running.map((unit) => unit.slice(0, unit.indexOf(' '))));
}

/** What carries the id of an instance that the record has not here. */
function orphans(seen: Seen): Drift[] {
  const known = new Set(seen.here.map(({ id }) => id));
  const found = new Map<string, string[]>();
  const note = (id: string, what: string) => {
    if (!known.has(id)) found.set(id, [...(found.get(id) ?? []), what]);
  };
  for (const id of all(seen, 'instances')) note(id, 'folder');
  for (const unit of all(seen, 'unit')) note(unit.replace(/^dcdget(-once)?@(.*)\.service .*$/, '$2'), 'unit');
  for (const unit of all(seen, 'boot')) note(unit.replace(/^dcdget@(.*)\.service$/, '$1'), 'start at boot');
  for (const container of all(seen, 'container')) {
    const [id = '', state] = container.split(' ');
    if (state === 'running') note(id, 'container');
  }
  const names = new Set(seen.recorded.apps.filter(({ id }) => seen.recorded.busy.has(id)).map(({ name }) => name));
  return [...found].flatMap(([id, what]): Drift[] => {
    const parts = partsOf(id);
    if (parts === null)
      return [{ kind: 'unknown', subject: id, detail: `${what.join(', ')} of nothing that dcdget made` }];
    if (names.has(parts.app)) return [];
    return [
      { kind: 'instance-orphan', subject: id, detail: `${what.join(', ')} of an instance that the record has not` },
    ];
  });
}

function ports(seen: Seen): Drift[] {
  const open = new Set(all(seen, 'port'));
  const closed = new Set(all(seen, 'closed'));
  const own = (instance: Instance) => `${hostPortOf(instance.slot)} : ${containerAddressOf(instance.slot)} . 5000`;
  const running = runningUnits(seen);
  // That of one that is stopped opens when it is up again.
  const isMissing = (instance: Instance) =>
    running.has(`dcdget@${instance.id}.service`) && !closed.has(instance.id) && !open.has(own(instance));
  // Also those of instances that retire, or are worked on.
  const known = new Set([
    ...seen.here.map(own),
    ...seen.server.reservations.map(({ slot }) => `${hostPortOf(slot)} : ${containerAddressOf(slot)} . 5000`),
  ]);
  return [
    ...expected(seen)
      .filter(isMissing)
      .map(({ id }): Drift => ({ kind: 'port-missing', subject: id, detail: 'no packet rule leads to it' })),
    ...[...open]
      .filter((port) => !known.has(port))
      .map((port): Drift => ({ kind: 'port-orphan', subject: port, detail: 'a packet rule leads to no instance' })),
  ];
}

type RouteText = {
  appId?: string;
  hosts?: string[];
  state?: Mode;
  instances?: { id: string; host: string; port: number }[];
};

function routes(seen: Seen): Drift[] {
  const texts = new Map(
    all(seen, 'routing').map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]),
  );
  const links = new Set(all(seen, 'host'));
  const { recorded } = seen;
  const drifts = recorded.apps.flatMap((app): Drift[] => {
    if (app.currentVersion === null || recorded.busy.has(app.id)) return [];
    const text = texts.get(`${app.name}.json`);
    if (text === undefined)
      return [{ kind: 'route-missing', subject: app.name, detail: 'the router does not know the app' }];
    const host = appHost(app.name, recorded.appsDomain);
    if (!links.has(`${host} -> ../apps/${app.name}.json`))
      return [{ kind: 'route-missing', subject: app.name, detail: `${host} leads to nothing` }];
    return routeOf(text) === wantedRoute(app, recorded)
      ? []
      : [
          {
            kind: 'route-wrong',
            subject: app.name,
            detail: 'it names other instances, hosts or another mode than the record',
          },
        ];
  });
  const names = new Set(recorded.apps.map(({ name }) => `${name}.json`));
  const strangers = [...texts.keys()].filter((file) => !names.has(file));
  return [
    ...drifts,
    ...strangers.map((file): Drift => {
      const appId = parsed(texts.get(file) ?? '').appId;
      const subject = file.replace(/\.json$/, '');
      return appId === undefined
        ? { kind: 'unknown', subject: `route ${file}`, detail: 'a route that dcdget did not make' }
        : { kind: 'route-orphan', subject: `${subject} ${appId}`, detail: 'the route of no app' };
    }),
  ];
}

function parsed(text: string): RouteText {
  try {
    return JSON.parse(text) as RouteText;
  } catch {
    return {};
  }
}

/** What matters of a route file, in a comparable form. */
function routeOf(text: string): string {
  const { appId, hosts = [], state, instances = [] } = parsed(text);
  return comparable(
    appId,
    hosts,
    state,
    instances.map(({ id, host, port }) => `${id} ${host}:${port}`),
  );
}

function wantedRoute(app: App, { instances, servers, appsDomain }: Recorded): string {
  const hostOf = new Map(servers.map(({ id, host }) => [id, host]));
  const web = instances.filter(({ appId, type, state }) => appId === app.id && type === 'web' && state !== 'retiring');
  const named = web.map(({ id, serverId, slot }) => `${id} ${hostOf.get(serverId) ?? ''}:${hostPortOf(slot)}`);
  return comparable(app.id, [appHost(app.name, appsDomain)], app.mode, named);
}

function comparable(...parts: [string | undefined, string[], string | undefined, string[]]): string {
  return JSON.stringify(parts.map((part) => (Array.isArray(part) ? part.toSorted() : part)));
}

/** Folders of apps, and leases, that no app of the record has. */
function apps(seen: Seen): Drift[] {
  const known = new Set(seen.recorded.apps.map(({ name }) => name));
  const leased = all(seen, 'lease').map((lease) => lease.replace(/^[^/]*\/(.*)\.\d+$/, '$1'));
  const strangers = new Set([...all(seen, 'apps'), ...leased].filter((name) => !known.has(name)));
  return [...strangers].map((name) =>
    partsOf(`${name}.web.1.v1.1`) === null
      ? { kind: 'unknown', subject: `apps/${name}`, detail: 'a folder that dcdget did not make' }
      : { kind: 'app-orphan', subject: name, detail: 'folders or leases of no app' },
  );
}

function slugs(seen: Seen): Drift[] {
  const leases = all(seen, 'lease').map((lease) => /^([0-9a-f]{64})\/(.*)\.(\d+)$/.exec(lease) ?? []);
  const leased = new Set(leases.map(([, digest = '']) => digest));
  const lonely = all(seen, 'slugs').filter((digest) => /^[0-9a-f]{64}$/.test(digest) && !leased.has(digest));
  const appOf = new Map(seen.recorded.apps.map((app) => [app.name, app]));
  const ended = leases.filter(([, , name = '', sequence = '']) => {
    const app = appOf.get(name);
    if (app === undefined || seen.recorded.busy.has(app.id)) return false;
    const isRun = seen.here.some((instance) => instance.appId === app.id && instance.sequence === Number(sequence));
    // What the last operation leased, it may run elsewhere.
    return !isRun && Number(sequence) < (seen.recorded.sequences.get(app.id) ?? 0);
  });
  return [
    ...lonely.map((subject): Drift => ({ kind: 'slug-orphan', subject, detail: 'a slug that nobody leases' })),
    ...ended.map(([lease = '']): Drift => ({
      kind: 'lease-orphan',
      subject: lease,
      detail: 'the lease of instances that are gone',
    })),
  ];
}

/** Mounts of containers are in their own namespaces, those of builds in their own folder. */
function mounts(seen: Seen): Drift[] {
  const isOurs = (path: string) => /^\/srv\/dcdget\/(instances|slugs|images|apps)\//.test(path);
  return all(seen, 'mount')
    .filter(isOurs)
    .map((path) => ({ kind: 'unknown', subject: path, detail: 'a mount that nothing of dcdget makes' }));
}

function certificates(seen: Seen): Drift[] {
  const detail = 'its certificate ends within 30 days: then nothing is compiled there';
  return all(seen, 'certificate').map((subject) => ({ kind: 'certificate-ending', subject, detail }));
}
