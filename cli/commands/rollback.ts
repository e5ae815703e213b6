import { Args } from '@oclif/core';
import { bold, green } from 'ansis';
import { appFlag, DcdgetCommand, requireApp } from '../base-command.ts';
import type { Operation, Release } from '../api-types.ts';
import { CliError } from '../errors.ts';
import { tookOf } from '../follow-operation.ts';

type RolledBack = { release: Release; operation: Operation };

export class Rollback extends DcdgetCommand {
  static override summary = 'Go back to a release: its code and its config vars, under a new number.';
  static override aliases = ['releases:rollback'];
  static override args = {
    release: Args.string({ description: 'its version, such as v3 [default: the one before]', ignoreStdin: true }),
  };
  static override flags = { app: appFlag };

  async run(): Promise<RolledBack> {
    const { args, flags } = await this.parse(Rollback);
    const app = requireApp(flags.app);
    const target = args.release ?? (await this.#before(app));
    const { value: release, operationId } = await this.api.rollBack(app, target);
    this.log(`${release.description} of ${bold(app)}, as v${release.version}`);
    if (operationId === undefined) throw new CliError('unexpected_answer', 'The rollback started no operation.');
    const operation = await this.followToSuccess(operationId);
    this.print(['', `${green('✔')} ${bold(`${app} v${release.version} is live`)}${tookOf(operation)}`]);
    return { release, operation };
  }

  /** The newest release before the current one that can be gone back to. */
  async #before(app: string): Promise<string> {
    const releases = await this.api.releases(app);
    const current = releases.find((release) => release.current)?.version ?? 0;
    const versions = releases.filter((release) => release.eligible_for_rollback && release.version < current);
    if (versions.length === 0) throw new CliError('not_found', `${app} has no release to go back to.`);
    return `v${Math.max(...versions.map(({ version }) => version))}`;
  }
}
