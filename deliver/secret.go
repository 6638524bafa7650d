package deliver

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/seal"
)

// ParseSecret reads a signing secret as Standard Webhooks writes it: "whsec_" and
// the base64 of 24 to 64 random bytes (standard-webhooks specification, "Secrets").
func ParseSecret(text string) (seal.Secret, error) {
	refuse := func(say string) (seal.Secret, error) {
		return seal.Secret{}, &graphwarden.Refusal{
			Kind: graphwarden.Invalid, Code: "deliver.secret", Say: say,
			Do: "Make one with: echo whsec_$(openssl rand -base64 32)",
		}
	}
	encoded, prefixed := strings.CutPrefix(text, "whsec_")
	if !prefixed {
		return refuse("The signing secret of a sink does not begin with whsec_.")
	}
	key, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return refuse("The signing secret of a sink is not base64 after whsec_.")
	}
	defer clear(key)
	if len(key) < 24 || len(key) > 64 {
		return refuse("The signing secret of a sink has to have between 24 and 64 bytes.")
	}
	return seal.New(key), nil
}

func unreadable(path string, err error) error {
	return &graphwarden.Refusal{
		Kind: graphwarden.Credential, Code: "deliver.secret_file", Cause: err,
		Say: fmt.Sprintf("The signing secret cannot be read from %s.", path),
		Do:  "Put it there, in a file that only Graphwarden's user can read; make one with: echo whsec_$(openssl rand -base64 32)",
	}
}

// inFile has a refusal of a signing secret say in which file it stands.
func inFile(path string, err error) error {
	var r *graphwarden.Refusal
	if !errors.As(err, &r) {
		return err
	}
	said := *r
	said.Say = strings.Replace(r.Say, "The signing secret of a sink", "The signing secret in "+path, 1)
	return &said
}
