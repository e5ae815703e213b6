import { createServer } from 'node:http';

const MARK = 'unmarked';

const server = createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    response.setHeader('content-type', 'application/json');
    const { DCDGET_RELEASE: release, DCDGET_INSTANCE: instance } = process.env;
    response.end(JSON.stringify({ mark: MARK, release, instance, body: Buffer.concat(parts).toString('utf8') }));
  });
});

server.listen(process.env.PORT ?? 5000, () => console.log(`fault-probe listens on port ${server.address().port}`));

// The platform stops an instance with SIGTERM: finish what runs, take nothing new.
process.on('SIGTERM', () => server.close());
