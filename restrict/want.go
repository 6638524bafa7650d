package restrict

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/policy"
)

// Scope is one set of mailboxes that flows share, with the roles that they need in
// it.
type Scope struct {
	Name      string   `json:"name"` // of the management scope
	Flows     []string `json:"flows"`
	Mailboxes []string `json:"mailboxes"` // listed by name
	Groups    []string `json:"groups"`    // object ids
	Roles     []string `json:"roles"`

	ids []string // object ids of the listed mailboxes
}

// want is what is wanted of Exchange for a registration.
type want struct {
	tenant       graphwarden.Tenant
	registration graphwarden.Registration
	short        string // the registration's name within its tenant
	scopes       []Scope
	stays        []string          // permissions that Exchange cannot narrow
	names        map[string]string // of listed mailboxes: their object ids
}

// mostListed is how many mailboxes a scope lists one by one. Exchange documents no
// limit for the length of a filter; a group stays readable.
const mostListed = 100

// roles are those of all scopes.
func (w *want) roles() []string {
	var all []string
	for _, s := range w.scopes {
		all = append(all, s.Roles...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// prefix begins the name of everything that this registration has in Exchange.
func (w *want) prefix() string { return "Graphwarden " + w.short + " " }

// want says what is wanted for a registration.
func (r *Restrict) want(ctx context.Context, tenant, registration string) (*want, error) {
	t := slices.IndexFunc(r.Tenants, func(t graphwarden.Tenant) bool { return t.Name == tenant })
	i := slices.IndexFunc(r.Registrations, func(g graphwarden.Registration) bool { return g.Name == tenant+"/"+registration })
	if t < 0 || i < 0 {
		return nil, &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: codeUnknown, Field: "registration",
			Say: fmt.Sprintf("The configuration has no registration %s in a tenant %s.", registration, tenant),
			Do:  "Name one of those that graphwarden tenants lists."}
	}
	w := &want{tenant: r.Tenants[t], registration: r.Registrations[i], short: registration, names: map[string]string{}}
	if w.registration.Mode.Delegated() {
		return nil, &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "restrict.delegated",
			Say: fmt.Sprintf("The registration %s acts for a person, and reaches no more than that person's own mailbox.", w.registration.Name),
			Do:  "Nothing needs to be done: Exchange restricts apps that act for themselves."}
	}
	for _, f := range r.Flows {
		if f.Registration == w.registration.Name {
			if err := r.add(ctx, w, f); err != nil {
				return nil, err
			}
		}
	}
	if len(w.scopes) == 0 {
		return nil, &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "restrict.nothing",
			Say: fmt.Sprintf("No flow uses the registration %s in mailboxes.", w.registration.Name),
			Do:  "Name a registration of a flow that has mailboxes, or take this one's consents away in Entra."}
	}
	slices.SortFunc(w.scopes, func(a, b Scope) int { return strings.Compare(a.Name, b.Name) })
	return w, nil
}

// add takes a flow in: its mailboxes are a scope of their own unless another flow
// has the same.
func (r *Restrict) add(ctx context.Context, w *want, f flow.Flow) error {
	needed, err := policy.Permissions(f.Kind, r.Table)
	if err != nil {
		return err
	}
	s := Scope{Flows: []string{f.Name}, Groups: slices.Sorted(slices.Values(f.Groups)), Mailboxes: []string{}}
	for _, p := range needed {
		if role := Role(p); role != "" {
			s.Roles = append(s.Roles, role)
		} else if !slices.Contains(w.stays, p) {
			w.stays = append(w.stays, p)
		}
	}
	if len(s.Roles) == 0 || len(f.Mailboxes)+len(f.Groups) == 0 {
		return nil
	}
	if err := r.list(ctx, w, &s, f); err != nil {
		return err
	}
	for i, other := range w.scopes {
		if slices.Equal(other.ids, s.ids) && slices.Equal(other.Groups, s.Groups) {
			w.scopes[i].Flows = append(other.Flows, f.Name)
			w.scopes[i].Roles = slices.Compact(slices.Sorted(slices.Values(append(other.Roles, s.Roles...))))
			return nil
		}
	}
	s.Name = short(w.prefix() + f.Name)
	w.scopes = append(w.scopes, s)
	return nil
}

// list finds the object ids of the mailboxes that a flow lists.
func (r *Restrict) list(ctx context.Context, w *want, s *Scope, f flow.Flow) error {
	if len(f.Mailboxes) > mostListed {
		return &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "restrict.too_many",
			Say: fmt.Sprintf("The flow %s lists %d mailboxes; a scope in Exchange is written for %d at most.", f.Name, len(f.Mailboxes), mostListed),
			Do:  "Put them into a mail-enabled security group, and name the group in the flow."}
	}
	for _, m := range f.Mailboxes {
		pinned, known, err := r.Store.Mailbox(ctx, f.Tenant, m.UPN)
		if err != nil {
			return err
		}
		if !known {
			return &graphwarden.Refusal{Kind: graphwarden.Conflict, Code: "restrict.not_pinned",
				Say: fmt.Sprintf("The id of the mailbox %s of the flow %s is not known yet.", m.UPN, f.Name),
				Do:  "Let graphwarden serve find it through the tenant's reader, or run graphwarden connect with --administrator."}
		}
		w.names[m.UPN] = pinned.ID
		s.Mailboxes, s.ids = append(s.Mailboxes, m.UPN), append(s.ids, pinned.ID)
	}
	slices.Sort(s.ids)
	slices.Sort(s.Mailboxes)
	return nil
}

// filter picks the scope's mailboxes: those listed by object id, which no renaming
// changes, and the direct members of groups ("Filterable properties for the
// RecipientFilter parameter": ExternalDirectoryObjectId, MemberOfGroup).
func (s Scope) filter(dn func(group string) string) string {
	var parts []string
	for _, id := range s.ids {
		parts = append(parts, "ExternalDirectoryObjectId -eq '"+id+"'")
	}
	for _, g := range s.Groups {
		parts = append(parts, "MemberOfGroup -eq '"+strings.ReplaceAll(dn(g), "'", "''")+"'")
	}
	return strings.Join(parts, " -or ")
}

// assignment is the name of a role assignment for a scope.
func (s Scope) assignment(role string) string { return short(s.Name + " " + permissionOf(role)) }

// short keeps a name within Exchange's 64 characters; what is cut off goes into a
// fingerprint.
func short(name string) string {
	letters := []rune(name)
	if len(letters) <= 64 {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	return string(letters[:55]) + "." + hex.EncodeToString(sum[:4])
}
