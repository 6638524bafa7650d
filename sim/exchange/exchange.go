// Package exchange is the simulated administration of Exchange Online: the
// endpoint that Microsoft's own PowerShell module speaks to, InvokeCommand
// (graph-facts §12.3), with the cmdlets that say which apps may touch which
// mailboxes. It promises that what a cmdlet changes is what Graph goes by, after
// Exchange's time of propagation. A cmdlet or a parameter that it does not know it
// refuses as Exchange does.
package exchange

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/mailbox"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// Doc is an object as Exchange writes it in JSON.
type Doc = world.Doc

// Tokens tells who an access token for Exchange speaks for.
type Tokens interface {
	VerifyExchange(token string) (world.Caller, error)
}

// Witness takes down what a request really changed, inside its transaction.
type Witness interface {
	Saw(tx *state.Tx, e world.Effect)
}

// Options say what Exchange's administration works with; all are needed.
type Options struct {
	World     *world.World
	Mailboxes *mailbox.Mailboxes
	Tokens    Tokens
	Witness   Witness
	Log       *slog.Logger
}

// Exchange serves the administration.
type Exchange struct {
	Options
	cmdlets map[string]cmdlet // by name in lower case
}

// New makes the administration of a tenant.
func New(o Options) *Exchange {
	e := &Exchange{Options: o, cmdlets: map[string]cmdlet{}}
	for _, c := range slices.Concat(principals(), scopes(), assignments(), policies(), recipients()) {
		e.cmdlets[strings.ToLower(c.name)] = c
	}
	return e
}

// maxBody is what is read of a request.
const maxBody = 4 << 20

// input is the body of a request.
type input struct {
	CmdletInput *struct {
		CmdletName string
		Parameters map[string]any
	}
}

// ServeHTTP serves POST /adminapi/{version}/{tenant}/InvokeCommand.
func (e *Exchange) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	version, tenant, ok := route(r.URL.Path)
	if !ok || version != "beta" && version != "v1.0" {
		e.Log.WarnContext(r.Context(), "not simulated, refused", "method", r.Method, "host", r.Host, "path", r.URL.Path)
		http.Error(w, "404 - not found", http.StatusNotFound)
		return
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "The requested resource does not support http method '"+r.Method+"'.", http.StatusMethodNotAllowed)
		return
	}
	caller, err := e.authenticate(r, tenant)
	if err != nil {
		e.fail(w, err)
		return
	}
	out, err := e.invoke(r, caller)
	if err != nil {
		e.fail(w, err)
		return
	}
	e.answer(w, r, version, tenant, out)
}

func route(path string) (version, tenant string, ok bool) {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	if len(parts) != 4 || !strings.EqualFold(parts[0], "adminapi") || !strings.EqualFold(parts[3], "InvokeCommand") {
		return "", "", false
	}
	return strings.ToLower(parts[1]), parts[2], true
}

// authenticate reads the token. The challenge is the one that Exchange sends for
// EWS (graph-facts §13.2, "Auth").
func (e *Exchange) authenticate(r *http.Request, tenant string) (world.Caller, error) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	caller, err := e.Tokens.VerifyExchange(strings.TrimSpace(token))
	ours := strings.EqualFold(tenant, e.World.TenantID) || slices.ContainsFunc(e.World.Domains(), func(d string) bool { return strings.EqualFold(d, tenant) })
	if !strings.EqualFold(scheme, "Bearer") || err != nil || !ours {
		return caller, errUnauthorized
	}
	return caller, nil
}

// call is one cmdlet that somebody runs.
type call struct {
	*Exchange
	tx       *state.Tx
	caller   world.Caller
	cmdlet   cmdlet
	given    map[string]any // parameters, by name in lower case
	changed  string         // the object that was changed, for the truth ledger
	effect   world.EffectKind
	warnings []any
}

// invoke runs the cmdlet in one transaction, with its row in the truth ledger.
func (e *Exchange) invoke(r *http.Request, caller world.Caller) (*result, error) {
	raw, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	var in input
	if err != nil || json.Unmarshal(raw, &in) != nil || in.CmdletInput == nil || in.CmdletInput.CmdletName == "" {
		return nil, &problem{http.StatusBadRequest, "BadRequest", "", "The CmdletInput of the request is missing or not valid."}
	}
	c := &call{Exchange: e, caller: caller, given: map[string]any{}}
	out := &result{}
	err = e.World.Update(func(tx *state.Tx) error {
		c.tx, c.changed, c.warnings = tx, "", nil
		if err := c.find(in.CmdletInput.CmdletName); err != nil {
			return err
		}
		if err := c.bind(in.CmdletInput.Parameters); err != nil {
			return err
		}
		rows, err := c.cmdlet.run(c)
		if err != nil {
			return err
		}
		out.rows, out.warnings = rows, c.warnings
		if c.changed != "" {
			e.Witness.Saw(tx, world.Effect{ClientRequestID: r.Header.Get("client-request-id"), App: caller.AppID, Principal: caller.OID(),
				Method: r.Method, Path: "/" + c.cmdlet.name, Object: c.changed, Effect: c.effect, Status: http.StatusOK})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// result is what a cmdlet gave.
type result struct {
	rows     []Doc
	warnings []any
}

// answer writes the result, in pages where the client wants them.
func (e *Exchange) answer(w http.ResponseWriter, r *http.Request, version, tenant string, out *result) {
	base := origin(r) + "/adminapi/" + version + "/" + tenant
	body := Doc{"@odata.context": base + "/$metadata#Collection(Exchange.GenericHashTable)", "adminapi.warnings@odata.type": "#Collection(String)",
		"@adminapi.warnings": append([]any{}, out.warnings...)}
	from, _ := strconv.Atoi(r.URL.Query().Get("$skiptoken"))
	from = max(0, min(from, len(out.rows)))
	to := len(out.rows)
	if n := pageSize(r); n > 0 && from+n < to {
		to = from + n
		body["@odata.nextLink"] = base + "/InvokeCommand?$skiptoken=" + strconv.Itoa(to)
	}
	rows := []any{}
	for _, d := range out.rows[from:to] {
		rows = append(rows, picked(d, r.URL.Query().Get("$select")))
	}
	body["value"] = rows
	w.Header().Set("Content-Type", "application/json;odata.metadata=minimal;odata.streaming=true;charset=utf-8")
	_ = json.NewEncoder(w).Encode(body) // a client that hung up is its own affair
}

// picked leaves what $select names.
func picked(d Doc, names string) Doc {
	if names == "" {
		return d
	}
	out := Doc{}
	for _, name := range strings.Split(names, ",") {
		if v, ok := d[strings.TrimSpace(name)]; ok {
			out[strings.TrimSpace(name)] = v
		}
	}
	return out
}

func pageSize(r *http.Request) int {
	for _, header := range r.Header.Values("Prefer") {
		for p := range strings.SplitSeq(header, ",") {
			if text, ok := strings.CutPrefix(strings.TrimSpace(p), "odata.maxpagesize="); ok {
				n, _ := strconv.Atoi(text)
				return n
			}
		}
	}
	return 0
}

// origin is scheme and host as the client sees them.
func origin(r *http.Request) string {
	scheme := "https"
	if p := r.Header.Get("X-Forwarded-Proto"); p == "http" || p == "https" {
		scheme = p
	}
	return scheme + "://" + r.Host
}
