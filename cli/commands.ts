import type { Command } from '@oclif/core';
import { Apps, AppsCreate, AppsDestroy, AppsInfo } from './commands/apps.ts';
import { Buildpacks, BuildpacksAdd, BuildpacksClear, BuildpacksRemove, BuildpacksSet } from './commands/buildpacks.ts';
import { BuildsCachePurge } from './commands/builds.ts';
import { Config, ConfigGet, ConfigSet, ConfigUnset } from './commands/config.ts';
import { Deploy } from './commands/deploy.ts';
import { Drains, DrainsAdd, DrainsRemove } from './commands/drains.ts';
import { GitBranch, GitClone, GitCredentials, GitRemote } from './commands/git.ts';
import { Hooks, HooksAdd, HooksRemove, HooksRotate } from './commands/hooks.ts';
import { Login, Logout } from './commands/login.ts';
import { Logs } from './commands/logs.ts';
import { LogsArchive } from './commands/logs-archive.ts';
import { AppsPause, AppsResume, Maintenance, MaintenanceOff, MaintenanceOn } from './commands/maintenance.ts';
import {
  Operations,
  OperationsCancel,
  OperationsInfo,
  OperationsRetry,
  OperationsSkip,
  OperationsUndo,
  OperationsWatch,
} from './commands/operations.ts';
import { Ps, PsRestart, PsScale, PsStop } from './commands/ps.ts';
import { Releases, ReleasesInfo } from './commands/releases.ts';
import { Rollback } from './commands/rollback.ts';
import { Run, RunAttach } from './commands/run.ts';
import { Servers, ServersAdd, ServersCheck, ServersInfo, ServersProvision } from './commands/servers.ts';

/** Every command by its name. */
export const COMMANDS: Readonly<Record<string, Command.Class>> = {
  apps: Apps,
  'apps:create': AppsCreate,
  'apps:destroy': AppsDestroy,
  'apps:info': AppsInfo,
  'apps:pause': AppsPause,
  'apps:resume': AppsResume,
  buildpacks: Buildpacks,
  'buildpacks:add': BuildpacksAdd,
  'buildpacks:clear': BuildpacksClear,
  'buildpacks:remove': BuildpacksRemove,
  'buildpacks:set': BuildpacksSet,
  'builds:cache:purge': BuildsCachePurge,
  config: Config,
  'config:get': ConfigGet,
  'config:set': ConfigSet,
  'config:unset': ConfigUnset,
  deploy: Deploy,
  drains: Drains,
  'drains:add': DrainsAdd,
  'drains:remove': DrainsRemove,
  'git:branch': GitBranch,
  'git:clone': GitClone,
  'git:credentials': GitCredentials,
  'git:remote': GitRemote,
  hooks: Hooks,
  'hooks:add': HooksAdd,
  'hooks:remove': HooksRemove,
  'hooks:rotate': HooksRotate,
  login: Login,
  logout: Logout,
  logs: Logs,
  'logs:archive': LogsArchive,
  maintenance: Maintenance,
  'maintenance:off': MaintenanceOff,
  'maintenance:on': MaintenanceOn,
  operations: Operations,
  'operations:cancel': OperationsCancel,
  'operations:info': OperationsInfo,
  'operations:retry': OperationsRetry,
  'operations:skip': OperationsSkip,
  'operations:undo': OperationsUndo,
  'operations:watch': OperationsWatch,
  ps: Ps,
  'ps:restart': PsRestart,
  'ps:scale': PsScale,
  'ps:stop': PsStop,
  releases: Releases,
  'releases:info': ReleasesInfo,
  rollback: Rollback,
  run: Run,
  'run:attach': RunAttach,
  servers: Servers,
  'servers:add': ServersAdd,
  'servers:check': ServersCheck,
  'servers:info': ServersInfo,
  'servers:provision': ServersProvision,
};
