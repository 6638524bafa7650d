package wire

import (
	"fmt"
	"strings"

	"github.com/graphwarden/graphwarden/catalog"
	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// permit is an operation of Microsoft's permission table.
type permit struct {
	catalog.Operation
	known bool
}

// permits are the operations that a route's permission is looked up by: its own
// path, and the same under /me.
type permits struct{ plain, me permit }

// layPermits finds the permissions of a route. A route that no permission opens
// could never be called.
func (k *Kernel) layPermits(r *Route) error {
	if r.AnyToken {
		return nil
	}
	path := r.PermitAs
	if path == "" {
		path = r.Path
	}
	r.permits.plain = k.permit(r.Method, path)
	if below, ok := strings.CutPrefix(path, "/users/{user}"); ok {
		r.permits.me = k.permit(r.Method, "/me"+below)
	}
	if !r.permits.plain.known && !r.permits.me.known {
		return fmt.Errorf("no permission opens %s %s", r.Method, path)
	}
	return nil
}

func (k *Kernel) permit(method, path string) permit {
	op, known := k.catalog.Operation(method, path)
	return permit{op, known}
}

// needed names the permissions that open the operation for an application.
func (p permit) needed() []string {
	var names []string
	if p.known {
		for _, r := range p.Opens(catalog.Application) {
			names = append(names, r.Permission)
		}
	}
	return names
}

// admit asks whether the caller may do what the route does, by Microsoft's
// permission table and, where a mailbox is touched, by Exchange's own rules.
func (k *Kernel) admit(c *Call) error {
	if c.Route.AnyToken || c.Route.Self && k.isSelf(c) {
		return nil
	}
	p := c.Route.permits.plain
	if c.me {
		p = c.Route.permits.me
	}
	if c.Route.Mailbox == "" {
		return k.admitDirectory(c, p, k.reachesOthers(c))
	}
	owner, ok := k.World.User(c.Tx, c.Arg(c.Route.Mailbox))
	if !ok {
		return noUser(c.Arg(c.Route.Mailbox))
	}
	c.Mailbox = owner.ID
	return k.admitMailbox(c, owner.ID, p)
}

// admitDirectory judges by the permissions that the token holds. What is not the
// caller's own is not opened by those that reach nothing else.
func (k *Kernel) admitDirectory(c *Call, p permit, others bool) error {
	held := k.grants(c)
	if others {
		held = held.Elsewhere()
	}
	if !p.known || !p.Allowed(held) {
		return NoPrivilege()
	}
	return nil
}

// reachesOthers says whether the path names an object that is not the caller's
// own: another user, or an application that the caller does not own.
func (k *Kernel) reachesOthers(c *Call) bool {
	if key, ok := c.Args["user"]; ok {
		o, found := k.World.User(c.Tx, key)
		return !found || o.ID != c.Caller.User
	}
	for _, typ := range []string{"application", "servicePrincipal"} {
		key, ok := c.Args[typ]
		if !ok {
			continue
		}
		o, found := k.World.Object(c.Tx, key, typ)
		if c.AltKey(typ) == "appId" {
			o, found = k.World.ObjectBy(c.Tx, "appId", key, typ)
		}
		return !found || !k.World.Linked(c.Tx, o.ID, world.Owners, c.Caller.OID())
	}
	return false
}

// isSelf says whether an application's own token is used on that application, or
// on its service principal.
func (k *Kernel) isSelf(c *Call) bool {
	if c.Caller.Delegated() {
		return false
	}
	for _, typ := range []string{"application", "servicePrincipal"} {
		if key, ok := c.Args[typ]; ok {
			o, found := k.World.Object(c.Tx, key, typ)
			return found && world.Text(o.Doc, "appId") == c.Caller.AppID
		}
	}
	return false
}

// admitMailbox judges a delegated token by its scopes: it opens the user's own
// mailbox, and another's with a permission that reaches there where the owner
// has shared it (graph-facts §6, "Shared mailbox", §7). An application's own
// token is judged by Exchange.
func (k *Kernel) admitMailbox(c *Call, mailbox string, p permit) error {
	held := k.grants(c)
	granted := p.known && p.Allowed(held)
	switch {
	case !c.Caller.Delegated():
		return refused(k.World.MailboxVerdict(c.Tx, c.Caller, mailbox, p.needed(), granted))
	case !granted:
		return NoAccess()
	case mailbox == c.Caller.User:
		return nil
	case !p.Allowed(held.Elsewhere()) || !k.Shared(c.Tx, mailbox, c.Caller.User):
		return NoAccess()
	}
	return nil
}

func refused(v *world.Refused) error {
	if v == nil {
		return nil
	}
	return Refuse(v.Status, v.Code, "%s", v.Message)
}

func (k *Kernel) grants(c *Call) catalog.Grants {
	scheme := catalog.Application
	if c.Caller.Delegated() {
		scheme = catalog.DelegatedWork
	}
	return k.catalog.Grants(scheme, c.Caller.Permissions()...)
}

// May asks whether the caller may use the operation, which need not be the
// call's own, on the mailbox; "" is what is not the caller's own in the directory.
func (c *Call) May(method, path, mailbox string) error {
	return c.kernel.may(c, c.kernel.permit(method, path), mailbox)
}

// MayFollow asks whether the caller may be notified of changes of a resource,
// given as it stands in a subscription.
func (c *Call) MayFollow(resource, mailbox string) error {
	op, known := c.kernel.catalog.Subscription(resource)
	return c.kernel.may(c, permit{op, known}, mailbox)
}

// Follows says whether a caller, who need not be calling, may be notified of
// changes of a resource.
func (k *Kernel) Follows(tx *state.Tx, caller world.Caller, resource, mailbox string) bool {
	c := &Call{World: k.World, Tx: tx, Now: tx.Now(), Caller: caller, kernel: k}
	return c.MayFollow(resource, mailbox) == nil
}

func (k *Kernel) may(c *Call, p permit, mailbox string) error {
	if mailbox == "" {
		return k.admitDirectory(c, p, true)
	}
	return k.admitMailbox(c, mailbox, p)
}

// noUser is what Outlook answers for a mailbox that nobody has
// (graph-facts §2.1).
func noUser(key string) error {
	return Refuse(404, "ErrorInvalidUser", "The requested user '%s' is invalid.", key)
}
