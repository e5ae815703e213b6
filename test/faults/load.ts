import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Rig } from '../rig/rig.ts';

const PAUSE_MS = 20;
const TIMEOUT_MS = 30_000;

export type Answer = { release: string; instance: string; mark: string; body: string };
export type LoadReport = { requests: number; lost: string[]; keptConnections: number; keptClients: number };

export type Load = { stop: () => Promise<LoadReport> };

/** Visitors of every kind, until they are stopped: kept connections (GET and POST) and new ones. */
export function startLoad(rig: Rig, app: string): Load {
  const lost: string[] = [];
  let requests = 0;
  let keptConnections = 0;
  let isStopped = false;

  const visitor = async (method: 'GET' | 'POST', isKept: boolean): Promise<void> => {
    const agent = isKept ? new http.Agent({ keepAlive: true, maxSockets: 1 }) : false;
    while (!isStopped) {
      requests += 1;
      try {
        const { answer, isNewConnection } = await ask(rig, app, { method, agent });
        if (isKept && isNewConnection) keptConnections += 1;
        if (method === 'POST' && answer.body !== 'ping') throw new Error('the body did not come back');
      } catch (error) {
        lost.push(`${new Date().toISOString()} ${method} ${isKept ? 'kept' : 'fresh'}: ${sentence(error)}`);
      }
      await sleep(PAUSE_MS);
    }
    if (agent) agent.destroy();
  };

  const visitors = [visitor('GET', true), visitor('POST', true), visitor('GET', false)];
  return {
    async stop() {
      isStopped = true;
      await Promise.all(visitors);
      return { requests, lost, keptConnections, keptClients: 2 };
    },
  };
}

/** So many answers, each over a connection of its own. */
export async function freshAnswers(rig: Rig, app: string, count: number, atATime = 10): Promise<Answer[]> {
  const answers: Answer[] = [];
  const some = async () => {
    while (answers.length < count) {
      const { answer } = await ask(rig, app, { method: 'GET', agent: false });
      answers.push(answer);
    }
  };
  await Promise.all(Array.from({ length: atATime }, some));
  return answers.slice(0, count);
}

type Asked = { answer: Answer; isNewConnection: boolean };

function ask(rig: Rig, app: string, how: { method: 'GET' | 'POST'; agent: http.Agent | false }): Promise<Asked> {
  const { host, port } = rig.router;
  const headers = { host: `${app}.${rig.environment['APPS_DOMAIN'] ?? 'dcdget.localhost'}` };
  return new Promise((resolve, reject) => {
    const call = http.request({ host, port, path: '/', timeout: TIMEOUT_MS, headers, ...how }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200)
          resolve({ answer: JSON.parse(text) as Answer, isNewConnection: !call.reusedSocket });
        else reject(new Error(`${response.statusCode}: ${text.slice(0, 200)}`));
      });
    });
    call.on('timeout', () => call.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)));
    call.on('error', reject);
    call.end(how.method === 'POST' ? 'ping' : undefined);
  });
}

function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
