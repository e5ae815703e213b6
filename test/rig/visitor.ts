import http from 'node:http';
import type { Rig } from './rig.ts';

export type Visit = { status: number; body: string };

const TIMEOUT_MS = 10_000;

/** One request to an app through the router, over a connection of its own. */
export function visit(rig: Rig, app: string, path = '/', timeoutMs = TIMEOUT_MS): Promise<Visit> {
  return new Promise((resolve, reject) => {
    const call = http.get(
      {
        host: rig.router.host,
        port: rig.router.port,
        path,
        agent: false,
        timeout: timeoutMs,
        headers: { host: `${app}.${rig.environment['APPS_DOMAIN'] ?? 'dcdget.localhost'}` },
      },
      (answer) => {
        let body = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk: string) => (body += chunk));
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }));
      },
    );
    call.on('timeout', () => call.destroy(new Error(`${app} did not answer within ${timeoutMs} ms`)));
    call.on('error', reject);
  });
}
