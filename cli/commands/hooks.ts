import { Args, Flags } from '@oclif/core';
import { bold, dim } from 'ansis';
import type { Hook, HookWithSecret } from '../api-types.ts';
import { appFlag, DcdgetCommand, requireApp } from '../base-command.ts';
import { repositoryToken } from '../repository-token.ts';

const hookArgument = Args.string({ required: true, description: 'its id', ignoreStdin: true });

export class Hooks extends DcdgetCommand {
  static override summary = 'Show the hooks of an app, by which another service deploys it.';
  static override flags = { app: appFlag };

  async run(): Promise<Hook[]> {
    const { flags } = await this.parse(Hooks);
    const app = requireApp(flags.app);
    const hooks = await this.api.hooks(app);
    this.print(hooks.length === 0 ? `${bold(app)} has no hook.` : hooks.flatMap(described));
    return hooks;
  }
}

export class HooksAdd extends DcdgetCommand {
  static override summary = 'Make a hook: a push to a branch of a repository deploys.';
  static override description = `Give the address and the secret that it shows to the other service: as a webhook of GitHub for pushes, with application/json as the content type, or to a CI run that signs its own requests.

A private repository is opened by the token in DCDGET_GIT_TOKEN, or by one on stdin; the user before the @ of the URL goes with it.`;
  static override flags = {
    app: appFlag,
    git: Flags.string({ required: true, helpValue: 'URL', description: 'https://HOST/OWNER/NAME.git' }),
    branch: Flags.string({ default: 'main', description: 'the branch whose pushes deploy' }),
    'token-stdin': Flags.boolean({ description: "read the repository's token from stdin" }),
  };
  static override examples = ['<%= config.bin %> hooks:add --git https://github.com/ada/hello.git -a hello-node'];

  async run(): Promise<HookWithSecret> {
    const { flags } = await this.parse(HooksAdd);
    const app = requireApp(flags.app);
    const token = await repositoryToken(flags['token-stdin']);
    const hook = await this.api.createHook(app, { git: { url: flags.git, token }, branch: flags.branch });
    this.print([`Pushes to ${bold(hook.branch)} of ${hook.git.url} deploy ${bold(app)}.`, ...secretly(hook)]);
    return hook;
  }
}

export class HooksRotate extends DcdgetCommand {
  static override summary = 'Give a hook a new secret; the one before it ends at once.';
  static override args = { hook: hookArgument };
  static override flags = { app: appFlag };

  async run(): Promise<HookWithSecret> {
    const { args, flags } = await this.parse(HooksRotate);
    const hook = await this.api.rotateHook(requireApp(flags.app), args.hook);
    this.print(secretly(hook));
    return hook;
  }
}

export class HooksRemove extends DcdgetCommand {
  static override summary = 'Remove a hook: what it is sent deploys nothing any more.';
  static override args = { hook: hookArgument };
  static override flags = { app: appFlag };

  async run(): Promise<Hook> {
    const { args, flags } = await this.parse(HooksRemove);
    const app = requireApp(flags.app);
    const hook = await this.api.deleteHook(app, args.hook);
    this.print(`Hook removed from ${bold(app)}.`);
    return hook;
  }
}

function described({ id, git, branch, url, delivery }: Hook): string[] {
  const last = delivery === null ? 'nothing was delivered yet' : `${delivery.outcome}, ${delivery.at}`;
  return [`${bold(id)}  ${branch} of ${git.url}`, dim(`  ${url}`), dim(`  ${last}`)];
}

function secretly({ url, secret }: HookWithSecret): string[] {
  return [`Address: ${url}`, `Secret:  ${secret}`, dim('The secret is not shown again.')];
}
