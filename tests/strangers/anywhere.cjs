// node --require anywhere.cjs SERVER: it listens on a port of loopback that the system picks, and says which.
const { Server } = require("node:net");
const { listen } = Server.prototype;
Server.prototype.listen = function () {
  this.once("listening", () => console.log(`http://127.0.0.1:${this.address().port}`));
  return listen.call(this, 0, "127.0.0.1");
};
