import { Args, Flags } from '@oclif/core';
import { bold, green, red, yellow } from 'ansis';
import { DcdgetCommand } from '../base-command.ts';
import type { NewServer, Operation, Role, Server, ServerCheck } from '../api-types.ts';
import type { Change } from '../api.ts';
import { formatAge, formatTime } from '../durations.ts';
import { CliError, EXIT, usageError } from '../errors.ts';
import { tookOf } from '../follow-operation.ts';
import { plainLine } from '../plain-text.ts';
import { confirm, declined } from '../prompt.ts';
import { facts, table } from '../table.ts';

const nameArgument = Args.string({ required: true, description: 'name of the server', ignoreStdin: true });

export class Servers extends DcdgetCommand {
  static override summary = 'List the servers.';

  async run(): Promise<Server[]> {
    await this.parse(Servers);
    const servers = await this.api.servers();
    if (servers.length === 0) this.log('No servers yet. Add one with: dcdget servers:add NAME --host ADDRESS');
    else this.print(table(['SERVER', 'ADDRESS', 'ROLES', 'STATE', 'INSTANCES'], servers.map(rowOf)));
    return servers;
  }
}

function rowOf(server: Server): string[] {
  return [server.name, addressOf(server), server.roles.join(', '), server.state, String(server.instances)];
}

function addressOf({ user, host, port }: Server): string {
  return `${user}@${host}:${port}`;
}

export class ServersInfo extends DcdgetCommand {
  static override summary = 'Show a server.';
  static override args = { name: nameArgument };

  async run(): Promise<Server> {
    const { args } = await this.parse(ServersInfo);
    const server = await this.api.server(args.name);
    this.print([
      bold(server.name),
      ...facts([
        ['Address', addressOf(server)],
        ['Roles', server.roles.join(', ')],
        ['State', server.state],
        ['Host key', server.host_key_fingerprint],
        ['Memory', `${server.memory_mb} MB for instances`],
        ['Instances', server.instances],
        ['Added', formatTime(server.created_at)],
        ['Changed', formatTime(server.updated_at)],
      ]),
    ]);
    return server;
  }
}

type Added = { server: Server; operation: Operation | null };
type Trust = { fingerprint: string | undefined; yes: boolean };

export class ServersAdd extends DcdgetCommand {
  static override summary = 'Add a Linux server, reached by SSH, and set it up.';
  static override description = `Its host key is pinned. Without --host-key, the key that the server shows is taken only if it has the --fingerprint given, or if you say yes to its fingerprint (--yes says so unseen).`;
  static override args = { name: nameArgument };
  static override flags = {
    host: Flags.string({ required: true, helpValue: 'ADDRESS', description: 'host name or address' }),
    port: Flags.integer({ default: 22, min: 1, max: 65_535, helpValue: 'PORT', description: 'port of its SSH' }),
    user: Flags.string({ default: 'root', helpValue: 'NAME', description: 'user to log in as' }),
    role: Flags.string({ default: 'app,router,build', helpValue: 'ROLES', description: 'of app, router, build' }),
    'host-key': Flags.string({ helpValue: 'KEY', description: 'its host key, as in known_hosts: "ssh-ed25519 AAAA…"' }),
    fingerprint: Flags.string({
      helpValue: 'SHA256:…',
      description: 'fingerprint that its host key must have',
      exclusive: ['host-key'],
    }),
    yes: Flags.boolean({
      char: 'y',
      description: 'trust the host key it shows',
      exclusive: ['host-key', 'fingerprint'],
    }),
  };
  static override examples = ['<%= config.bin %> servers:add fra-1 --host 203.0.113.7 --role app,router'];

  async run(): Promise<Added> {
    const { args, flags } = await this.parse(ServersAdd);
    const asked: NewServer = {
      name: args.name,
      host: flags.host,
      port: flags.port,
      user: flags.user,
      roles: rolesOf(flags.role),
      ...(flags['host-key'] === undefined ? {} : { host_key: flags['host-key'] }),
    };
    const { value: server, operationId } = await this.#add(asked, { fingerprint: flags.fingerprint, yes: flags.yes });
    const operation = operationId === undefined ? null : await this.followToSuccess(operationId);
    this.print(`${green('✔')} ${bold(server.name)} is ready${operation === null ? '' : tookOf(operation)}`);
    return { server: operation === null ? server : await this.api.server(server.name), operation };
  }

