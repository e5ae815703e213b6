import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { Args, Flags } from '@oclif/core';
import { bold } from 'ansis';
import type { Branch } from '../api-types.ts';
import { appArgument, appFlag, DcdgetCommand, requireApp } from '../base-command.ts';
import { readConnection } from '../connection.ts';
import { CliError, EXIT, usageError } from '../errors.ts';
import { gitSettings, remoteUrl } from '../git-config.ts';

const remoteFlag = Flags.string({ char: 'r', default: 'dcdget', helpValue: 'NAME', description: 'name of the remote' });
const REMOTE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

type Remote = { remote: string; url: string };

export class GitRemote extends DcdgetCommand {
  static override summary = "Make an app's repository a remote of this one, so that git push deploys.";
  static override description =
    'Also tells git, for this dcdget alone, to ask this command line for the token, and which CA to trust.';
  static override args = { app: appArgument };
  static override flags = { app: appFlag, remote: remoteFlag };
  static override examples = ['<%= config.bin %> git:remote -a hello-node', 'git push dcdget main'];

  async run(): Promise<Remote> {
    const { args, flags } = await this.parse(GitRemote);
    const remote = checkedRemote(flags.remote);
    const app = await this.api.app(requireApp(args.app, flags.app));
    if ((await git(['rev-parse', '--git-dir'], 'quiet')) !== 0)
      throw usageError('This folder is in no git repository.', 'Make one with: git init');
    const connection = readConnection(process.env);
    const url = remoteUrl(connection, app.name);
    this.#warnOfOtherCa(connection.ca);
    for (const { key, values } of gitSettings(connection, process.env)) await configure(key, values);
    const isThere = (await git(['config', '--local', '--get', `remote.${remote}.url`], 'quiet')) === 0;
    await must(['remote', isThere ? 'set-url' : 'add', remote, url]);
    this.log(`${bold(remote)} is ${url}`);
    this.log(`Deploy with: git push ${remote} main`);
    return { remote, url };
  }

  #warnOfOtherCa(ca: string | undefined): void {
    if (ca === undefined || !process.env['GIT_SSL_CAINFO']) return;
    this.logToStderr(
      'GIT_SSL_CAINFO of this shell wins over the CA that is set here: unset it, or git will not trust it.',
    );
  }
}

export class GitClone extends DcdgetCommand {
  static override summary = "Clone an app's repository: what was pushed and deployed last.";
  static override args = {
    folder: Args.string({ description: "where to [default: the app's name]", ignoreStdin: true }),
  };
  static override flags = { app: appFlag, remote: remoteFlag };

  async run(): Promise<Remote & { folder: string }> {
    const { args, flags } = await this.parse(GitClone);
    const remote = checkedRemote(flags.remote);
    const app = await this.api.app(requireApp(flags.app));
    const folder = args.folder ?? app.name;
    const connection = readConnection(process.env);
    const url = remoteUrl(connection, app.name);
    const settings = gitSettings(connection, process.env).flatMap(({ key, values }) =>
      values.flatMap((value) => ['-c', `${key}=${value}`]),
    );
    await must(['clone', '--origin', remote, ...settings, '--', url, folder]);
    return { remote, url, folder };
  }
}

export class GitBranch extends DcdgetCommand {
  static override summary = 'Show or choose the branch that deploys when it is pushed.';
  static override args = { branch: Args.string({ description: 'its name', ignoreStdin: true }) };
  static override flags = {
    app: appFlag,
    usual: Flags.boolean({ description: 'main and master deploy again', default: false }),
  };
  static override examples = ['<%= config.bin %> git:branch production -a hello-node'];

  async run(): Promise<Branch> {
    const { args, flags } = await this.parse(GitBranch);
    const app = requireApp(flags.app);
    if (flags.usual && args.branch !== undefined) throw usageError('Give a branch or --usual, not both.');
    const isChange = flags.usual || args.branch !== undefined;
    const branch = await (isChange ? this.api.chooseBranch(app, args.branch ?? null) : this.api.branch(app));
    this.log(`${bold(branch.deploys.join(' or '))} deploys to ${bold(app)} when pushed`);
    if (branch.commit !== null) this.log(`${branch.name ?? ''} is at ${branch.commit}`);
    return branch;
  }
}

/** What git asks for the token: https://git-scm.com/docs/git-credential. */
export class GitCredentials extends DcdgetCommand {
  static override hidden = true;
  static override summary = 'Answer git, which asks for the token of this dcdget.';
  static override args = { verb: Args.string({ required: true, ignoreStdin: true }) };

  async run(): Promise<void> {
    const { args } = await this.parse(GitCredentials);
    const asked = Object.fromEntries((await text(process.stdin)).split('\n').map((line) => line.split(/=(.*)/s, 2)));
    if (args.verb !== 'get') return;
    const { url, token } = readConnection(process.env);
    // The token goes to its own dcdget only.
    if (`${asked['protocol']}:` !== url.protocol || asked['host'] !== url.host) return;
    this.print(['username=dcdget', `password=${token}`]);
  }
}

function checkedRemote(name: string): string {
  if (REMOTE_NAME.test(name) && !name.endsWith('.lock') && !name.includes('..')) return name;
  throw usageError(`${JSON.stringify(name)} cannot be the name of a remote.`);
}

async function configure(key: string, values: readonly string[]): Promise<void> {
  // Exits with 5 when there was none.
  await git(['config', '--local', '--unset-all', key], 'quiet');
  for (const value of values) await must(['config', '--local', '--add', key, value]);
}

async function must(words: readonly string[]): Promise<void> {
  const code = await git(words, 'shown');
  if (code !== 0) throw new CliError('git_failed', `git ${words[0] ?? ''} exited ${code}.`, { exitCode: EXIT.failed });
}

/** What git prints goes to stderr, where it does not mix with --json. */
async function git(words: readonly string[], output: 'shown' | 'quiet'): Promise<number> {
  const shown = output === 'shown' ? process.stderr : 'ignore';
  const child = spawn('git', words, { stdio: ['inherit', shown, shown] });
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    return code ?? EXIT.interrupted;
  } catch (cause) {
    throw new CliError('no_git', 'git cannot be started.', { hint: 'Install git.', cause });
  }
}
