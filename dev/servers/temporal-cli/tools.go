//go:build tools

// Package tools pins the Temporal CLI, so that `go build` can make it where GitHub can't be reached.
package tools

import _ "github.com/temporalio/cli/cmd/temporal"
