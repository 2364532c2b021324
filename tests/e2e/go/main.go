// A team's program in Go, with the SDK that Pulumi generates of the package's schema. It is run by the Automation API, which hands the
// engine this process, and so needs no host of the language.
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"

	"example.com/pulumi-mcp-stack/sdk/go/mcpstack"
	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const namespace = "mcp-go"

func program(ctx *pulumi.Context) error {
	replicas, guarded, always := 2, true, mcpstack.ImagePullPolicyAlways
	tickets, err := mcpstack.NewMcpServer(ctx, "tickets", &mcpstack.McpServerArgs{
		Namespace:    pulumi.String(namespace),
		Image: &mcpstack.ImageArgs{
			Repository: pulumi.String("ghcr.io/acme/tickets-mcp"), Tag: pulumi.String("2.3.1"), PullPolicy: &always,
		},
		Replicas:     &replicas,
		Env:          map[string]pulumi.Input{"TOKEN": mcpstack.VariableArgs{Secret: pulumi.StringRef("token")}},
		Secrets:      map[string]mcpstack.SecretArgs{"token": {Config: pulumi.StringRef("theToken")}},
		SecretValues: pulumi.StringMap{"theToken": pulumi.ToSecret(pulumi.String(os.Getenv("TOKEN"))).(pulumi.StringOutput)},
		Clients:      []mcpstack.ClientArgs{{Namespace: pulumi.String("agents")}},
	})
	if err != nil {
		return err
	}
	edge, err := mcpstack.NewMcpGateway(ctx, "edge", &mcpstack.McpGatewayArgs{
		Namespace:    pulumi.String(namespace),
		ProxyImage:   &mcpstack.ImageArgs{Repository: pulumi.String("ghcr.io/acme/mcp-stack-proxy"), Tag: pulumi.String("0.1.0")},
		TrustNetwork: &guarded,
		Clients:      []mcpstack.ClientArgs{{Namespace: pulumi.String("agents")}},
		Servers: map[string]mcpstack.RemoteServerArgs{"tickets": {
			Url:    tickets.Url, // unknown until the server is there
			Egress: []mcpstack.DestinationArgs{{Pods: map[string]string{"app.kubernetes.io/name": "tickets"}}},
		}},
	})
	if err != nil {
		return err
	}
	workers := map[string]string{"app": "workers"}
	if _, err := mcpstack.NewNetwork(ctx, "workers", &mcpstack.NetworkArgs{Namespace: pulumi.String(namespace), Selector: workers}); err != nil {
		return err
	}
	if _, err := mcpstack.NewDisruption(ctx, "workers", &mcpstack.DisruptionArgs{
		Namespace: pulumi.String(namespace), Selector: workers, MinReplicas: 2,
	}); err != nil {
		return err
	}
	ctx.Export("url", edge.Url)
	return nil
}

// What was asked for (preview, up, destroy), and what came of it as JSON.
func main() {
	ctx := context.Background()
	stack, err := auto.UpsertStackInlineSource(ctx, "go", "mcp-stack", program)
	check(err)
	said := map[string]any{}
	switch os.Args[1] {
	case "preview":
		done, err := stack.Preview(ctx)
		check(err)
		said["changes"] = done.ChangeSummary
	case "up":
		done, err := stack.Up(ctx)
		check(err)
		said["changes"], said["url"] = done.Summary.ResourceChanges, done.Outputs["url"].Value
	case "destroy":
		_, err := stack.Destroy(ctx)
		check(err)
	}
	check(json.NewEncoder(os.Stdout).Encode(said))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
