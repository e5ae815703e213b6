import { bold } from 'ansis';
import { appFlag, DcdgetCommand, requireApp } from '../base-command.ts';
import type { Dyno, FormationEntry } from '../api-types.ts';
import { formatTime } from '../durations.ts';
import { plainLine } from '../plain-text.ts';
import { table } from '../table.ts';

type Processes = { formation: FormationEntry[]; dynos: Dyno[] };

export class Ps extends DcdgetCommand {
  static override summary = 'Show the processes of an app: how many are wanted and which run.';
  static override flags = { app: appFlag };

  async run(): Promise<Processes> {
    const { flags } = await this.parse(Ps);
    const app = requireApp(flags.app);
    const [formation, dynos] = await Promise.all([this.api.formation(app), this.api.dynos(app)]);
    if (formation.length === 0) this.log(`${app} has no processes yet. Deploy to it with: dcdget deploy --app ${app}`);
    for (const entry of formation) this.print(entryLines(entry, dynos));
    return { formation, dynos };
  }
}

function entryLines(entry: FormationEntry, dynos: Dyno[]): string[] {
  const own = dynos.filter(({ type }) => type === entry.type);
  const head = `${bold(entry.type)} ${entry.quantity} × ${entry.size}: ${plainLine(entry.command)}`;
  if (own.length === 0) return [head, ''];
  const rows = own.map(({ name, state, release, updated_at }) => [
    name,
    state,
    `v${release.version}`,
    formatTime(updated_at),
  ]);
  return [head, ...table(['PROCESS', 'STATE', 'RELEASE', 'SINCE'], rows), ''];
}
