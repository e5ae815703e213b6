import { Args, Flags } from '@oclif/core';
import { bold, cyan } from 'ansis';
import { buffer } from 'node:stream/consumers';
import { appFlag, DcdgetCommand, requireApp } from '../base-command.ts';
import type { ConfigVars, Operation } from '../api-types.ts';
import type { Change } from '../api.ts';
import { CliError, usageError } from '../errors.ts';
import { tookOf } from '../follow-operation.ts';

export class Config extends DcdgetCommand {
  static override summary = 'Show the config vars of an app.';
  static override flags = {
    app: appFlag,
    shell: Flags.boolean({ char: 's', description: 'as lines that a shell can read' }),
    build: Flags.boolean({ description: 'only those that builds are given' }),
  };

  async run(): Promise<ConfigVars> {
    const { flags } = await this.parse(Config);
    const app = requireApp(flags.app);
    const all = await this.api.configVars(app);
    const vars = flags.build ? await this.#givenToBuilds(app, all) : all;
    this.print(flags.shell ? shellLines(vars) : varLines(vars));
    return vars;
  }

  async #givenToBuilds(app: string, vars: ConfigVars): Promise<ConfigVars> {
    const names = await this.api.buildVars(app);
    return Object.fromEntries(Object.entries(vars).filter(([key]) => Object.hasOwn(names, key)));
  }
}

function varLines(vars: ConfigVars): string[] {
  const width = Math.max(0, ...Object.keys(vars).map((key) => key.length)) + 1;
  return sorted(vars).map(([key, value]) => `${cyan(`${key}:`.padEnd(width))} ${value}`);
}

function shellLines(vars: ConfigVars): string[] {
  return sorted(vars).map(([key, value]) => `${key}='${value.replaceAll("'", `'\\''`)}'`);
}

function sorted(vars: ConfigVars): [string, string][] {
  return Object.entries(vars).toSorted(([a], [b]) => a.localeCompare(b));
}

export class ConfigGet extends DcdgetCommand {
  static override summary = 'Show one config var.';
  static override args = { key: Args.string({ required: true, description: 'its name', ignoreStdin: true }) };
  static override flags = { app: appFlag };

  async run(): Promise<{ key: string; value: string }> {
    const { args, flags } = await this.parse(ConfigGet);
    const app = requireApp(flags.app);
    const value = (await this.api.configVars(app))[args.key];
    if (value === undefined) throw new CliError('not_found', `${app} has no config var ${args.key}.`);
    this.log(value);
    return { key: args.key, value };
  }
}

type ConfigChanged = { config_vars: ConfigVars; operation: Operation | null };

abstract class ConfigChange extends DcdgetCommand {
  protected async giveToBuilds(app: string, keys: readonly string[], given: boolean): Promise<void> {
    await this.api.changeBuildVars(app, Object.fromEntries(keys.map((key) => [key, given])));
  }

  /** Follows the release that the change makes, when it makes one. */
  protected async finish(app: string, what: string, change: Change<ConfigVars>): Promise<ConfigChanged> {
    const { value, operationId } = change;
    const operation = operationId === undefined ? null : await this.followToSuccess(operationId);
    this.log(`${what} on ${bold(app)}${releaseOf(operation)}`);
    return { config_vars: value, operation };
  }
}

function releaseOf(operation: Operation | null): string {
  if (operation === null) return '; nothing had to be restarted.';
  const version = operation.release === null ? '' : `, live in v${operation.release.version}`;
  return `${version}${tookOf(operation)}.`;
}

export class ConfigSet extends ConfigChange {
  static override summary = 'Set config vars; the app moves to a release with them.';
  static override strict = false;
  static override args = { pairs: Args.string({ description: 'KEY=VALUE …', ignoreStdin: true }) };
  static override flags = {
    app: appFlag,
    build: Flags.boolean({ description: 'builds are given them, too, from the next deploy on', allowNo: true }),
    stdin: Flags.string({ helpValue: 'KEY', description: 'set KEY to what comes on stdin, byte for byte' }),
  };
  static override usage = 'config:set KEY=VALUE… [--app NAME] [--build] [--stdin KEY]';
  static override examples = [
    '<%= config.bin %> config:set GREETING=hello DEBUG=1 --app hello-node',
    '<%= config.bin %> config:set --build NPM_TOKEN=… --app hello-node',
    '<%= config.bin %> config:set --stdin TLS_KEY --app hello-node < key.pem',
  ];

  async run(): Promise<ConfigChanged> {
    const { argv, flags } = await this.parse(ConfigSet);
    const app = requireApp(flags.app);
    const vars = Object.fromEntries((argv as string[]).map(pairOf));
    if (flags.stdin !== undefined) vars[flags.stdin] = (await buffer(process.stdin)).toString('utf8');
    const keys = Object.keys(vars);
    if (keys.length === 0)
      throw usageError('Nothing to set.', 'Write KEY=VALUE, as in: dcdget config:set GREETING=hello');
    if (flags.build !== undefined) await this.giveToBuilds(app, keys, flags.build);
    return this.finish(app, `${keys.join(', ')} set`, await this.api.changeConfigVars(app, vars));
  }
}

function pairOf(text: string): [string, string] {
  const equals = text.indexOf('=');
  // The text may be a secret: it is not repeated.
  if (equals < 1) throw usageError('One of the arguments is not KEY=VALUE.', 'Quote values that hold spaces.');
  return [text.slice(0, equals), text.slice(equals + 1)];
}

export class ConfigUnset extends ConfigChange {
  static override summary = 'Remove config vars; the app moves to a release without them.';
  static override strict = false;
  static override args = { keys: Args.string({ required: true, description: 'KEY …', ignoreStdin: true }) };
  static override flags = { app: appFlag };
  static override usage = 'config:unset KEY… [--app NAME]';

  async run(): Promise<ConfigChanged> {
    const { argv, flags } = await this.parse(ConfigUnset);
    const app = requireApp(flags.app);
    const keys = argv as string[];
    const vars = Object.fromEntries(keys.map((key) => [key, null]));
    const change = await this.api.changeConfigVars(app, vars);
    // Whoever sets one of that name again has not said that builds shall have it.
    const given = await this.api.buildVars(app);
    const forgotten = keys.filter((key) => Object.hasOwn(given, key));
    if (forgotten.length > 0) await this.giveToBuilds(app, forgotten, false);
    return this.finish(app, `${keys.join(', ')} removed`, change);
  }
}
