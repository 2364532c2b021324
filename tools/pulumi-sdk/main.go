// Command pulumi-sdk writes the SDK of a component package in Go or for Node, as `pulumi package add` does through the language's host.
// Those are part of every release of the CLI; their generators are a Go module, which is had where no release can be.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"

	golang "github.com/pulumi/pulumi/pkg/v3/codegen/go"
	"github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

func main() {
	if len(os.Args) != 4 {
		log.Fatal("usage: pulumi-sdk go|nodejs SCHEMA DIRECTORY")
	}
	if err := write(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		log.Fatal(err)
	}
}

func write(language, source, directory string) error {
	text, err := os.ReadFile(source)
	if err != nil {
		return err
	}
	var spec schema.PackageSpec
	if err := json.Unmarshal(text, &spec); err != nil {
		return err
	}
	// References lead to types of the package itself, so that no other schema has to be loaded.
	bound, err := schema.ImportSpec(spec, nil, schema.NewNullLoader(), schema.ValidationOptions{})
	if err != nil {
		return err
	}
	bound.SupportPack = true // as the command does it for a package that stands beside its program
	files, err := generate(language, bound)
	if err != nil {
		return err
	}
	for name, content := range files {
		path := filepath.Join(directory, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func generate(language string, bound *schema.Package) (map[string][]byte, error) {
	switch language {
	case "go":
		return golang.GeneratePackage("pulumi-sdk", bound, nil)
	case "nodejs": // as a local SDK: one that a program has beside it, and not from a registry
		return nodejs.GeneratePackage("pulumi-sdk", bound, nil, nil, true, nil)
	}
	return nil, fmt.Errorf("no generator for %q", language)
}
