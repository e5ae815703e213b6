import express from 'express';

const app = express();
const greeting = process.env.GREETING ?? 'Hello from dcdget!';

app.get('/', (_request, response) => {
  response.type('text').send(`${greeting}\n`);
});

const server = app.listen(process.env.PORT ?? 5000, (error) => {
  if (error) throw error;
  console.log(`hello-node listens on port ${server.address().port}`);
});

// The platform stops an instance with SIGTERM: finish what runs, take nothing new.
process.on('SIGTERM', () => server.close());
