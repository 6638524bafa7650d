// Package exchange speaks the administration of Exchange Online, as Microsoft's own
// PowerShell module does: which apps may touch which mailboxes. It promises that a
// command's words come from a flow's operation and nowhere else, and to translate
// Exchange's errors once, here, into refusals and waits. It keeps nothing and
// repeats nothing.
package exchange

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
)

// answerLimit is the largest answer that is read.
const answerLimit = 16 << 20

// Exchange sends commands through the gate. It may be used by any number of
// goroutines.
type Exchange struct {
	gate    *gate.Gate
	tenants map[string]string
}

// New makes an Exchange whose commands pass the gate. Tenants are the ids of the
// tenants, by name.
func New(g *gate.Gate, tenants map[string]string) *Exchange { return &Exchange{g, tenants} }

// input is the body of a command.
type input struct {
	CmdletInput command
}

type command struct {
	CmdletName string
	Parameters map[string]json.RawMessage
}

// run runs an operation's command in the name of a flow and gives its rows, page
// by page.
func run[T any](ctx context.Context, e *Exchange, f flow.Flow, op flow.Operation, parameters map[string]any) ([]T, error) {
	in := input{command{op.Cmdlet(), map[string]json.RawMessage{}}}
	for name, value := range parameters {
		raw, err := json.Marshal(value)
		if err != nil {
			return nil, fmt.Errorf("writing %s of %s: %w", name, op.Name(), err)
		}
		in.CmdletInput.Parameters[name] = raw
	}
	body, err := json.Marshal(in)
	if err != nil {
		return nil, fmt.Errorf("writing %s: %w", op.Name(), err)
	}
	call := gate.Call{App: f.App, Flow: f.Name, Operation: op, Args: flow.Args{"tenant": e.tenants[f.Tenant]}, Body: body, Prefer: []string{"odata.maxpagesize=1000"}}
	var all []T
	for {
		rows, next, err := page[T](ctx, e.gate, call)
		if err != nil {
			return nil, err
		}
		if all = append(all, rows...); next == "" {
			return all, nil
		}
		call.Link = next // the same body goes to the link (graph-facts §12.3)
	}
}

func page[T any](ctx context.Context, g *gate.Gate, c gate.Call) (rows []T, next string, err error) {
	answer, err := g.Do(ctx, c)
	if err != nil {
		return nil, "", err
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(answer.Body, answerLimit+1))
	switch {
	case err != nil:
		return nil, "", fmt.Errorf("%s: %w", c.Operation.Name(), err)
	case len(raw) > answerLimit:
		return nil, "", fmt.Errorf("%s: the answer is longer than %d bytes", c.Operation.Name(), answerLimit)
	case answer.Status != http.StatusOK:
		return nil, "", fmt.Errorf("%s: %w", c.Operation.Name(), problem(answer, raw, c.Operation))
	}
	var told struct {
		Value []T    `json:"value"`
		Next  string `json:"@odata.nextLink"`
	}
	if err := json.Unmarshal(raw, &told); err != nil {
		return nil, "", fmt.Errorf("reading the answer to %s: %w", c.Operation.Name(), err)
	}
	return told.Value, told.Next, nil
}
