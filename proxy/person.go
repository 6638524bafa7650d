package proxy

import (
	"fmt"
	"net/http"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/proxy/canon"
)

// person finds out for whom an app asks; "" is for itself.
func person(h http.Header) (string, error) {
	switch values := h.Values(canon.PersonHeader); {
	case len(values) == 0:
		return "", nil
	case len(values) > 1 || values[0] == "" || len(values[0]) > 1000:
		return "", &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "proxy.header", Field: canon.PersonHeader,
			Say: canon.PersonHeader + " names no one person.", Do: "Name one, by object id or principal name."}
	default:
		return values[0], nil
	}
}

// actsFor has the flow know nobody's things but those of the person for whom an app asks.
// A flow for people needs one, who signed in for its app; any other signs in as an app, and
// acts for nobody.
func (t *try) actsFor(person string) error {
	switch {
	case !t.flow.People && person == "":
		return nil
	case !t.flow.People:
		return personal(t.flow, "signs in as an app, and acts for nobody", "Leave "+canon.PersonHeader+" out, or use a flow with people: true.")
	case person == "":
		return personal(t.flow, "acts for people, and the request does not say for whom", "Name the person in "+canon.PersonHeader+", by object id or principal name.")
	}
	m, found, err := t.names.find(person, true, canon.PersonHeader)
	switch {
	case err != nil:
		return err
	case !found:
		return personal(t.flow, "acts for those who signed in for its app, and this person is none of them", "Have the person sign in for the app (docs/connecting.md), and consent to what the flow needs.")
	}
	t.flow.Mailboxes = graphwarden.MailboxScope{m}
	t.names = namesOf(t.flow.Mailboxes)
	return nil
}

func personal(f flow.Flow, say, do string) error {
	return &graphwarden.Refusal{Kind: graphwarden.Denied, Code: "proxy.person", Field: canon.PersonHeader, Say: fmt.Sprintf("The flow %q %s.", f.Name, say), Do: do}
}
