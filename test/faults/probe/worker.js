const timer = setInterval(() => console.log('fault-probe works'), 10_000);
process.on('SIGTERM', () => clearInterval(timer));
