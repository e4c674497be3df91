// Node's usual websocket server, broadcasting as its own page of examples does.
const { WebSocketServer } = require('ws');

const server = new WebSocketServer({
  host: '127.0.0.1',
  port: Number(process.argv[2]),
  backlog: 4096,
  perMessageDeflate: false,
});
const followers = new Set();

server.on('connection', (socket, request) => {
  socket.on('error', () => socket.terminate());
  if (request.url === '/author') {
    socket.on('message', (data) => {
      for (const follower of followers) follower.send(data, { binary: false });
    });
  } else {
    followers.add(socket);
    socket.on('close', () => followers.delete(socket));
  }
  socket.send('ready');
});
