import { randomUUID } from 'node:crypto';
import { DEFAULT_SIZE, formationOf, SIZES, type Formation, type SizeName } from '../domain/apps.ts';
import { DcdgetError } from '../domain/errors.ts';
import { instanceId, type Instance } from '../domain/instances.ts';
import { makesRelease, type Placement, type StepInput } from '../domain/operations.ts';
import { settingsOf } from '../domain/processes.ts';
import type { Release } from '../domain/releases.ts';
import { SLOTS_PER_SERVER, type Reservation, type Server } from '../domain/servers.ts';
import { appOf, idOf, releaseOf, versionOf } from './context.ts';
import type { ActivityDeps } from './deps.ts';

/** One instance that wants a place. */
export type Wish = { id: string; type: string; number: number; size: SizeName; memoryMb: number };
export type Place = { wish: Wish; server: Server; slot: number };

const ONE_OFF = { quantity: 1, size: DEFAULT_SIZE } as const;
/** Two writers of one server's reservations: the second reads again. */
const ATTEMPTS = 20;

export function createPlacementActivities(deps: ActivityDeps) {
  const { instances, operations, releases, servers } = deps.store;

  return {
    /** Chooses servers, slots and ports for every instance of the release, all of them or none. */
    async placeInstances({ operation }: StepInput): Promise<Placement> {
      const [app, release] = await Promise.all([appOf(deps, operation), releaseOf(deps, operation)]);
      const record = await operations.begun(operation.operationId);
      const types = Object.keys(release.slug?.processTypes ?? {});
      const formation = await operations.freezeFormation(record.id, formationOf(app.formation, types));
      const oneOff: Formation = makesRelease(record.kind) && types.includes('release') ? { release: ONE_OFF } : {};
      const all = wishesOf(app.name, { ...formation, ...oneOff }, release.version, operation.sequence);
      const [running, before] = await Promise.all([
        instances.list(app.id),
        app.currentVersion === null ? null : releases.findFrozen(app.id, app.currentVersion),
      ]);
      const kept = running.filter(({ id }) => record.keep.includes(id));
      // An instance that is kept has its place already.
      const wishes = all.filter((wish) => !kept.some((other) => isSameProcess(other, wish)));
      const places = await retried(() => reserve(wishes, app.id));
      const now = new Date();
      await Promise.all(
        places.map(({ wish, server, slot }) =>
          instances.add({
            id: wish.id,
            uuid: randomUUID(),
            appId: app.id,
            appName: app.name,
            version: release.version,
            sequence: operation.sequence,
            size: wish.size,
            type: wish.type,
            number: wish.number,
            serverId: server.id,
            serverName: server.name,
            slot,
            state: 'reserved',
            createdAt: now,
            updatedAt: now,
          }),
        ),
      );
      return {
        instances: wishes.filter(({ type }) => type !== 'release').map(({ id }) => id),
        servers: [...new Set(places.map(({ server }) => server.name))],
        oneOff: wishes.find(({ type }) => type === 'release')?.id ?? null,
        stopFirst: running
          .filter(({ state, sequence }) => sequence < operation.sequence && state !== 'retiring')
          .filter(({ id, type }) => !record.keep.includes(id) && isStoppedFirst([release, before], type))
          .map(({ id }) => id),
      };
    },

    /** Undo: the places of the release are free again. */
    async freePlacement({ operation }: StepInput): Promise<void> {
      const placed = await instances.list(idOf(operation), operation.sequence);
      for (const instance of placed) await forgetInstance(instance);
      const prefix = `${operation.subject}.`;
      const marker = `.v${versionOf(operation)}.${operation.sequence}`;
      const isOfRelease = ({ instanceId: id }: Reservation) => id.startsWith(prefix) && id.endsWith(marker);
      for (const { id } of await servers.list()) await freeOn(id, isOfRelease);
    },

    forgetInstance,
    reservePlaces: (wishes: readonly Wish[], appId: string) => retried(() => reserve(wishes, appId)),
  };

  /** The instance's record and place, gone together. */
  async function forgetInstance(instance: Instance): Promise<void> {
    await freeOn(instance.serverId, ({ instanceId: id }) => id === instance.id);
    await instances.remove(instance.id);
  }

  /** Null when somebody else changed a server meanwhile. */
  async function reserve(wishes: readonly Wish[], appId: string): Promise<Place[] | null> {
    const places = await placeOrWait(wishes, await servers.list());
    for (const server of new Set(places.map((found) => found.server))) {
      const added = places.filter((found) => found.server === server).map((found) => reservationOf(found, appId));
      const kept = server.reservations.filter(({ instanceId: id }) => !added.some((own) => own.instanceId === id));
      if (!(await servers.reserve(server, [...kept, ...added]))) return null;
    }
    return places;
  }

  /** Throws draining when there will be room once instances that serve nobody new have ended. */
  async function placeOrWait(wishes: readonly Wish[], all: readonly Server[]): Promise<Place[]> {
    try {
      return place(wishes, all);
    } catch (error) {
      if (!(error instanceof DcdgetError && error.code === 'no_capacity')) throw error;
      const leaving = await instances.listRetiring();
      const isLeaving = (id: string) => leaving.some((instance) => instance.id === id);
      const later = all.map((server) => ({
        ...server,
        reservations: server.reservations.filter(({ instanceId: id }) => !isLeaving(id)),
      }));
      place(wishes, later);
      throw new DcdgetError('draining', `${error.message} until old instances have ended`, { cause: error });
    }
  }

  function freeOn(serverId: string, isFreed: (reservation: Reservation) => boolean): Promise<true> {
    return retried(async () => {
      const server = await servers.get(serverId);
      const kept = server.reservations.filter((reservation) => !isFreed(reservation));
      if (kept.length === server.reservations.length) return true;
      return (await servers.reserve(server, kept)) ? true : null;
    });
  }
}

