import type { Command } from '@oclif/core';
import { Apps, AppsCreate, AppsDestroy, AppsInfo } from './commands/apps.ts';
import { Config, ConfigGet, ConfigSet, ConfigUnset } from './commands/config.ts';
import { Deploy } from './commands/deploy.ts';
import { Login, Logout } from './commands/login.ts';
import { Operations, OperationsInfo, OperationsWatch } from './commands/operations.ts';
import { Ps } from './commands/ps.ts';
import { Releases, ReleasesInfo } from './commands/releases.ts';
import { Servers, ServersAdd, ServersInfo } from './commands/servers.ts';

/** Every command by its name. */
export const COMMANDS: Readonly<Record<string, Command.Class>> = {
  apps: Apps,
  'apps:create': AppsCreate,
  'apps:destroy': AppsDestroy,
  'apps:info': AppsInfo,
  config: Config,
  'config:get': ConfigGet,
  'config:set': ConfigSet,
  'config:unset': ConfigUnset,
  deploy: Deploy,
  login: Login,
  logout: Logout,
  operations: Operations,
  'operations:info': OperationsInfo,
  'operations:watch': OperationsWatch,
  ps: Ps,
  releases: Releases,
  'releases:info': ReleasesInfo,
  servers: Servers,
  'servers:add': ServersAdd,
  'servers:info': ServersInfo,
};
