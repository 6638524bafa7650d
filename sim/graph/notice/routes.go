package notice

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/sim/graph/wire"
	"github.com/graphwarden/graphwarden/sim/world"
)

// Routes are the operations of /subscriptions. Each asks for the permission of
// what is subscribed to, so any token may come.
func (b *Board) Routes() []wire.Route {
	const typ = "subscription"
	one := "/subscriptions/{subscription}"
	return []wire.Route{
		{Method: http.MethodPost, Path: "/subscriptions", Type: typ, Body: typ, AnyToken: true, Own: true, Handle: b.create},
		{Method: http.MethodGet, Path: "/subscriptions", Type: typ, AnyToken: true, Handle: b.list},
		{Method: http.MethodGet, Path: one, Type: typ, AnyToken: true, Handle: b.get},
		{Method: http.MethodPatch, Path: one, Type: typ, Body: typ, AnyToken: true, Own: true, Handle: b.update},
		{Method: http.MethodDelete, Path: one, AnyToken: true, Handle: b.remove},
		{Method: http.MethodPost, Path: one + "/reauthorize", AnyToken: true, Handle: b.reauthorize},
	}
}

// create makes a subscription once its receiver has shown that it is one. The
// world is not locked while the receiver is asked.
func (b *Board) create(c *wire.Call) (wire.Answer, error) {
	s := Subscription{AppID: c.Caller.AppID, Creator: c.Caller.OID(), User: c.Caller.User, Immutable: c.Immutable()}
	err := c.InTransaction(false, func() error {
		if err := b.read(c, &s); err != nil {
			return err
		}
		return b.mayFollow(c, s.Target)
	})
	if err != nil {
		return wire.Answer{}, err
	}
	for _, url := range []string{s.URL, s.LifecycleURL} {
		if err := b.handshake(c.Request.Context(), url); err != nil {
			return wire.Answer{}, err
		}
	}
	err = c.InTransaction(true, func() error {
		if b.byMailbox.Count(c.Tx, s.Target.followed()) >= 1000 && s.Target.Mailbox != "" {
			return wire.Refuse(http.StatusForbidden, "ExtensionError", "The limit of 1000 subscriptions for the mailbox has been reached.")
		}
		s.ID, s.Made = c.Tx.GUID(), c.Now
		b.subscriptions.Put(c.Tx, s.ID, s)
		c.Touch(s.Target.Mailbox, s.ID, world.Create)
		return nil
	})
	if err != nil {
		return wire.Answer{}, err
	}
	a := wire.Created(s.doc())
	a.Header = http.Header{"Location": {c.Base + "/subscriptions('" + s.ID + "')"}}
	return a, nil
}

// mayFollow asks for the permission to read what is subscribed to. A delegated
// token follows its own mailbox only (graph-facts §4.1).
func (b *Board) mayFollow(c *wire.Call, t Target) error {
	if c.Caller.Delegated() && t.Mailbox != "" && t.Mailbox != c.Caller.User {
		return wire.NoAccess()
	}
	return c.MayFollow(t.Path(), t.Mailbox)
}

// read takes a subscription out of a request's body.
func (b *Board) read(c *wire.Call, s *Subscription) (err error) {
	s.Resource, s.URL = world.Text(c.Body, "resource"), world.Text(c.Body, "notificationUrl")
	s.LifecycleURL, s.ClientState = world.Text(c.Body, "lifecycleNotificationUrl"), world.Text(c.Body, "clientState")
	s.ChangeType, s.TLS = world.Text(c.Body, "changeType"), world.Text(c.Body, "latestSupportedTlsVersion")
	s.Certificate, s.CertID = world.Text(c.Body, "encryptionCertificate"), world.Text(c.Body, "encryptionCertificateId")
	s.Rich, _ = c.Body["includeResourceData"].(bool)
	if s.TLS == "" {
		s.TLS = "v1_2" // the default (graph-facts §4.1)
	}
	for _, name := range []string{"resource", "changeType", "notificationUrl", "expirationDateTime"} {
		if world.Text(c.Body, name) == "" {
			return wire.Refuse(400, "InvalidRequest", "The property '%s' is required.", name)
		}
	}
	if s.Target, err = b.target(c, s.Resource); err != nil {
		return err
	}
	if err := s.check(b.PlainHTTP); err != nil {
		return err
	}
	s.Expires, err = expiry(c, world.Text(c.Body, "expirationDateTime"), s.Target, s.Rich)
	return err
}

