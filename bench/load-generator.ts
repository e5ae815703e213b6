import { createRecord } from './load-record.ts';
import { askSlowly, distrustConnections, sendAtRate } from './load-requests.ts';
import { keepSocket } from './load-socket.ts';
import type { FromGenerator, LoadPlan, ToGenerator } from './load.ts';

/** The generator's own process: nothing that its caller does delays what it sends. */
function generate(plan: LoadPlan): void {
  const record = createRecord();
  const steady = sendAtRate(plan, plan.rate, record);
  const slow = plan.slow ? askSlowly(plan, record) : null;
  const socket = plan.socketBudgetMs === null ? null : keepSocket(plan, plan.socketBudgetMs, record);

  process.on('message', (message: ToGenerator) => {
    if (message.say === 'phase') record.beginPhase(message.name);
    else void stop();
  });
  // Whoever asked for the load is gone.
  process.on('disconnect', () => process.exit(1));
  tell({ say: 'started' });

  async function stop(): Promise<void> {
    const [socketReport] = await Promise.all([socket?.stop() ?? null, steady.stop(), slow?.stop()]);
    tell({ say: 'report', report: record.report(socketReport, distrustConnections(record)) });
  }
}

function tell(message: FromGenerator): void {
  process.send?.(message);
}

generate(JSON.parse(process.argv[2] ?? '') as LoadPlan);
