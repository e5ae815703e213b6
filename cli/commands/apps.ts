import { Args, Flags } from '@oclif/core';
import { bold } from 'ansis';
import { appArgument, appFlag, DcdgetCommand, requireApp } from '../base-command.ts';
import type { App, Dyno, Operation, Release } from '../api-types.ts';
import { formatTime } from '../durations.ts';
import { usageError } from '../errors.ts';
import { tookOf } from '../follow-operation.ts';
import { ask } from '../prompt.ts';
import { facts, table } from '../table.ts';

export class Apps extends DcdgetCommand {
  static override summary = 'List the apps.';

  async run(): Promise<App[]> {
    await this.parse(Apps);
    const apps = await this.api.apps();
    if (apps.length === 0) this.log('No apps yet. Make one with: dcdget apps:create');
    else this.print(table(['APP', 'URL', 'OWNER', 'RELEASED'], apps.map(rowOf)));
    return apps;
  }
}

function rowOf(app: App): string[] {
  return [app.name, app.web_url, app.owner.email, formatTime(app.released_at)];
}

export class AppsCreate extends DcdgetCommand {
  static override summary = 'Create an app.';
  static override args = {
    name: Args.string({ description: 'its name, or none to be given one', ignoreStdin: true }),
  };
  static override examples = ['<%= config.bin %> apps:create hello-node'];

  async run(): Promise<App> {
    const { args } = await this.parse(AppsCreate);
    const app = await this.api.createApp(args.name);
    this.log(`${bold(app.name)} is created; it will answer at ${app.web_url}`);
    this.log(`Deploy to it with: dcdget deploy --app ${app.name}`);
    return app;
  }
}

type AppDetails = { app: App; release: Release | null; dynos: Dyno[] };

export class AppsInfo extends DcdgetCommand {
  static override summary = 'Show an app.';
  static override args = { app: appArgument };
  static override flags = { app: appFlag };

  async run(): Promise<AppDetails> {
    const { args, flags } = await this.parse(AppsInfo);
    const name = requireApp(args.app, flags.app);
    const [app, releases, dynos] = await Promise.all([
      this.api.app(name),
      this.api.releases(name),
      this.api.dynos(name),
    ]);
    const release = releases.find(({ current }) => current) ?? null;
    this.print(appLines(app, release, dynos));
    return { app, release, dynos };
  }
}

function appLines(app: App, release: Release | null, dynos: Dyno[]): string[] {
  const current = release === null ? 'none yet' : `v${release.version}, ${release.description}`;
  return [
    bold(app.name),
    ...facts([
      ['URL', app.web_url],
      ['Owner', app.owner.email],
      ['Stack', app.stack.name],
      ['Release', current],
      ['Processes', dynos.length === 0 ? 'none' : dynos.map(({ name, state }) => `${name} ${state}`).join(', ')],
      ['Maintenance', app.mode === 'paused' ? 'off, but paused' : app.maintenance ? 'on' : 'off'],
      ['Created', formatTime(app.created_at)],
      ['Released', formatTime(app.released_at)],
    ]),
  ];
}

export class AppsDestroy extends DcdgetCommand {
  static override summary = 'Destroy an app with its releases, config and logs. Nothing of it is kept.';
  static override args = { app: appArgument };
  static override flags = {
    app: appFlag,
    force: Flags.boolean({ description: 'give up what waits, and what waits for an operator, before' }),
    confirm: Flags.string({ helpValue: 'NAME', description: "the app's name again, instead of being asked" }),
  };

  async run(): Promise<App | Operation> {
    const { args, flags } = await this.parse(AppsDestroy);
    const app = await this.api.app(requireApp(args.app, flags.app));
    await this.#assertMeant(app, flags.confirm);
    const { operationId } = await this.api.destroyApp(app.name, flags.force);
    if (operationId === undefined) return app;
    const operation = await this.followToSuccess(operationId);
    this.log(`${bold(app.name)} is gone${tookOf(operation)}.`);
    return operation;
  }

  async #assertMeant(app: App, confirmation: string | undefined): Promise<void> {
    const hint = `Say so with --confirm ${app.name}`;
    const answer = confirmation ?? (await ask(`This destroys ${app.name} for good. Its name, to confirm: `, hint));
    if (answer !== app.name)
      throw usageError(`${JSON.stringify(answer)} is not ${app.name}: nothing was changed.`, hint);
  }
}