// check refuses what does not go together.
func (s *Subscription) check(plain bool) error {
	for t := range strings.SplitSeq(s.ChangeType, ",") {
		if !slices.Contains([]string{"created", "updated", "deleted"}, t) {
			return wire.Refuse(400, "InvalidRequest", "The changeType '%s' is not supported.", t)
		}
		if t == "created" && s.Target.Mailbox == "" {
			return wire.Refuse(400, "InvalidRequest", "The changeType 'created' is not supported for the resource '%s'.", s.Resource)
		}
	}
	if !slices.Contains([]string{"v1_0", "v1_1", "v1_2", "v1_3"}, s.TLS) {
		return wire.Refuse(400, "InvalidRequest", "The value '%s' of the property 'latestSupportedTlsVersion' is not supported.", s.TLS)
	}
	if len(s.ClientState) > 128 {
		return wire.Refuse(400, "InvalidRequest", "The property 'clientState' must not be longer than 128 characters.")
	}
	for _, url := range []string{s.URL, s.LifecycleURL} {
		if err := checkURL(url, plain); err != nil {
			return err
		}
	}
	if !s.Rich {
		return nil
	}
	if s.Target.Mailbox == "" || len(s.Target.Select) == 0 {
		return wire.Refuse(400, "ExtensionError", "A subscription with resource data needs a resource that supports it, with $select.")
	}
	_, err := publicKey(s.Certificate)
	if s.CertID == "" || err != nil {
		return wire.Refuse(400, "InvalidRequest", "A subscription with resource data needs encryptionCertificate (base64, RSA 2048 to 4096) and encryptionCertificateId.")
	}
	return nil
}

// expiry reads an expirationDateTime and holds it to the resource's limit. A
// life shorter than 45 minutes is lengthened (graph-facts §4.2).
func expiry(c *wire.Call, text string, t Target, rich bool) (time.Time, error) {
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return at, wire.Refuse(400, "InvalidRequest", "The property 'expirationDateTime' is not a date and time.")
	}
	most := t.lifetime(rich)
	switch life := at.Sub(c.Now); {
	case life <= 0:
		return at, wire.Refuse(400, "ExtensionError", "Subscription expiration can only be in the future.")
	case life > most+time.Minute:
		return at, wire.Refuse(400, "ExtensionError", "Subscription expiration can only be %d minutes in the future.", int(most.Minutes()))
	case life < 45*time.Minute:
		at = c.Now.Add(45 * time.Minute)
	}
	return at, nil
}

// mine gives a live subscription that the caller owns. Others' do not exist for
// him, nor do expired ones (graph-facts §4.1).
func (b *Board) mine(c *wire.Call) (Subscription, error) {
	s, ok := b.subscriptions.Get(c.Tx, c.Arg("subscription"))
	if !ok || !b.owns(c, s) {
		return s, wire.Refuse(404, "ResourceNotFound", "The object was not found.")
	}
	return s, nil
}

func (b *Board) owns(c *wire.Call, s Subscription) bool {
	return s.AppID == c.Caller.AppID && s.User == c.Caller.User && s.Expires.After(c.Now)
}

func (b *Board) list(c *wire.Call) (wire.Answer, error) {
	var docs []wire.Doc
	for _, s := range b.subscriptions.All(c.Tx) {
		if b.owns(c, s) {
			docs = append(docs, s.doc())
		}
	}
	return wire.List(docs), nil
}

func (b *Board) get(c *wire.Call) (wire.Answer, error) {
	s, err := b.mine(c)
	return wire.Entity(s.doc()), err
}

// update renews a subscription, or moves it to another receiver, which must
// show again that it is one.
func (b *Board) update(c *wire.Call) (wire.Answer, error) {
	var s Subscription
	url := world.Text(c.Body, "notificationUrl")
	err := c.InTransaction(false, func() (err error) {
		if s, err = b.mine(c); err != nil || url == "" {
			return err
		}
		return checkURL(url, b.PlainHTTP)
	})
	if err == nil {
		err = b.handshake(c.Request.Context(), url)
	}
	if err != nil {
		return wire.Answer{}, err
	}
	err = c.InTransaction(true, func() (err error) {
		if s, err = b.mine(c); err != nil {
			return err
		}
		if text := world.Text(c.Body, "expirationDateTime"); text != "" {
			if s.Expires, err = expiry(c, text, s.Target, s.Rich); err != nil {
				return err
			}
		}
		if url != "" {
			s.URL = url
		}
		if b.Holds(c.Tx, s) {
			s.Paused = time.Time{}
		}
		b.subscriptions.Put(c.Tx, s.ID, s)
		c.Touch(s.Target.Mailbox, s.ID, world.Update)
		return nil
	})
	return wire.Entity(s.doc()), err
}

func (b *Board) remove(c *wire.Call) (wire.Answer, error) {
	s, err := b.mine(c)
	if err != nil {
		return wire.Answer{}, err
	}
	b.subscriptions.Delete(c.Tx, s.ID)
	return wire.Empty(http.StatusNoContent), nil
}

// reauthorize takes notice that the client still may follow the resource
// (graph-facts §4.5).
func (b *Board) reauthorize(c *wire.Call) (wire.Answer, error) {
	s, err := b.mine(c)
	if err != nil {
		return wire.Answer{}, err
	}
	if err := b.mayFollow(c, s.Target); err != nil {
		return wire.Answer{}, err
	}
	if !b.Holds(c.Tx, s) { // the token is older than what it was for
		return wire.Answer{}, wire.NoAccess()
	}
	s.Paused = time.Time{}
	b.subscriptions.Put(c.Tx, s.ID, s)
	c.Touch(s.Target.Mailbox, s.ID, world.Update)
	return wire.Empty(http.StatusNoContent), nil
}
