import type { Settings } from '../config/settings.ts';
import { createApps, type Apps } from './apps.ts';
import { createAudit, type Audit } from './audit.ts';
import { openAuthority, type Authority } from './authority.ts';
import { createBranches, type Branches } from './branches.ts';
import { createBuilds, type Builds } from './builds.ts';
import { createChecks, type Checks } from './checks.ts';
import { createConfigs, type Configs } from './configs.ts';
import { openDatabase } from './database.ts';
import { createInstanceEvents, type InstanceEvents } from './instance-events.ts';
import { createHooks, type Hooks } from './hooks.ts';
import { createDrains, type Drains } from './drains.ts';
import { createInstances, type Instances } from './instances.ts';
import { createOperations, type Operations } from './operations.ts';
import { createOutput, type Output } from './output.ts';
import { createReleases, type Releases } from './releases.ts';
import { createSecrets } from './secrets.ts';
import { createServers, type Servers } from './servers.ts';
import { createSessions, type Sessions } from './sessions.ts';
import { createSignatures, type Signatures } from './signatures.ts';
import { createSteps, type Steps } from './steps.ts';
import { createUsers, type Users } from './users.ts';

export type Store = {
  apps: Apps;
  audit: Audit;
  authority: Authority;
  branches: Branches;
  builds: Builds;
  checks: Checks;
  configs: Configs;
  drains: Drains;
  instanceEvents: InstanceEvents;
  hooks: Hooks;
  instances: Instances;
  operations: Operations;
  output: Output;
  releases: Releases;
  servers: Servers;
  sessions: Sessions;
  signatures: Signatures;
  steps: Steps;
  users: Users;
  ping(): Promise<void>;
  close(): Promise<void>;
};

/** Opens the store, makes its indexes and, at first start, the private CA. */
export async function openStore(settings: Pick<Settings, 'store' | 'secretKey'>): Promise<Store> {
  const database = await openDatabase(settings.store);
  const secrets = createSecrets(settings.secretKey);
  const prepared = {
    apps: createApps(database),
    branches: createBranches(database),
    builds: createBuilds(database, secrets),
    configs: createConfigs(database, secrets),
    drains: createDrains(database),
    instanceEvents: createInstanceEvents(database),
    hooks: createHooks(database, secrets),
    instances: createInstances(database),
    operations: createOperations(database),
    output: createOutput(database),
    releases: createReleases(database),
    servers: createServers(database),
    sessions: createSessions(database, secrets),
    steps: createSteps(database),
    users: createUsers(database),
  };
  await Promise.all(Object.values(prepared).map((repository) => repository.prepare()));
  return {
    ...prepared,
    audit: createAudit(database),
    checks: createChecks(database),
    authority: await openAuthority(database, secrets),
    signatures: createSignatures(settings.secretKey),
    ping: database.ping,
    close: async () => {
      await prepared.steps.flush();
      await database.close();
    },
  };
}
