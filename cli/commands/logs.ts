import { once } from 'node:events';
import { Flags } from '@oclif/core';
import { dim } from 'ansis';
import { appFlag, DcdgetCommand, requireApp } from '../base-command.ts';
import { logLines } from '../log-lines.ts';
import { shownLog } from '../shown-log.ts';

export class Logs extends DcdgetCommand {
  static override summary = 'Show what the processes of an app print, and what dcdget has to say about them.';
  static override enableJsonFlag = false;
  static override flags = {
    app: appFlag,
    num: Flags.integer({ char: 'n', default: 100, min: 0, max: 1500, helpValue: 'N', description: 'lines before now' }),
    tail: Flags.boolean({ char: 't', default: false, description: 'go on with the lines that come; Ctrl-C ends it' }),
    ps: Flags.string({ char: 'p', helpValue: 'NAME', description: 'one process (web.1) or all of a type (web)' }),
    source: Flags.string({
      char: 's',
      options: ['app', 'dcdget'],
      description: 'what processes print, or what dcdget says',
    }),
    raw: Flags.boolean({ description: 'leave escape sequences as they are: they may do anything to your terminal' }),
  };
  static override examples = [
    '<%= config.bin %> logs --app hello',
    '<%= config.bin %> logs --tail --ps web.1 --app hello',
    '<%= config.bin %> logs -n 1500 --source dcdget --app hello',
  ];

  async run(): Promise<void> {
    const { flags } = await this.parse(Logs);
    const { num: lines, tail, ps = null, source = null, raw } = flags;
    const wanted = { lines, tail, dyno: ps, source };
    for await (const news of logLines(this.api, requireApp(flags.app), wanted)) {
      if ('lines' in news) await write(news.lines.map((line) => `${shownLog(line, raw)}\n`).join(''));
      else process.stderr.write(dim(`… ${news.disconnected} Connecting again.`) + '\n');
    }
  }
}

/** As fast as the reader takes it. */
async function write(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}
