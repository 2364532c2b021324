// What types allow and a rule of the component forbids.
import * as mcp from "@pulumi/mcp-stack";

new mcp.McpServer("tickets", { image: { repository: "ghcr.io/acme/tickets-mcp", tag: "latest" }, replicas: 0 });
