import { startCodeHost, type CodeHost } from './code-host.ts';
import { onServer } from './machine.ts';
import type { Rig } from './rig.ts';

const REACHABLE = '/etc/dcdget/builds-may-reach';
const TRUSTED = '/usr/local/share/ca-certificates/buildpacks-of-tests.crt';

/** Somebody else's buildpacks, on the internet as builds of the rig see it: git over HTTPS, and archives. */
export async function startBuildpackServer(rig: Rig): Promise<CodeHost> {
  const host = await startCodeHost(rig.router.host.replace(/\.\d+$/, '.1'));
  // It lies inside the network: the operator of the build server has to say that builds may go there.
  await onServer(rig, 'server1', `echo '${new URL(host.url).host}' >${REACHABLE}`);
  await trust(rig, `cat >${TRUSTED} && update-ca-certificates >/dev/null 2>&1`, host.certificate);
  return {
    ...host,
    async stop() {
      await host.stop();
      await trust(rig, `rm -f ${TRUSTED} ${REACHABLE} && update-ca-certificates --fresh >/dev/null 2>&1`);
    },
  };
}

/** Builds trust what their server does. */
async function trust(rig: Rig, command: string, stdin = ''): Promise<void> {
  await onServer(rig, 'server1', command, stdin);
}
