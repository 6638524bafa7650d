package judge_test

import (
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/assess"
	"github.com/graphwarden/graphwarden/assess/judge"
	"github.com/graphwarden/graphwarden/catalog"
)

func assessed(t *testing.T, text string) *judge.Assessment {
	t.Helper()
	a, err := assess.Document(catalog.Load(), "plan.md", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// kinds are the kinds of the findings that are no note and no praise.
func kinds(a *judge.Assessment) string {
	var out []string
	for _, f := range a.Findings {
		if f.Severity.Rank() > 0 {
			out = append(out, f.Kind)
		}
	}
	return strings.Join(out, ", ")
}

// TestGoodPracticeIsNoFault reads sentences that rule a practice out, and beside each
// kind the sentence that has it.
func TestGoodPracticeIsNoFault(t *testing.T) {
	for _, s := range []struct{ kind, good, bad string }{
		{"secret expiry", "The client secret never leaves the vault.", "The client secret never expires."},
		{"secret expiry", "Secrets must not be set to never expire.", "Secrets are set to never expire."},
		{"secret expiry", "The expiry must never exceed 180 days.", "Expiry of the client secret: never."},
		{"secret expiry", "Secret expiry: 90 days", "Secret expiry: none"},
		{"secret expiry", "Das Geheimnis darf nicht unbefristet gelten.", "Das Geheimnis läuft nie ab."},
		{"secret expiry", "Ablauf des Geheimnisses: 90 Tage", "Ablauf des Geheimnisses: keiner"},
		{"password flow", "We never use ROPC.", "We use ROPC."},
		{"password flow", "ROPC is forbidden.", "ROPC is not forbidden."},
		{"password flow", "ROPC is not supported.", "ROPC is not supported for guests, all others use it."},
		{"password flow", "No usamos ROPC.", "Usamos ROPC."},
		{"password flow", "ROPC wird von uns nicht verwendet.", "ROPC wird verwendet, weil MFA nicht möglich ist."},
		{"password flow", "ROPC n'est pas utilisé.", "ROPC est utilisé."},
		{"password flow", "ROPC bruges ikke.", "ROPC bruges, da MFA ikke er slået til."},
		{"password flow", "We prohibit the password grant.", "MFA is not supported with ROPC."},
		{"password flow", "Apps do not ask for a user name and password.", "There is no browser, so we ask for user name and password."},
		{"sign-in", "The implicit flow is not supported; we use PKCE.", "The implicit flow is used beside PKCE."},
		{"administrator roles", "No Global Administrator is needed.", "A Global Administrator is needed."},
		{"impersonation", "Impersonation of mailboxes is never used.", "Impersonation of mailboxes is used."},
		{"retired interface", "EWS is no longer used.", "EWS is used."},
		{"secret handling", "Das Geheimnis darf nie per E-Mail verschickt werden.", "Das Geheimnis wird per E-Mail verschickt."},
		{"secret handling", "Le secret n'est jamais envoyé par courriel.", "Le secret est envoyé par courriel."},
		{"password flow", "Do you use ROPC?\n\nA. No, never.", "Do you use ROPC?\n\nA. Yes."},
		{"secret expiry", "Can the secret be set to never expire?\n\nA. Secrets must not be set to never expire.", "Can the secret be set to never expire?\n\nA. It is set to never expire."},
		{"legacy way", "Application access policies are not used.", "Application access policies are used."},
		{"secret handling", "Never send us the client secret.", "Send us the client secret."},
	} {
		t.Run(s.good, func(t *testing.T) {
			if got := kinds(assessed(t, "# Mail.Read\n\n"+s.good+"\n")); strings.Contains(got, s.kind) {
				t.Errorf("%q is found as %s", s.good, got)
			}
			if got := kinds(assessed(t, "# Mail.Read\n\n"+s.bad+"\n")); !strings.Contains(got, s.kind) {
				t.Errorf("%q is found as %q, not as %s", s.bad, got, s.kind)
			}
		})
	}
}

// TestAStatementIsFoundOnce reads lines that two languages' words fit.
func TestAStatementIsFoundOnce(t *testing.T) {
	a := assessed(t, "# Mail.Read\n\nDas Geheimnis läuft nie ab, Ablauf: nie.\n")
	n := 0
	for _, f := range a.Findings {
		if f.Kind == "secret expiry" {
			n += len(f.Lines)
		}
		if f.Kind == "credential" {
			t.Errorf("the secret is spoken of, and found missing: %+v", f)
		}
	}
	if n != 1 {
		t.Errorf("found %d times", n)
	}
}

// TestWhatIsParkedIsTold tells a secret that is parked from an id that is.
func TestWhatIsParkedIsTold(t *testing.T) {
	for text, secret := range map[string]bool{
		"Copy the client ID.\n\nYou can paste it in a text editor for later.":     false,
		"Copy the client secret.\n\nYou can paste it in a text editor for later.": true,
		"Paste the client secret into a text editor for later.":                   true,
	} {
		if got := kinds(assessed(t, "# Mail.Read\n\n"+text+"\n")); strings.Contains(got, "secret handling") != secret {
			t.Errorf("%q is found as %s", text, got)
		}
	}
}

// TestTheImplicitFlowIsSeenInAddresses reads what authorize addresses ask for, in the
// text and behind links, and what a manifest allows.
func TestTheImplicitFlowIsSeenInAddresses(t *testing.T) {
	const address = "https://login.microsoftonline.com/common/oauth2/v2.0/authorize?client_id=x&scope=openid+Mail.Read&response_type="
	for text, implicit := range map[string]bool{
		address + "token": true,
		"Go to " + address + "id_token%20token&state=1.":                true,
		address + "code+token":                                          true,
		address + "TOKEN":                                               true,
		"[sign in](" + address + "token)":                               true,
		address + "code":                                                false,
		address + "id_token":                                            false,
		"[sign in](" + address + "code)":                                false,
		`{"requiredResourceAccess":[],"oauth2AllowImplicitFlow":true}`:  true,
		`{"requiredResourceAccess":[],"oauth2AllowImplicitFlow":false}`: false,
	} {
		found := false
		for _, f := range assessed(t, text).Findings {
			found = found || f.Kind == "sign-in" && f.Severity == "high" && strings.Contains(f.Why, "implicit flow")
		}
		if found != implicit {
			t.Errorf("%s: found %v", text, found)
		}
	}
}

// TestFindingsQuoteThePlan wants the plan's own words with every finding about a line, and
// nothing that a terminal would obey.
func TestFindingsQuoteThePlan(t *testing.T) {
	a := assessed(t, "# Plan\n\n- Mail.Read (application): reads \x1b[31mmail\n\nWe use ROPC. The secret never expires.\n\nThe agenda needs Calendars.ReadLess.\n")
	for _, f := range a.Findings {
		if f.Severity.Rank() == 0 || f.Kind == "credential" || strings.Contains(f.Kind, "retention, laws") {
			continue
		}
		if len(f.Quotes) == 0 || f.Quotes[0].Line != f.Lines[0] || strings.Contains(f.Quotes[0].Words, "\x1b") {
			t.Errorf("%+v", f)
		}
		if f.Kind == "password flow" && f.Quotes[0].Words != "We use ROPC. The secret never expires." {
			t.Errorf("quoted %+v", f.Quotes)
		}
	}
	if len(a.Findings) < 4 {
		t.Errorf("%d findings", len(a.Findings))
	}
}
