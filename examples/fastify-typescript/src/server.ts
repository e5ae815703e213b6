import Fastify from 'fastify';

type Greeting = { name: string };

const app = Fastify({ logger: true });

app.get('/', () => ({ message: 'Hello from Fastify and TypeScript!' }));

app.get<{ Params: Greeting }>('/hello/:name', ({ params }) => ({ message: `Hello, ${params.name}!` }));

// The platform stops an instance with SIGTERM: finish what runs, take nothing new.
process.on('SIGTERM', () => void app.close());

await app.listen({ host: '0.0.0.0', port: Number(process.env['PORT'] ?? 5000) });
