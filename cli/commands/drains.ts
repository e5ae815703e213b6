import { Args } from '@oclif/core';
import { bold } from 'ansis';
import type { LogDrain } from '../api-types.ts';
import { appFlag, DcdgetCommand, requireApp } from '../base-command.ts';
import { formatTime } from '../durations.ts';
import { plainLine } from '../plain-text.ts';
import { table } from '../table.ts';

export class Drains extends DcdgetCommand {
  static override summary = "List where an app's log is sent too.";
  static override flags = { app: appFlag };

  async run(): Promise<LogDrain[]> {
    const { flags } = await this.parse(Drains);
    const app = requireApp(flags.app);
    const drains = await this.api.drains(app);
    if (drains.length === 0) this.log(`${app} has no drains. Add one with: dcdget drains:add URL --app ${app}`);
    else {
      const rows = drains.map(({ url, token, created_at }) => [plainLine(url), token, formatTime(created_at)]);
      this.print(table(['URL', 'TOKEN', 'SINCE'], rows));
    }
    return drains;
  }
}

export class DrainsAdd extends DcdgetCommand {
  static override summary = "Send an app's log to a collector too: https://… or syslog+tls://host:port.";
  static override args = { url: Args.string({ required: true, description: 'where to', ignoreStdin: true }) };
  static override flags = { app: appFlag };

  async run(): Promise<LogDrain> {
    const { args, flags } = await this.parse(DrainsAdd);
    const drain = await this.api.addDrain(requireApp(flags.app), args.url);
    this.log(`The log goes to ${bold(plainLine(drain.url))} too, as ${drain.token}.`);
    return drain;
  }
}

export class DrainsRemove extends DcdgetCommand {
  static override summary = "Send an app's log to a drain no more.";
  static override args = {
    drain: Args.string({ required: true, description: 'its URL or token', ignoreStdin: true }),
  };
  static override flags = { app: appFlag };

  async run(): Promise<LogDrain> {
    const { args, flags } = await this.parse(DrainsRemove);
    const drain = await this.api.removeDrain(requireApp(flags.app), args.drain);
    this.log(`The log goes to ${bold(plainLine(drain.url))} no more.`);
    return drain;
  }
}
