// A team's program: its server, a gateway in front of it, and what stands round pods that were there before.
import * as mcp from "@pulumi/mcp-stack"; // written by `pulumi install`, of the package that Pulumi.yaml names
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();
const stack = "desk";
const namespace = "mcp-desk";

const tickets = new mcp.McpServer("tickets", {
    stack,
    namespace,
    image: {
        repository: "ghcr.io/acme/tickets-mcp",
        tag: "2.3.1",
        digest: "sha256:5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9",
    },
    replicas: 2,
    env: { TICKETS_TOKEN_FILE: "/run/secrets/token" },
    files: { "/run/secrets/token": { secret: "token" } },
    secrets: { token: { config: "theToken" } },
    secretValues: { theToken: config.requireSecret("ticketsToken") }, // pulumi config set --secret ticketsToken
    clients: [{ pods: { "app.kubernetes.io/instance": stack, "app.kubernetes.io/name": "gateway" } }],
});

const gateway = new mcp.McpGateway("gateway", {
    stack,
    namespace,
    proxyImage: {
        repository: "ghcr.io/acme/mcp-stack-proxy",
        tag: "0.1.0",
        digest: "sha256:1241936d4dd3aad68fe7bfbdfe854b935926bc678fc72377e15166078916227a",
    },
    trustNetwork: true, // only the agents' namespace may call
    clients: [{ namespace: "agents" }],
    servers: {
        tickets: {
            url: tickets.url, // unknown until the server is there
            egress: [
                {
                    pods: { "app.kubernetes.io/instance": stack, "app.kubernetes.io/name": "tickets" },
                    ports: [8000],
                },
            ],
        },
    },
});

const workers = { namespace, selector: { app: "workers" } }; // a Deployment of the team's own
new mcp.Network("workers", workers);
new mcp.Disruption("workers", { ...workers, minReplicas: 2 });

export const url = gateway.url;
