// node probe.cjs TOOLS CLIENT URL PREFIX: what a client of the TypeScript SDK sees of the reference server at URL, a line of JSON each step.
// CLIENT is `sdk` (v1, revisions with a handshake) or `client` (v2, which asks for 2026-07-28 first). PREFIX stands before the names on /mcp.
const { createRequire } = require("node:module");
const [tools, kind, url, prefix] = process.argv.slice(2);
const load = createRequire(`${tools}/`);
const named = (name) => prefix + name;
const place = (uri) => (prefix ? `${prefix.slice(0, -2)}+${uri}` : uri);
const own = (text) => (prefix ? text.split(prefix).join("").split(place("")).join("") : text);

console.log = console.info = console.debug = console.error; // lines of stdout are ours
const heard = [];
const capabilities = { roots: { listChanged: true }, sampling: {}, elicitation: { form: {}, url: {} } };
const answers = {
  "sampling/createMessage": { model: "m", role: "assistant", content: { type: "text", text: "sampled é" }, stopReason: "endTurn" },
  "elicitation/create": { action: "accept", content: { name: "Al", check: true } },
  "roots/list": { roots: [{ uri: "file:///here", name: "here" }] },
};

function v1() {
  const { Client } = load("@modelcontextprotocol/sdk/client/index.js");
  const { StreamableHTTPClientTransport } = load("@modelcontextprotocol/sdk/client/streamableHttp.js");
  const types = load("@modelcontextprotocol/sdk/types.js");
  const client = new Client({ name: "probe", version: "1" }, { capabilities });
  const asked = [types.CreateMessageRequestSchema, types.ElicitRequestSchema, types.ListRootsRequestSchema];
  Object.keys(answers).forEach((method, place) => client.setRequestHandler(asked[place], (request) => answer(method, request)));
  client.setNotificationHandler(types.ResourceUpdatedNotificationSchema, ({ params }) => void heard.push(["updated", params.uri]));
  const transport = new StreamableHTTPClientTransport(new URL(url));
  const call = (name, args, options) => client.callTool({ name: named(name), arguments: args }, types.CallToolResultSchema, options);
  return { client, transport, call };
}

function v2() {
  const { Client, StreamableHTTPClientTransport } = load("@modelcontextprotocol/client");
  const client = new Client({ name: "probe", version: "1" }, { capabilities, versionNegotiation: { mode: "auto" } });
  for (const method of Object.keys(answers)) client.setRequestHandler(method, (request) => answer(method, request));
  const transport = new StreamableHTTPClientTransport(new URL(url));
  const call = (name, args, options) => client.callTool({ name: named(name), arguments: args }, options);
  return { client, transport, call };
}

function answer(method, request) {
  if (method === "roots/list") return answers[method]; // asked by each session of the server in its own time, whatever is going on
  const { _meta, elicitationId, mode, task, ...asked } = request.params ?? {};
  heard.push([method, asked]);
  return answers[method];
}

async function step(name, work) {
  heard.length = 0;
  let outcome;
  const late = new Promise((_, fail) => setTimeout(() => fail(new Error("nothing in 10 s")), 10000).unref());
  try {
    outcome = { result: await Promise.race([work(), late]) };
  } catch (error) {
    outcome = { error: { code: error.code, message: error.message.replace(/^(MCP error -?\d+: )+/, ""), data: error.data } };
  }
  for (const member of ["resultType", "_meta", "ttlMs", "cacheScope"]) delete outcome.result?.[member]; // one revision's alone
  process.stdout.write(`${JSON.stringify([name, JSON.parse(own(JSON.stringify({ ...outcome, heard })))])}\n`);
}

const until = async (true_) => {
  while (!true_()) await new Promise((go) => setTimeout(go, 20));
};

async function whole(page, member) {
  const items = [];
  let cursor;
  do {
    const found = await page(cursor === undefined ? undefined : { cursor });
    for (const item of found[member]) delete item.execution; // which the client itself leaves out of what is listed by 2026-07-28
    items.push(...found[member].filter((item) => (item.uri ?? item.uriTemplate ?? item.name).startsWith(item.uri ?? item.uriTemplate ? place("") : prefix)));
    cursor = found.nextCursor;
  } while (cursor !== undefined);
  return items;
}

async function main() {
  const { client, transport, call } = kind === "sdk" ? v1() : v2();
  await client.connect(transport);
  await step("introduction", async () => ({ server: client.getServerVersion(), can: client.getServerCapabilities(), says: client.getInstructions() }));
  await step("tools", () => whole((params) => client.listTools(params), "tools"));
  await step("prompts", () => whole((params) => client.listPrompts(params), "prompts"));
  await step("resources", () => whole((params) => client.listResources(params), "resources"));
  await step("templates", () => whole((params) => client.listResourceTemplates(params), "resourceTemplates"));
  const calls = {
    "echo": { message: "é漢🎈 \"quoted\" \\" },
    "get-sum": { a: 1.5, b: 2 },
    "get-annotated-message": { messageType: "error", includeImage: true },
    "get-resource-links": { count: 3 },
    "get-structured-content": { location: "Chicago" },
    "get-tiny-image": {},
    "trigger-sampling-request": { prompt: "p" },
    "trigger-elicitation-request": {},
    "trigger-url-elicitation": { url: "https://example.com/visit", message: "m", elicitationId: "e1" },
  };
  for (const [name, args] of Object.entries(calls)) await step(name, () => call(name, args));
  await step("large", () => call("echo", { message: "x".repeat(1_000_000) }));
  await step("wrong arguments", () => call("echo", { message: 3 }));
  await step("unknown tool", () => call("nope", {}));
  await step("roots", async () => {
    let found;
    do found = await call("get-roots-list", {});
    while (!JSON.stringify(found).includes("file:///here"));
    return found;
  });
  await step("progress", () => call("trigger-long-running-operation", { duration: 0.3, steps: 3 }, { onprogress: (at) => heard.push(at) }));
  await step("cancelled", () => call("trigger-long-running-operation", { duration: 30, steps: 3 }, { signal: AbortSignal.timeout(100) }));
  await step("prompt", () => client.getPrompt({ name: named("args-prompt"), arguments: { city: "K" } }));
  await step("prompt without its argument", () => client.getPrompt({ name: named("args-prompt"), arguments: {} }));
  await step("unknown prompt", () => client.getPrompt({ name: named("nope") }));
  await step("document", () => client.readResource({ uri: place("demo://resource/static/document/features.md") }));
  await step("unknown resource", () => client.readResource({ uri: place("demo://nope") }));
  const department = { argument: { name: "name", value: "" }, context: { arguments: { department: "Engineering" } } };
  await step("completion", () => client.complete({ ref: { type: "ref/prompt", name: named("completable-prompt") }, ...department }));
  const template = { type: "ref/resource", uri: place("demo://resource/dynamic/text/{resourceId}") };
  await step("completion of a template", () => client.complete({ ref: template, argument: { name: "resourceId", value: "1" } }));
  if (kind === "sdk") {
    await step("ping", () => client.ping());
    await step("log level", () => client.setLoggingLevel("emergency"));
    const uri = place("demo://resource/dynamic/text/1");
    await step("subscription", async () => {
      await client.subscribeResource({ uri });
      await call("toggle-subscriber-updates", {});
      await until(() => heard.length);
      await call("toggle-subscriber-updates", {});
      heard.length = 1; // on a slow machine there is time for the next one
      return client.unsubscribeResource({ uri });
    });
    await step("end", () => transport.terminateSession());
  }
  await client.close();
}

main().then(() => process.exit(0));
