// Socket.IO with one room; with a Redis URL as the second argument every post goes through it.
const { Server } = require('socket.io');

const [port, redisUrl] = process.argv.slice(2);

async function main() {
  const io = new Server({
    transports: ['websocket'],
    perMessageDeflate: false,
    // Its questions whether we live would only cost it time.
    pingInterval: 3_600_000,
    pingTimeout: 3_600_000,
  });
  if (redisUrl) {
    const { createAdapter } = require('@socket.io/redis-adapter');
    const { createClient } = require('redis');
    const publisher = createClient({ url: redisUrl });
    const subscriber = publisher.duplicate();
    await Promise.all([publisher.connect(), subscriber.connect()]);
    io.adapter(createAdapter(publisher, subscriber));
  }
  io.on('connection', (socket) => {
    socket.on('follow', async () => {
      await socket.join('followers');
      socket.emit('ready');
    });
    socket.on('author', () => socket.emit('ready'));
    socket.on('post', (text) => io.to('followers').emit('post', text));
  });
  io.listen(Number(port));
}

main();
