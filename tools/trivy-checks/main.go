// Command trivy-checks runs trivy's checks of Kubernetes objects, without trivy, over objects in JSON: one array on standard input.
// Each finding is a line: check, index of the object, message.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"strings"

	checks "github.com/aquasecurity/trivy-checks"
	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/types"
)

// What trivy itself gives to its checks. Its scanner of texts for tokens is not among it: what it would find is our policies' matter.
var given = []func(*rego.Rego){
	rego.Function2(&rego.Function{Name: "result.new", Decl: types.NewFunction(types.Args(types.A, types.A), types.A)},
		func(_ rego.BuiltinContext, message, _ *ast.Term) (*ast.Term, error) { return message, nil }),
	rego.Function1(&rego.Function{Name: "isManaged", Decl: types.NewFunction(types.Args(types.A), types.B)},
		func(_ rego.BuiltinContext, _ *ast.Term) (*ast.Term, error) { return ast.BooleanTerm(true), nil }),
	rego.Function1(&rego.Function{Name: "squealer.scan_string", Decl: types.NewFunction(types.Args(types.S), types.A)},
		func(_ rego.BuiltinContext, _ *ast.Term) (*ast.Term, error) {
			return ast.ObjectTerm(ast.Item(ast.StringTerm("transgressionFound"), ast.BooleanTerm(false))), nil
		}),
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	var objects []any
	if err := json.NewDecoder(os.Stdin).Decode(&objects); err != nil {
		return err
	}
	options := append([]func(*rego.Rego){rego.Query("data.builtin.kubernetes")}, given...)
	for _, source := range []struct {
		files fs.FS
		roots []string
	}{
		{checks.EmbeddedLibraryFileSystem, []string{"lib/kubernetes", "lib/cloud/metadata.rego"}},
		{checks.EmbeddedPolicyFileSystem, []string{"checks/kubernetes"}},
	} {
		for _, root := range source.roots {
			modules, err := under(source.files, root)
			if err != nil {
				return err
			}
			options = append(options, modules...)
		}
	}
	query, err := rego.New(options...).PrepareForEval(context.Background())
	if err != nil {
		return err
	}
	for index, object := range objects {
		found, err := query.Eval(context.Background(), rego.EvalInput(object))
		if err != nil {
			return err
		}
		for id, check := range found[0].Expressions[0].Value.(map[string]any) {
			rules, _ := check.(map[string]any)
			denied, _ := rules["deny"].([]any)
			for _, message := range denied {
				fmt.Printf("%s\t%d\t%s\n", id, index, strings.Join(strings.Fields(fmt.Sprint(message)), " "))
			}
		}
	}
	return nil
}

func under(files fs.FS, root string) ([]func(*rego.Rego), error) {
	var found []func(*rego.Rego)
	err := fs.WalkDir(files, root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".rego") || strings.HasSuffix(path, "_test.rego") {
			return err
		}
		text, err := fs.ReadFile(files, path)
		found = append(found, rego.Module(path, string(text)))
		return err
	})
	return found, err
}
