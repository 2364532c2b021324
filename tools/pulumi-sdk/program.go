//go:build program

// What the programs need that tests build with the SDK (tests/e2e/go), so that it is pinned here, too.
package main

import (
	_ "github.com/pulumi/pulumi/sdk/v3/go/auto"
	_ "github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)
