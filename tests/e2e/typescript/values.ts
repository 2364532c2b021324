// What has a name: types of arguments, and the values that a key may have, as constants or as plain texts.
import * as mcp from "@pulumi/mcp-stack";

const image: mcp.types.input.ImageArgs = {
    repository: "ghcr.io/acme/web",
    tag: "1.0.0",
    pullPolicy: mcp.types.enums.ImagePullPolicy.Always,
};
const variable: mcp.types.input.VariableArgs = { configMap: { name: "settings", key: "level" } };
const exposure: mcp.types.input.ExposureSettingsArgs = { via: "gateway-api" };
const given: mcp.McpServerArgs = { image, exposure, env: { LEVEL: variable, MODE: "fast" }, service: { type: "ClusterIP" } };

new mcp.McpServer("web", given);
