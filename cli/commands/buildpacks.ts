import { Args, Flags } from '@oclif/core';
import { bold } from 'ansis';
import { appFlag, DcdgetCommand, requireApp } from '../base-command.ts';
import type { BuildpackInstallation } from '../api-types.ts';
import { CliError, usageError } from '../errors.ts';

const NEXT = 'Takes effect with the next deploy.';
const indexFlag = Flags.integer({ char: 'i', min: 1, description: 'its place in the list, from 1' });
const buildpackArgument = Args.string({
  description: 'heroku/nodejs, https://HOST/REPOSITORY[#REF] or https://HOST/ARCHIVE.tgz',
  ignoreStdin: true,
});

type Changed = { buildpacks: BuildpackInstallation[] };

export class Buildpacks extends DcdgetCommand {
  static override summary = 'Show the buildpacks of an app, in order.';
  static override flags = { app: appFlag };

  async run(): Promise<BuildpackInstallation[]> {
    const { flags } = await this.parse(Buildpacks);
    const app = requireApp(flags.app);
    const installed = await this.api.buildpacks(app);
    this.print(installed.length === 0 ? `${bold(app)} has no buildpack set: it is detected.` : numbered(installed));
    return installed;
  }
}

abstract class BuildpacksChange extends DcdgetCommand {
  /** Sends the whole list and shows what it has become. */
  protected async change(
    app: string,
    done: string,
    change: (names: readonly string[]) => readonly string[],
  ): Promise<Changed> {
    const names = (await this.api.buildpacks(app)).map(({ buildpack }) => buildpack.name);
    const buildpacks = await this.api.setBuildpacks(app, change(names));
    this.print([`${done} ${NEXT}`, ...numbered(buildpacks)]);
    return { buildpacks };
  }
}

export class BuildpacksSet extends BuildpacksChange {
  static override summary = 'Set the buildpack at a place of the list, the first one unless told.';
  static override args = { buildpack: { ...buildpackArgument, required: true } };
  static override flags = { app: appFlag, index: indexFlag };
  static override examples = [
    '<%= config.bin %> buildpacks:set heroku/nodejs --app hello-node',
    '<%= config.bin %> buildpacks:set https://github.com/heroku/heroku-buildpack-php#v250 --app hello-php',
  ];

  async run(): Promise<Changed> {
    const { args, flags } = await this.parse(BuildpacksSet);
    const app = requireApp(flags.app);
    const { buildpack = '' } = args;
    return this.change(app, `Buildpack set on ${bold(app)}.`, (names) =>
      names.toSpliced((flags.index ?? 1) - 1, 1, buildpack),
    );
  }
}

export class BuildpacksAdd extends BuildpacksChange {
  static override summary = 'Add a buildpack, at the end of the list unless told where.';
  static override args = { buildpack: { ...buildpackArgument, required: true } };
  static override flags = { app: appFlag, index: indexFlag };

  async run(): Promise<Changed> {
    const { args, flags } = await this.parse(BuildpacksAdd);
    const app = requireApp(flags.app);
    const { buildpack = '' } = args;
    return this.change(app, `Buildpack added to ${bold(app)}.`, (names) =>
      names.toSpliced((flags.index ?? names.length + 1) - 1, 0, buildpack),
    );
  }
}

export class BuildpacksRemove extends BuildpacksChange {
  static override summary = 'Remove a buildpack, by name or by its place in the list.';
  static override args = { buildpack: buildpackArgument };
  static override flags = { app: appFlag, index: indexFlag };

  async run(): Promise<Changed> {
    const { args, flags } = await this.parse(BuildpacksRemove);
    const app = requireApp(flags.app);
    if ((args.buildpack === undefined) === (flags.index === undefined))
      throw usageError('Which buildpack?', 'Give its name, or its place in the list with --index.');
    return this.change(app, `Buildpack removed from ${bold(app)}.`, (names) => {
      const place = flags.index === undefined ? placeOf(names, args.buildpack ?? '') : flags.index - 1;
      if (names[place] === undefined) throw new CliError('not_found', `${app} has no such buildpack.`);
      return names.toSpliced(place, 1);
    });
  }
}

export class BuildpacksClear extends BuildpacksChange {
  static override summary = 'Remove all buildpacks: which one is needed is detected again.';
  static override flags = { app: appFlag };

  async run(): Promise<Changed> {
    const { flags } = await this.parse(BuildpacksClear);
    const app = requireApp(flags.app);
    return this.change(app, `Buildpacks cleared on ${bold(app)}.`, () => []);
  }
}

/** People write nodejs for heroku/nodejs. */
function placeOf(names: readonly string[], name: string): number {
  return names.findIndex((other) => other === name || other === `heroku/${name}`);
}

function numbered(installed: readonly BuildpackInstallation[]): string[] {
  return installed.map(({ ordinal, buildpack }) => `${ordinal + 1}. ${buildpack.name}`);
}
