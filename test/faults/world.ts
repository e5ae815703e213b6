import { processName, type Instance } from '../../domain/instances.ts';
import { containerAddressOf, hostPortOf } from '../../domain/servers.ts';
import { atRest } from '../rig/histories.ts';
import { listing } from '../rig/machine.ts';
import type { Subject } from './subject.ts';

/** What the record says of the app, and what there is of dcdget on the servers. */
export type World = {
  current: number;
  config: number;
  instances: Instance[];
  /** `server1: app.web.1.v2.3 at slot 4`, sorted. */
  reservations: string[];
  listing: string[];
};

export async function lookAt({ rig, store, app: { id } }: Subject): Promise<World> {
  const [app, instances, servers, found] = await Promise.all([
    store.apps.get(id),
    store.instances.list(id),
    store.servers.list(),
    listing(rig),
  ]);
  const reservations = servers.flatMap(({ name, reservations: held }) =>
    held.filter(({ appId }) => appId === id).map(({ instanceId, slot }) => reservation(name, { id: instanceId, slot })),
  );
  return {
    current: app.currentVersion ?? 0,
    config: app.configVersion,
    instances,
    reservations: reservations.toSorted(),
    listing: found.toSorted(),
  };
}

/** Old instances and slugs go beside the operations that follow: their end is waited for. */
export async function lookAtRest(subject: Subject): Promise<World> {
  await atRest(subject.rig);
  return lookAt(subject);
}

export function reservation(server: string, { id, slot }: Pick<Instance, 'id' | 'slot'>): string {
  return `${server}: ${id} at slot ${slot}`;
}

/** The lines of a listing that the recorded instances of the current release bring with them, and no others. */
export async function recordedLines({ rig, store, app }: Subject, { instances, current }: World): Promise<string[]> {
  const { slug } = await store.releases.get(app.id, current);
  const [router = ''] = rig.servers.map(({ name }) => name);
  const lines = [
    `${router}: route ${app.name}.json`,
    `${router}: host ${app.name}.${rig.environment['APPS_DOMAIN'] ?? 'dcdget.localhost'} -> ../apps/${app.name}.json`,
    ...instances.flatMap((instance) => [
      `${instance.serverName}: apps ${app.name}`,
      `${instance.serverName}: slugs ${slug?.digest}`,
      `${instance.serverName}: lease ${slug?.digest}/${app.name}.${instance.sequence}`,
      ...linesOf(instance).map((line) => `${instance.serverName}: ${line}`),
    ]),
  ];
  return [...new Set(lines)];
}

function linesOf(instance: Instance): string[] {
  const { id, appName, slot } = instance;
  const port = hostPortOf(slot);
  const process = processName(instance);
  return [
    `unit dcdget@${id}.service active`,
    `boot dcdget@${id}.service`,
    `container ${id} running`,
    `instances ${id}`,
    `link ${appName}/${process} -> ../../instances/${id}`,
    `veth dcd${port}`,
    `port ${port} : ${containerAddressOf(slot)} . 5000`,
  ];
}