function isSameProcess(a: { type: string; number: number }, b: { type: string; number: number }): boolean {
  return a.type === b.type && a.number === b.number;
}

/** Whether one of the releases says so. A web process always starts first: visitors would find nobody. */
function isStoppedFirst(of: readonly (Release | null)[], type: string): boolean {
  return type !== 'web' && of.some((one) => settingsOf(one?.slug?.processSettings, type).rotation === 'stop-first');
}

async function retried<T>(act: () => Promise<T | null>): Promise<T> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const result = await act();
    if (result !== null) return result;
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 20 * (attempt + 1)));
  }
  throw new DcdgetError('unavailable', 'Too many operations change the same server at once');
}

export function wishesOf(app: string, formation: Formation, version: number, sequence: number): Wish[] {
  return Object.entries(formation).flatMap(([type, { quantity, size }]) =>
    Array.from({ length: quantity }, (_, index) => ({
      id: instanceId(app, type, index + 1, version, sequence),
      type,
      number: index + 1,
      size: size ?? DEFAULT_SIZE,
      memoryMb: SIZES[size ?? DEFAULT_SIZE].memoryMb,
    })),
  );
}

/**
 * Each wish on the app server with the fewest of its type, then with the most free memory; a wish that
 * already has its place keeps it. Throws no_server, no_capacity.
 */
export function place(wishes: readonly Wish[], servers: readonly Server[]): Place[] {
  if (wishes.length === 0) return [];
  const able = servers.filter(({ roles, state }) => state === 'ready' && roles.includes('app'));
  if (able.length === 0) {
    throw new DcdgetError('no_server', 'No server has the role app', {
      hint: 'Add one: dcdget servers:add --role app',
    });
  }
  const places: Place[] = [];
  for (const wish of wishes) places.push(placeOne(wish, able, places));
  return places;
}

function placeOne(wish: Wish, servers: readonly Server[], places: readonly Place[]): Place {
  for (const server of servers) {
    const held = server.reservations.find(({ instanceId: id }) => id === wish.id);
    if (held !== undefined) return { wish, server, slot: held.slot };
  }
  const options = servers
    .map((server) => ({
      server,
      free: server.memoryMb - usedMb(server, places),
      same: places.filter((other) => other.server === server && other.wish.type === wish.type).length,
    }))
    .filter(({ free }) => free >= wish.memoryMb)
    .toSorted((a, b) => a.same - b.same || b.free - a.free || (a.server.name < b.server.name ? -1 : 1));
  const chosen = options[0]?.server;
  const slot = chosen === undefined ? undefined : freeSlot(chosen, places);
  if (chosen !== undefined && slot !== undefined) return { wish, server: chosen, slot };
  throw new DcdgetError('no_capacity', `No server has ${wish.memoryMb} MB free for ${wish.type}.${wish.number}`, {
    hint: 'Old and new run side by side during a deploy. Add a server, or choose a smaller size.',
  });
}

function usedMb(server: Server, places: readonly Place[]): number {
  const reserved = server.reservations.reduce((sum, { memoryMb }) => sum + memoryMb, 0);
  const isNew = (id: string) => !server.reservations.some((held) => held.instanceId === id);
  return places
    .filter((other) => other.server === server && isNew(other.wish.id))
    .reduce((sum, { wish }) => sum + wish.memoryMb, reserved);
}

function freeSlot(server: Server, places: readonly Place[]): number | undefined {
  const taken = new Set([
    ...server.reservations.map(({ slot }) => slot),
    ...places.filter((other) => other.server === server).map(({ slot }) => slot),
  ]);
  for (let slot = 0; slot < SLOTS_PER_SERVER; slot += 1) if (!taken.has(slot)) return slot;
  return undefined;
}

function reservationOf({ wish, slot }: Place, appId: string): Reservation {
  return { instanceId: wish.id, slot, memoryMb: wish.memoryMb, appId };
}
