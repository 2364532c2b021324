// What the compiler refuses: each line follows words that it has to say of it.
import * as mcp from "@pulumi/mcp-stack";
import * as pulumi from "@pulumi/pulumi";

// 'replcas' does not exist in type 'McpServerArgs'. Did you mean to write 'replicas'?
new mcp.McpServer("unknown-key", { replcas: 2 });
// 'repo' does not exist in type 'ImageArgs'
new mcp.McpServer("unknown-key-below", { image: { repo: "web", repository: "ghcr.io/acme/web" } });
// Type 'string' is not assignable to type 'number'
new mcp.McpServer("wrong-type", { replicas: "two" });
// Property 'minReplicas' is missing in type
new mcp.Disruption("missing-key", { namespace: "team", selector: { app: "web" } });
// Type '"Sometimes"' is not assignable to type 'ImagePullPolicy | undefined'
new mcp.McpServer("unknown-value", { image: { repository: "ghcr.io/acme/web", pullPolicy: "Sometimes" } });
// Type '"ipv4"' is not assignable to type 'ServiceIpFamilies'
new mcp.McpServer("unknown-value-of-a-list", { service: { ipFamilies: ["ipv4"] } });
// Type 'number' is not assignable to type 'Input<string | VariableArgs>'
new mcp.McpServer("number-for-a-variable", { env: { LEVEL: 3 } });
// 'config' does not exist in type
new mcp.McpServer("unknown-source-of-a-variable", { env: { TOKEN: { config: "token" } } });
// is not assignable to type 'number'
new mcp.McpServer("unknown-in-a-preview", { replicas: pulumi.output(2) });
// Property 'adress' does not exist on type 'McpServer'
export const address = new mcp.McpServer("unknown-output", {}).adress;
