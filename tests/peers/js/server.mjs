// node server.mjs PORT DIR: a plain automerge-repo sync server, as its own documentation builds one. It never announces documents.
import http from "node:http";
import { Repo } from "@automerge/automerge-repo";
import { WebSocketServerAdapter } from "@automerge/automerge-repo-network-websocket";
import { NodeFSStorageAdapter } from "@automerge/automerge-repo-storage-nodefs";
import { WebSocketServer } from "ws";

const [port, dir] = process.argv.slice(2);
const server = http.createServer();
new Repo({
  network: [new WebSocketServerAdapter(new WebSocketServer({ server }))],
  storage: new NodeFSStorageAdapter(dir),
  peerId: "server",
  sharePolicy: async () => false,
});
// All devices come at once: the default backlog would turn some away.
const listen = { port: Number(port), host: "127.0.0.1", backlog: 4096 };
server.listen(listen, () => console.log("listening", server.address().port));
