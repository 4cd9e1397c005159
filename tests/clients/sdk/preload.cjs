// Sends every connection of a Node process to the sink, whatever its host and port. Loaded with `node --require`.
const net = require("node:net"), dns = require("node:dns");
const port = Number(process.env.SINK_PORT);
const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...args) {
  const first = Array.isArray(args[0]) ? args[0][0] : args[0];
  if (first && typeof first === "object" && !first.path) {
    first.host = "127.0.0.1"; first.port = port; delete first.lookup; first.autoSelectFamily = false;
  }
  return connect.apply(this, args);
};
const one = (host, options, done) => {
  if (typeof options === "function") [done, options] = [options, {}];
  const answer = { address: "127.0.0.1", family: 4 };
  setImmediate(() => (options && options.all ? done(null, [answer]) : done(null, "127.0.0.1", 4)));
};
dns.lookup = one;
dns.promises.lookup = async (host, options) =>
  options && options.all ? [{ address: "127.0.0.1", family: 4 }] : { address: "127.0.0.1", family: 4 };
for (const r of [dns, dns.Resolver.prototype]) r.resolve4 = (h, o, d) => (d || o)(null, ["127.0.0.1"]);
