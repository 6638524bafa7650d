package entra

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/sim/entra/page"
	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// deviceCode starts the device code flow (graph-facts §1.3).
func (e *Entra) deviceCode(w http.ResponseWriter, r *http.Request) {
	c, err := e.newCall(w, r)
	if err != nil {
		e.fail(w, r, err)
		return
	}
	var text string
	var d device
	err = e.world.Update(func(tx *state.Tx) error {
		c.tx, c.now = tx, tx.Now()
		cl, err := e.findClient(tx, c.realm, c.id)
		if err != nil {
			return err
		}
		graph := e.resource(tx, c.form.Get("scope"))
		a, err := readScope(c.form.Get("scope"), graph)
		if err != nil {
			return err
		}
		text = "D" + e.drawText(c) + e.drawText(c)
		d = device{App: cl.id(), Realm: c.realm.kind, Scope: strings.Join(a.Raw, " "), UserCode: userCode(e.draw(c)), Issued: c.now, State: pending}
		e.devices.Put(tx, text, d)
		return nil
	})
	if err != nil {
		e.fail(w, r, err)
		return
	}
	where := c.here + "/devicelogin"
	answer(w, http.StatusOK, map[string]any{
		"device_code": text, "user_code": d.UserCode, "verification_uri": where,
		"expires_in": int(deviceLife / time.Second), "interval": int(cmp.Or(e.DeviceInterval, deviceInterval) / time.Second),
		"message": fmt.Sprintf("To sign in, use a web browser to open the page %s and enter the code %s to authenticate.", where, d.UserCode),
	})
}

// userCode makes a code that a person can type: nine characters without vowels
// and without those that look alike.
func userCode(random []byte) string {
	const letters = "BCDFGHJKLMNPQRSTVWXZ23456789"
	var b strings.Builder
	for _, n := range random[:9] {
		b.WriteByte(letters[int(n)%len(letters)])
	}
	return b.String()
}

// deviceLogin is the page where a person enters the code that a device shows, and
// says that it was he who started it.
func (e *Entra) deviceLogin(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		e.errorPage(w, r, refuse(90023, invalidRequest, "The request is not valid."))
		return
	}
	var next step
	err := e.world.Update(func(tx *state.Tx) (err error) {
		next, err = e.enterCode(tx, r)
		return err
	})
	if err != nil {
		e.errorPage(w, r, err)
		return
	}
	next(w, r)
}

func (e *Entra) enterCode(tx *state.Tx, r *http.Request) (step, error) {
	typed := strings.ToUpper(strings.TrimSpace(r.Form.Get("otc")))
	if typed == "" {
		return e.show(http.StatusOK, page.Code{Action: r.URL.Path}), nil
	}
	text, d, ok := e.byCode.First(tx, typed)
	if !ok || d.State != pending || !tx.Now().Before(d.Issued.Add(deviceLife)) {
		return e.show(http.StatusOK, page.Code{Action: r.URL.Path, Trouble: "That code didn't work. Check the code and try again."}), nil
	}
	return e.approve(tx, withCode(r, d.UserCode), text, d)
}

// withCode is a request whose address names the code, also when it was posted: the
// pages that follow send their answers to that address.
func withCode(r *http.Request, code string) *http.Request {
	out, at := *r, *r.URL
	query := at.Query()
	query.Set("otc", code)
	at.RawQuery = query.Encode()
	out.URL = &at
	return &out
}

// approve has the person sign in, consent and say that the device is his.
func (e *Entra) approve(tx *state.Tx, r *http.Request, text string, d device) (step, error) {
	who, next, err := e.visitor(tx, r)
	if err != nil || next != nil {
		return next, err
	}
	if who.client, err = e.findClient(tx, realm{kind: d.Realm}, d.App); err != nil {
		return nil, err
	}
	graph := e.resource(tx, d.Scope)
	a, err := readScope(d.Scope, graph)
	if err != nil {
		return nil, err
	}
	next, err = e.agree(r, &who, tx, a, graph)
	if p := (*problem)(nil); errors.As(err, &p) {
		return e.decide(tx, text, d, declined, who), nil
	}
	if err != nil || next != nil {
		return next, err
	}
	switch r.PostForm.Get("confirm") {
	case "accept":
		return e.decide(tx, text, d, approved, who), nil
	case "decline":
		return e.decide(tx, text, d, declined, who), nil
	}
	return e.show(http.StatusOK, page.Confirm{Action: r.URL.RequestURI(),
		App: who.client.name(), User: world.Text(who.user.Doc, "userPrincipalName")}), nil
}

// decide writes down what the person decided about a device.
func (e *Entra) decide(tx *state.Tx, text string, d device, s deviceState, who subject) step {
	d.State, d.User, d.SignedIn, d.Session = s, who.user.ID, who.signedIn, who.session
	e.devices.Put(tx, text, d)
	if s == declined {
		return e.show(http.StatusOK, page.Note{Title: "Sign-in was cancelled", Text: "You may now close this window."})
	}
	return e.show(http.StatusOK, page.Note{Title: "You have signed in", Text: "You may now close this window."})
}

// redeemDevice answers a device's poll (graph-facts §1.3).
func (e *Entra) redeemDevice(c *call, cl client) (issue, error) {
	text := c.form.Get("device_code")
	if text == "" {
		text = c.form.Get("code") // as MSAL for Go and the v1 endpoint name it
	}
	if text == "" {
		return issue{}, missing("device_code")
	}
	if !cl.public() {
		if err := needProof(cl); err != nil {
			return issue{}, err
		}
	}
	d, ok := e.devices.Get(c.tx, text)
	if !ok || d.App != cl.id() {
		return issue{}, refuse(70018, "bad_verification_code", "The device_code sent to the token endpoint was not recognized.")
	}
	if err := d.ready(c.now); err != nil {
		return issue{}, err
	}
	user, err := e.activeUser(c, d.User, d.SignedIn)
	if err != nil {
		return issue{}, err
	}
	d.State = redeemed
	e.devices.Put(c.tx, text, d)
	s := subject{client: cl, user: user, signedIn: d.SignedIn, session: d.Session}
	made, err := e.delegated(c, s, d.Scope, "")
	if err != nil {
		return issue{}, err
	}
	return e.withRefresh(c, s, made, d.Scope, "", time.Time{}), nil
}

// ready says why a device gets no token yet, or any more.
func (d device) ready(now time.Time) error {
	switch {
	case d.State == declined:
		return refuse(65004, "authorization_declined", "The end user denied the authorization request.")
	case d.State == redeemed:
		return refuse(54005, invalidGrant, "The device code was already redeemed.")
	case !now.Before(d.Issued.Add(deviceLife)):
		return refuse(70020, "expired_token", "The provided value for the input parameter 'device_code' is not valid. The device code has expired.")
	case d.State == pending:
		return refuse(70016, "authorization_pending", "OAuth 2.0 device flow error. Authorization is pending. Continue polling.")
	}
	return nil
}
