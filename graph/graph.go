package graph

import (
	"context"
	"fmt"
	"io"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
)

// answerLimit is the largest answer that is read: a page of a thousand events
// with long bodies stays below it.
const answerLimit = 64 << 20

// Graph sends calls through the gate and reads the answers. It may be used by any
// number of goroutines.
type Graph struct {
	gate *gate.Gate
}

// New makes a Graph whose calls pass the gate.
func New(g *gate.Gate) *Graph { return &Graph{g} }

// ask performs a call of a flow and gives the body of an answer with the status
// that the operation promises; anything else comes back as an error.
func (g *Graph) ask(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, status int, c gate.Call) ([]byte, error) {
	body, _, err := g.asked(ctx, f, m, func(is int) bool { return is == status }, c)
	return body, err
}

// asked is ask of an operation that promises several statuses, and says which it was; 0:
// there was no answer.
func (g *Graph) asked(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, good func(status int) bool, c gate.Call) ([]byte, int, error) {
	c.App, c.Flow, c.Mailbox = f.App, f.Name, m.ID
	answer, err := g.gate.Do(ctx, c)
	if err != nil {
		return nil, 0, asResync(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, answerLimit+1))
	switch {
	case err != nil:
		return nil, 0, fmt.Errorf("%s: %w", c.Operation.Name(), err)
	case len(body) > answerLimit:
		return nil, 0, fmt.Errorf("%s: the answer is longer than %d bytes", c.Operation.Name(), answerLimit)
	case !good(answer.Status):
		return nil, answer.Status, fmt.Errorf("%s: %w", c.Operation.Name(), problem(answer, body, c.Operation, f, m))
	}
	return body, answer.Status, nil
}
