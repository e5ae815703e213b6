export { addServer, scanHostKey } from './add-server.ts';
export { appQueue } from './app-queue.ts';
export { archiveLogs } from './archive-logs.ts';
export { checkServers } from './check-servers.ts';
export { destroyApp } from './destroy-app.ts';
export { changeConfig, changeMode, deployApp, restartApp, rollBack, scaleApp } from './release.ts';
export { retireInstances } from './retire-instances.ts';
export { runProcess } from './run-process.ts';
