process.on('SIGTERM', () => process.exit(1));
