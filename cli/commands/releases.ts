import { Args, Flags } from '@oclif/core';
import { bold } from 'ansis';
import { appFlag, DcdgetCommand, requireApp } from '../base-command.ts';
import type { Release } from '../api-types.ts';
import { formatTime } from '../durations.ts';
import { CliError } from '../errors.ts';
import { plainLine } from '../plain-text.ts';
import { facts, table } from '../table.ts';

export class Releases extends DcdgetCommand {
  static override summary = 'List the releases of an app, newest first.';
  static override flags = {
    app: appFlag,
    num: Flags.integer({ char: 'n', default: 15, min: 1, helpValue: 'N', description: 'how many' }),
  };

  async run(): Promise<Release[]> {
    const { flags } = await this.parse(Releases);
    const releases = await this.api.releases(requireApp(flags.app), flags.num);
    if (releases.length === 0) this.log('No releases yet.');
    else this.print(table(['RELEASE', 'STATE', 'WHAT', 'BY', 'WHEN'], releases.map(rowOf)));
    return releases;
  }
}

function rowOf(release: Release): string[] {
  const { version, description, user, created_at } = release;
  return [`v${version}`, stateOf(release), plainLine(description), user.email, formatTime(created_at)];
}

function stateOf({ current, status }: Release): string {
  return current ? `${status}, current` : status;
}

export class ReleasesInfo extends DcdgetCommand {
  static override summary = 'Show a release: the current one, or the one given.';
  static override args = {
    release: Args.string({ description: 'its version, such as v3', ignoreStdin: true }),
  };
  static override flags = { app: appFlag };

  async run(): Promise<Release> {
    const { args, flags } = await this.parse(ReleasesInfo);
    const app = requireApp(flags.app);
    const release = args.release === undefined ? await this.#current(app) : await this.api.release(app, args.release);
    this.print(releaseLines(app, release));
    return release;
  }

  async #current(app: string): Promise<Release> {
    const release = (await this.api.releases(app)).find(({ current }) => current);
    if (release === undefined) throw new CliError('not_found', `${app} has no current release yet.`);
    return release;
  }
}

function releaseLines(app: string, release: Release): string[] {
  return [
    bold(`${app} v${release.version}`),
    ...facts([
      ['State', stateOf(release)],
      ['What', plainLine(release.description)],
      ['By', release.user.email],
      ['When', formatTime(release.created_at)],
      ['Slug', release.slug?.id ?? null],
    ]),
  ];
}
