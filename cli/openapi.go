package cli

import (
	"encoding/json"

	"github.com/spf13/pflag"

	"github.com/graphwarden/graphwarden/api"
)

// openapi prints the description of the API.
func (p Program) openapi() *command {
	var operators bool
	return &command{
		use:   "openapi",
		short: "Print the description of the API, OpenAPI 3.1",
		long: `Openapi prints what GET /v1/openapi.json answers: every path with what is sent and
answered, to generate clients from. That of apps, unless --operators is said. It is
JSON either way.`,
		examples: []string{"graphwarden openapi", "graphwarden openapi --operators"},
		prints:   json.RawMessage{},
		flags:    func(f *pflag.FlagSet) { f.BoolVar(&operators, "operators", false, "what operators are answered") },
		run: func(*call) error {
			_, err := p.Stdout.Write(api.Describe(!operators))
			return err
		},
	}
}
