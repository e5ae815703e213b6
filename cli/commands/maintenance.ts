import { bold } from 'ansis';
import { appArgument, appFlag, DcdgetCommand, requireApp } from '../base-command.ts';
import type { App, Operation } from '../api-types.ts';
import type { Change } from '../api.ts';
import { tookOf } from '../follow-operation.ts';

export class Maintenance extends DcdgetCommand {
  static override summary = 'Show what visitors of an app get.';
  static override args = { app: appArgument };
  static override flags = { app: appFlag };

  async run(): Promise<App> {
    const { args, flags } = await this.parse(Maintenance);
    const app = await this.api.app(requireApp(args.app, flags.app));
    this.log(`${bold(app.name)}: ${MODES[app.mode]}`);
    return app;
  }
}

const MODES: Readonly<Record<App['mode'], string>> = {
  serving: 'maintenance is off',
  maintenance: 'maintenance is on, visitors get the maintenance page',
  paused: 'paused, requests are held for up to 30 s',
};

type ModeChanged = { app: App; operation: Operation | null };

abstract class ModeChange extends DcdgetCommand {
  /** Follows the operation until every router has the mode, when there is one. */
  protected async finish({ value: app, operationId }: Change<App>): Promise<ModeChanged> {
    const operation = operationId === undefined ? null : await this.followToSuccess(operationId);
    const took = operation === null ? '; nothing had to be changed' : tookOf(operation);
    this.log(`${bold(app.name)}: ${MODES[app.mode]}${took}.`);
    return { app, operation };
  }
}

export class MaintenanceOn extends ModeChange {
  static override summary = 'Give visitors a maintenance page; the processes go on.';
  static override args = { app: appArgument };
  static override flags = { app: appFlag };

  async run(): Promise<ModeChanged> {
    const { args, flags } = await this.parse(MaintenanceOn);
    return this.finish(await this.api.setMaintenance(requireApp(args.app, flags.app), true));
  }
}

export class MaintenanceOff extends ModeChange {
  static override summary = 'Give visitors the app again.';
  static override args = { app: appArgument };
  static override flags = { app: appFlag };

  async run(): Promise<ModeChanged> {
    const { args, flags } = await this.parse(MaintenanceOff);
    return this.finish(await this.api.setMaintenance(requireApp(args.app, flags.app), false));
  }
}

export class AppsPause extends ModeChange {
  static override summary = 'Hold the requests of an app, each for up to 30 s.';
  static override aliases = ['pause'];
  static override args = { app: appArgument };
  static override flags = { app: appFlag };

  async run(): Promise<ModeChanged> {
    const { args, flags } = await this.parse(AppsPause);
    return this.finish(await this.api.pause(requireApp(args.app, flags.app)));
  }
}

export class AppsResume extends ModeChange {
  static override summary = 'Let the held requests of a paused app through.';
  static override aliases = ['resume'];
  static override args = { app: appArgument };
  static override flags = { app: appFlag };

  async run(): Promise<ModeChanged> {
    const { args, flags } = await this.parse(AppsResume);
    return this.finish(await this.api.resume(requireApp(args.app, flags.app)));
  }
}
