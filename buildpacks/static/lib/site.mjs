// Reads what kind of site is in a folder.
//
//   site.mjs root BUILD_DIR            the folder that is served, relative; nothing when there is none
//   site.mjs nginx BUILD_DIR [built]   Nginx's configuration for it; `built`: by the build of a package.json
//
// What is wrong with static.json is told on standard error, exit status 1.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const ROOTS = ['dist', 'build', 'out', 'public', '.'];
const PATH = /^(?!.*\.\.)[\w-][\w.-]*(?:\/[\w-][\w.-]*)*$/;
const KEYS = {
  root: (value) => value === '.' || (typeof value === 'string' && PATH.test(value)),
  spa: (value) => typeof value === 'boolean',
  clean_urls: (value) => typeof value === 'boolean',
  error_page: (value) => typeof value === 'string' && PATH.test(value),
  routes: (value) => JSON.stringify(value) === '{"/**":"index.html"}',
};
const MUST_BE = {
  root: 'a folder of the app, such as "dist"',
  spa: 'true or false',
  clean_urls: 'true or false',
  error_page: 'a file in the root, such as "404.html"',
  routes: '{"/**": "index.html"}, which is the same as "spa": true',
};
/** Folders in which build tools put files whose names change with their content. */
const HASHED = '^/(?:assets|_astro|_app/immutable|_next/static|static/(?:css|js|media))/';

function fail(sentence) {
  console.error(` !     ${sentence}`);
  process.exit(1);
}

function readSettings(folder) {
  const file = join(folder, 'static.json');
  if (!existsSync(file)) return {};
  const settings = parsed(readFileSync(file, 'utf8'));
  if (settings === null || typeof settings !== 'object' || Array.isArray(settings)) {
    fail('static.json is not a JSON object.');
  }
  for (const [key, value] of Object.entries(settings)) {
    if (!Object.hasOwn(KEYS, key))
      fail(`"${key}" in static.json is not known; known are ${Object.keys(KEYS).join(', ')}.`);
    if (!KEYS[key](value)) fail(`"${key}" in static.json must be ${MUST_BE[key]}.`);
  }
  return settings;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    return fail(`static.json is not valid JSON: ${error.message}`);
  }
}

/** Undefined when there is no page to begin with. */
function rootOf(folder, settings) {
  const isRoot = (root) => existsSync(join(folder, root, 'index.html'));
  if (settings.root === undefined) return ROOTS.find(isRoot);
  if (!isRoot(settings.root)) fail(`There is no index.html in "${settings.root}", which is the root in static.json.`);
  return settings.root;
}

function siteOf(folder, isBuilt) {
  const settings = readSettings(folder);
  const root = rootOf(folder, settings);
  if (root === undefined) fail(`There is no index.html in any of ${ROOTS.join(', ')}; name the folder in static.json.`);
  const pages = readdirSync(join(folder, root)).filter((name) => name.endsWith('.html'));
  const errorPage = settings.error_page ?? (pages.includes('404.html') ? '404.html' : undefined);
  return {
    root,
    isBuilt,
    errorPage,
    hasCleanUrls: settings.clean_urls ?? false,
    // What a build tool makes a single page of finds its way in the browser.
    isSinglePage: settings.spa ?? (settings.routes !== undefined || (isBuilt && pages.length === 1)),
  };
}

/** `@PORT@` and `@APP@` are filled in where the site is served. */
function nginxConfig({ root, isBuilt, errorPage, hasCleanUrls, isSinglePage }) {
  const found = hasCleanUrls ? '$uri $uri.html $uri/' : '$uri $uri/';
  return `daemon off;
worker_processes 1;
pid /tmp/nginx/pid;
error_log stderr warn;
events { worker_connections 1024; }
http {
  include /etc/nginx/mime.types;
  types { text/javascript mjs; application/manifest+json webmanifest; }
  default_type application/octet-stream;
  charset utf-8;
  access_log off;
  server_tokens off;
  sendfile on;
  absolute_redirect off;
  client_body_temp_path /tmp/nginx/body;
  proxy_temp_path /tmp/nginx/proxy;
  fastcgi_temp_path /tmp/nginx/fastcgi;
  uwsgi_temp_path /tmp/nginx/uwsgi;
  scgi_temp_path /tmp/nginx/scgi;
  gzip on;
  gzip_static on;
  gzip_vary on;
  gzip_proxied any;
  gzip_comp_level 5;
  gzip_min_length 512;
  gzip_types text/plain text/css text/xml text/javascript application/javascript application/json
    application/xml application/manifest+json application/wasm image/svg+xml font/ttf;
  # Asked again each time, which is quick when nothing has changed; but for what has its content in its name.
  map $uri $caching {
    default no-cache;
${isBuilt ? `    "~${HASHED}(?:.*[-.])?(?=[^./]*[0-9])[A-Za-z0-9_-]{8,}\\.\\w+$" "public, max-age=31536000, immutable";\n` : ''}  }
  server {
    listen @PORT@;
    root ${root === '.' ? '@APP@' : `@APP@/${root}`};
    index index.html;
    add_header Cache-Control $caching;
${errorPage === undefined ? '' : `    error_page 404 /${errorPage};\n`}    location ~ /\\.(?!well-known/) { return 404; }
${root === '.' ? '    location ~ ^/(?:static\\.json|app\\.json|package(?:-lock)?\\.json|Procfile)$ { return 404; }\n' : ''}${
    isSinglePage
      ? `    # A file that is not there is no page of the app.
    location ~ \\.\\w+$ { try_files $uri =404; }
    location / { try_files ${found.replace(' $uri/', '')} /index.html; }`
      : `    location / { try_files ${found} =404; }`
  }
  }
}
`;
}

const [what, folder, how] = process.argv.slice(2);
if (what === 'root') {
  process.stdout.write(rootOf(folder, readSettings(folder)) ?? '');
} else if (what === 'nginx') {
  process.stdout.write(nginxConfig(siteOf(folder, how === 'built')));
} else {
  fail(`site.mjs does not know ${what}.`);
}
