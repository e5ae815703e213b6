export { addServer, scanHostKey } from './add-server.ts';
export { appQueue } from './app-queue.ts';
export { changeConfig } from './change-config.ts';
export { deployApp } from './deploy-app.ts';
export { destroyApp } from './destroy-app.ts';
