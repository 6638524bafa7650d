package entra_test

import (
	"strings"
	"testing"
	"time"
)

func (x *tenant) startDevice(realm string) answer {
	x.Helper()
	a := x.post(realm, "devicecode", form{"client_id": id(x.gadget), "scope": "openid offline_access User.Read"})
	if a.status != 200 {
		x.Fatalf("%d %v", a.status, a.body)
	}
	return a
}

func (x *tenant) poll(a answer) form {
	return form{"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "client_id": id(x.gadget), "device_code": a.text("device_code")}
}

func TestADeviceSignsIn(t *testing.T) {
	x := open(t)
	for _, grant := range []string{"urn:ietf:params:oauth:grant-type:device_code", "device_code"} {
		a := x.startDevice(x.world.TenantID)
		if a.body["expires_in"] != 900.0 || a.body["interval"] != 5.0 || !strings.Contains(a.text("message"), a.text("user_code")) {
			t.Errorf("%v", a.body)
		}
		poll := x.poll(a).with(form{"grant_type": grant})
		if p := x.token(poll); p.status != 400 || p.text("error") != "authorization_pending" || p.code() != 70016 {
			t.Errorf("before anybody signed in: %d %v", p.status, p.body)
		}
		page := strings.TrimPrefix(a.text("verification_uri"), x.server.URL)
		b := x.browser().open(page)
		if !strings.Contains(b.page, `name="otc"`) {
			t.Fatalf("no place for the code:\n%s", b.page)
		}
		b.open(page + "?otc=" + strings.ToLower(a.text("user_code"))).signIn("ann")
		if strings.Contains(b.page, "would like to") {
			b.submit(form{"consent": "accept"})
		}
		if !strings.Contains(b.page, "gadget") {
			t.Errorf("the page does not say to what:\n%s", b.page)
		}
		b.submit(form{"confirm": "accept"})
		done := x.token(poll)
		if done.status != 200 || done.text("refresh_token") == "" || done.text("id_token") == "" {
			t.Fatalf("%d %v", done.status, done.body)
		}
		if c, err := x.Verify(done.text("access_token")); err != nil || c.User != x.ann.ID {
			t.Errorf("%+v, %v", c, err)
		}
		if p := x.token(poll); p.text("error") != "invalid_grant" {
			t.Errorf("a second time: %v", p.body)
		}
	}
}

// TestTheCodeStaysThroughEveryPage: however the code is entered, signing in and
// consenting lead on to the question whose device it is, and not back to the code.
func TestTheCodeStaysThroughEveryPage(t *testing.T) {
	for how, enter := range map[string]func(*browser, string) *browser{
		"typed on the page": func(b *browser, code string) *browser {
			return b.open("/devicelogin").open("/devicelogin?otc=" + code)
		},
		"posted": func(b *browser, code string) *browser {
			return b.take(b.client.PostForm(b.server.URL+"/devicelogin", form{"otc": code}.values()))
		},
	} {
		x := open(t)
		a := x.startDevice(x.world.TenantID)
		b := enter(x.browser(), a.text("user_code")).signIn("boss")
		if !strings.Contains(b.page, "would like to") {
			t.Fatalf("%s: nobody is asked for consent:\n%s", how, b.page)
		}
		b.submit(form{"consent": "accept"})
		if strings.Contains(b.page, `name="otc"`) || !strings.Contains(b.page, "gadget") {
			t.Fatalf("%s: after the consent:\n%s", how, b.page)
		}
		b.submit(form{"confirm": "accept"})
		if done := x.token(x.poll(a)); done.status != 200 {
			t.Errorf("%s: %d %v", how, done.status, done.body)
		}
	}
}

func TestADeviceIsRefused(t *testing.T) {
	x := open(t)
	decline := x.startDevice("common")
	b := x.browser().open("/devicelogin?otc=" + decline.text("user_code")).signIn("ann").submit(form{"consent": "accept"})
	b.submit(form{"confirm": "decline"})
	noConsent := x.startDevice("organizations")
	x.browser().open("/devicelogin?otc=" + noConsent.text("user_code")).signIn("boss").submit(form{"consent": "decline"})
	late := x.startDevice(x.world.TenantID)
	for situation, c := range map[string]struct {
		form form
		kind string
	}{
		"declined":           {x.poll(decline), "authorization_declined"},
		"not consented":      {x.poll(noConsent), "authorization_declined"},
		"an unknown code":    {x.poll(late).with(form{"device_code": "unknown"}), "bad_verification_code"},
		"no code":            {x.poll(late).with(form{"device_code": ""}), "invalid_request"},
		"another app's code": {x.poll(late).with(form{"client_id": id(x.mine), "client_secret": x.daemonsSecret}), "bad_verification_code"},
		"a confidential app": {x.poll(late).with(form{"client_id": id(x.portal)}), "invalid_client"},
	} {
		if a := x.token(c.form); a.text("error") != c.kind {
			t.Errorf("%s: %d %v, want %s", situation, a.status, a.body, c.kind)
		}
	}
	if b := x.browser().open("/devicelogin?otc=" + decline.text("user_code")); !strings.Contains(b.page, "work") {
		t.Errorf("a code that was declined is taken again:\n%s", b.page)
	}
	x.world.Clock().Advance(15 * time.Minute)
	if a := x.token(x.poll(late)); a.text("error") != "expired_token" {
		t.Errorf("after 15 minutes: %v", a.body)
	}
	for _, code := range []string{late.text("user_code"), "NONSENSE"} {
		if b := x.browser().open("/devicelogin?otc=" + code); !strings.Contains(b.page, "work") {
			t.Errorf("the code %s was taken:\n%s", code, b.page)
		}
	}
	if a := x.post(x.world.TenantID, "devicecode", form{"client_id": id(x.gadget)}); a.code() != 900144 {
		t.Errorf("no scope: %v", a.body)
	}
	if a := x.post("common", "devicecode", form{"client_id": id(x.mine), "scope": "openid"}); a.code() != 50194 {
		t.Errorf("a single-tenant app at common: %v", a.body)
	}
}
