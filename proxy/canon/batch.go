package canon

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/graphwarden/graphwarden"
)

// MaxItems is how many requests one $batch may hold (graph-facts §2.4).
const MaxItems = 20

// Item is one request of a $batch, as it came.
type Item struct {
	ID     string
	Method string
	URL    string // below the version of the API, with its query
	Header http.Header
	Body   []byte // JSON; nil is none
	// DependsOn are the places in the batch, all before its own, of those that must not
	// fail.
	DependsOn []int
	// Fault says why the item cannot be judged; its neighbours can. Nil: it can.
	Fault error
}

// items takes a $batch apart. What is wrong with one item is its own fault (R11); an
// error is what leaves no items to speak of.
func items(body map[string]any) ([]Item, error) {
	list, is := body["requests"].([]any)
	if !is || len(body) != 1 {
		return nil, batched("requests", "A $batch has one member, requests, which is a list.")
	}
	if len(list) > MaxItems {
		return nil, &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "proxy.batch_long", Field: "requests",
			Say: fmt.Sprintf("The batch holds %d requests, and Graph takes %d.", len(list), MaxItems), Do: "Send several batches."}
	}
	out, places := make([]Item, 0, len(list)), map[string]int{}
	for i, one := range list {
		members, _ := one.(map[string]any)
		id, _ := members["id"].(string)
		if id == "" {
			return nil, batched(fmt.Sprintf("requests[%d]/id", i), "A request of the batch has no id, so that it could not be answered.")
		}
		item := Item{ID: id}
		item.Fault = item.read(members, places)
		out = append(out, item)
		// Microsoft compares ids without regard to capitals.
		if _, taken := places[strings.ToLower(id)]; !taken {
			places[strings.ToLower(id)] = i
		}
	}
	return out, nil
}

// read takes the members of an item; places are the ids before it.
func (i *Item) read(members map[string]any, places map[string]int) error {
	if _, taken := places[strings.ToLower(i.ID)]; taken {
		return batched("id", fmt.Sprintf("The id %q stands in the batch twice.", i.ID))
	}
	texts := map[string]*string{"method": &i.Method, "url": &i.URL}
	for name, value := range members {
		switch to, is := texts[name]; {
		case is:
			if *to, is = value.(string); !is || *to == "" {
				return batched(name, "It is no text.")
			}
		case name == "id", name == "headers", name == "body", name == "dependsOn":
		default:
			return batched(name, fmt.Sprintf("A request of a batch has no member %q.", name))
		}
	}
	if i.Method == "" || i.URL == "" {
		return batched("", "A request of a batch has an id, a method and a url.")
	}
	if err := i.heads(members["headers"]); err != nil {
		return err
	}
	if err := i.waits(members["dependsOn"], places); err != nil {
		return err
	}
	switch body := members["body"].(type) {
	case nil:
	case map[string]any:
		raw, err := encode(body)
		i.Body = raw
		return err
	default:
		return batched("body", "The body is no JSON object.")
	}
	return nil
}

// PersonHeader is the header by which an app says for whom it asks: the object id, or the
// principal name, of somebody who signed in for it.
const PersonHeader = "Graphwarden-Person"

// heads takes an item's headers. Who asks, and whom, says the batch.
func (i *Item) heads(value any) error {
	headers, is := value.(map[string]any)
	if value != nil && !is {
		return batched("headers", "Headers are an object.")
	}
	i.Header = http.Header{}
	for name, value := range headers {
		text, is := value.(string)
		switch {
		case !is || !isToken(name) || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\t' || r > '~' }):
			return batched("headers/"+name, "It is no header.")
		case strings.EqualFold(name, "Authorization"), strings.EqualFold(name, "Host"), strings.EqualFold(name, PersonHeader):
			return batched("headers/"+name, "A request of a batch goes where the batch goes, with the batch's key and for its person.")
		}
		i.Header.Set(name, strings.TrimSpace(text))
	}
	return nil
}

// isToken says whether s may name a header (RFC 9110, section 5.6.2).
func isToken(s string) bool {
	return s != "" && strings.Trim(s, letters+"0123456789!#$%&'*+-.^_`|~") == ""
}

// waits notes which items before it an item depends on.
func (i *Item) waits(value any, places map[string]int) error {
	list, is := value.([]any)
	if value != nil && !is {
		return batched("dependsOn", "What it depends on is a list of ids.")
	}
	for _, one := range list {
		id, _ := one.(string)
		place, known := places[strings.ToLower(id)]
		if !known {
			return batched("dependsOn", fmt.Sprintf("%q is no request before it.", id))
		}
		i.DependsOn = append(i.DependsOn, place)
	}
	return nil
}

// batched says what of a batch is not understood.
func batched(field, say string) error {
	return &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "proxy.batch", Field: field, Say: say, Do: "Write the batch as Microsoft documents it."}
}