  async #add(asked: NewServer, trust: Trust): Promise<Change<Server>> {
    try {
      return await this.api.addServer(asked);
    } catch (error) {
      const hostKey = unconfirmedKey(error);
      if (hostKey === undefined) throw error;
      await this.#assertTrusted(asked, hostKey.fingerprint, trust);
      return await this.api.addServer({ ...asked, host_key: hostKey.key });
    }
  }

  async #assertTrusted(asked: NewServer, fingerprint: string, trust: Trust): Promise<void> {
    this.log(`${asked.host} shows the host key ${bold(fingerprint)}`);
    if (trust.yes || trust.fingerprint === fingerprint) return;
    if (trust.fingerprint !== undefined) throw otherKey(asked, fingerprint);
    const hint = `If that is its key: --fingerprint ${fingerprint}`;
    if (!(await confirm('Is that its key?', hint))) throw declined();
  }
}

export class ServersProvision extends DcdgetCommand {
  static override summary = 'Set a server up again, as after an upgrade of dcdget; it serves on meanwhile.';
  static override args = { name: nameArgument };

  async run(): Promise<Added> {
    const { args } = await this.parse(ServersProvision);
    const { operationId } = await this.api.provisionServer(args.name);
    const operation = operationId === undefined ? null : await this.followToSuccess(operationId);
    this.print(`${green('✔')} ${bold(args.name)} is up to date${operation === null ? '' : tookOf(operation)}`);
    return { server: await this.api.server(args.name), operation };
  }
}

export class ServersCheck extends DcdgetCommand {
  static override summary = 'Compare servers with the record, and put right what differs.';
  static override description = `Looks for instances, ports, routes, slugs and folders that are missing or that no app has. What an operation works on is left alone. Exits 1 when something is left.`;
  static override args = {
    name: Args.string({ description: 'name of the server; all of them without it', ignoreStdin: true }),
  };
  static override flags = {
    repair: Flags.boolean({
      default: false,
      description: 'make anew what is missing, remove what has long been of no app',
    }),
    last: Flags.boolean({ description: 'show what the last check found', exclusive: ['repair'] }),
  };

  async run(): Promise<ServerCheck[]> {
    const { args, flags } = await this.parse(ServersCheck);
    const all = flags.last ? await this.api.serverChecks() : await this.api.checkServers(args.name, flags.repair);
    const checks = all.filter(({ server }) => args.name === undefined || server.name === args.name);
    if (checks.length === 0) this.log(flags.last ? 'No server was checked yet.' : 'There is no server to check.');
    this.print(checks.flatMap(checkLines));
    if (checks.some(isLeft)) process.exitCode = EXIT.failed;
    return checks;
  }
}

function isLeft({ state, drifts }: ServerCheck): boolean {
  return state !== 'checked' || drifts.some(({ repair }) => repair !== 'repaired');
}

function checkLines({ server, state, reason, busy, drifts, at }: ServerCheck): string[] {
  const when = `${formatTime(at)} (${formatAge(at)})`;
  if (state !== 'checked') return [`${red('✖')} ${bold(server.name)} ${plainLine(reason ?? state)}`, `  ${when}`, ''];
  const alone = busy.length === 0 ? [] : [`  left alone, being worked on: ${busy.join(', ')}`];
  if (drifts.length === 0) return [`${green('✔')} ${bold(server.name)} is as the record says, ${when}`, ...alone, ''];
  const rows = drifts.map((drift) => [
    drift.kind,
    plainLine(drift.subject),
    plainLine(drift.error ?? drift.detail),
    formatAge(drift.since),
    drift.repair,
  ]);
  const head = `${yellow('!')} ${bold(server.name)} differs from the record, ${when}`;
  return [head, ...alone, ...table(['FOUND', 'WHAT', 'WHY', 'SINCE', 'REPAIR'], rows), ''];
}

const ROLES: readonly Role[] = ['app', 'router', 'build'];

function rolesOf(text: string): Role[] {
  const words = text.split(',').map((word) => word.trim());
  const unknown = words.find((word) => !ROLES.some((role) => role === word));
  if (unknown === undefined) return ROLES.filter((role) => words.includes(role));
  throw usageError(
    `${JSON.stringify(unknown)} is not a role.`,
    'Roles are app, router and build, as in --role app,router',
  );
}

function unconfirmedKey(error: unknown): { key: string; fingerprint: string } | undefined {
  if (!(error instanceof CliError) || error.id !== 'host_key_unconfirmed') return undefined;
  const { host_key: key, fingerprint } = error.details;
  return typeof key === 'string' && typeof fingerprint === 'string' ? { key, fingerprint } : undefined;
}

function otherKey(asked: NewServer, fingerprint: string): CliError {
  return new CliError('host_key_mismatch', `The host key of ${asked.host} is ${fingerprint}, not the one given.`, {
    hint: 'Either the fingerprint is of another server, or someone answers in its place. Nothing was changed.',
  });
}
