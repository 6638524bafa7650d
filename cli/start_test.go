package cli_test

import (
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/cli"
)

// flowOf adds a flow of another registration to the configuration.
func (tn *tenant) flowOf(t *testing.T, config, registration string) {
	t.Helper()
	rewrite(t, config, "flows:\n", "flows:\n  second:\n    app: portal\n    kind: calendar\n    tenant: contoso\n    registration: "+registration+
		"\n    mailboxes: ["+tn.Users[1].UserPrincipalName+"]\n    sink: {url: \"http://127.0.0.1:1/changes\", secret_file: sink.secret}\n")
}

// starts wants a configuration's server to run, until it is stopped.
func starts(t *testing.T, config string) {
	t.Helper()
	server := start(t, "serve", "--config", config)
	server.err.await(t, `msg=running`)
	server.stop()
	server.ends(t, cli.ExitOK)
}

func TestServeStartsWithARevokedConnection(t *testing.T) {
	tn := open(t)
	config := tn.configure(t, func(s *settings) { s.operate = freePort(t) })
	tn.flowOf(t, config, "signed")
	if code, _, stderr := run(t, "connect", "revoke", "contoso", "signed", "--yes", "--config", config); code != cli.ExitOK {
		t.Fatalf("exit code %d:\n%s", code, stderr)
	}
	starts(t, config)
	if code, _, stderr := run(t, "connect", "revoke", "contoso", "calendar", "--yes", "--config", config); code != cli.ExitOK {
		t.Fatalf("exit code %d:\n%s", code, stderr)
	}
	starts(t, config) // nothing works until somebody connects
}

func TestServeStartsBeforeAnybodyHasSignedIn(t *testing.T) {
	tn, folder := open(t), t.TempDir()
	_, client := tn.register(t, tn.own(t, folder, nobody, "device", ""))
	starts(t, tn.own(t, folder, client, "device", ""))
}

// TestServeEndsWhenNothingCanEverWork: only another configuration would mend it.
func TestServeEndsWhenNothingCanEverWork(t *testing.T) {
	tn := open(t)
	for name, s := range map[string]struct {
		change func(*settings)
		device bool
		code   int
		says   string
	}{
		"a wrong tenant":                   {func(s *settings) { s.tenantID = "11111111-2222-3333-4444-555555555555" }, false, cli.ExitCredential, "entra.tenant_unknown"},
		"the only secret is wrong":         {func(s *settings) { s.secret = "not-it" }, false, cli.ExitCredential, "entra.secret_wrong"},
		"a wrong tenant, nobody signed in": {func(s *settings) { s.tenantID = "11111111-2222-3333-4444-555555555555" }, true, cli.ExitCredential, "entra.tenant_unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			config := tn.configure(t, s.change)
			if s.device {
				rewrite(t, config, "secret_file: calendar.secret", "mode: device")
			}
			code, _, stderr := run(t, "serve", "--config", config)
			if code != s.code || !strings.Contains(stderr, s.says) {
				t.Errorf("exit code %d, want %d:\n%s", code, s.code, stderr)
			}
		})
	}
}

// TestACheckListsAllThatDoesNotWork: that nobody has signed in hides nothing.
func TestACheckListsAllThatDoesNotWork(t *testing.T) {
	t.Parallel()
	tn := open(t)
	check := func(t *testing.T, config string, code int, says ...string) {
		t.Helper()
		got, _, stderr := run(t, "serve", "--check", "--config", config)
		if got != code {
			t.Errorf("exit code %d, want %d", got, code)
		}
		for _, part := range says {
			if strings.Count(stderr, "("+part+",") != 1 {
				t.Errorf("it does not say %s once:\n%s", part, stderr)
			}
		}
	}
	device := func(t *testing.T, change func(*settings)) string {
		config := tn.configure(t, change)
		rewrite(t, config, "secret_file: calendar.secret", "mode: device")
		return config
	}
	t.Run("a wrong secret beside", func(t *testing.T) {
		config := device(t, func(s *settings) { s.certificate = strangeCertificate(t) })
		check(t, config, cli.ExitCredential, "connect.nobody_signed_in", "entra.certificate_unknown")
	})
	t.Run("nothing was consented to", func(t *testing.T) {
		bare := tn.app(t, "nothing")
		config := tn.configure(t, func(s *settings) { s.secret = bare.ClientSecret })
		rewrite(t, config, tn.app(t, "calendar").ClientID, bare.ClientID)
		check(t, config, cli.ExitCredential, "cli.not_granted")
	})
	t.Run("a wrong client id", func(t *testing.T) {
		config := device(t, nil)
		rewrite(t, config, tn.app(t, "calendar").ClientID, nobody)
		check(t, config, cli.ExitCredential, "connect.nobody_signed_in", "entra.app_unknown")
	})
	t.Run("a wrong tenant", func(t *testing.T) {
		config := device(t, func(s *settings) { s.tenantID = "11111111-2222-3333-4444-555555555555" })
		check(t, config, cli.ExitCredential, "connect.nobody_signed_in", "entra.tenant_unknown")
	})
	t.Run("an address that is not admitted", func(t *testing.T) {
		config := device(t, nil)
		rewrite(t, config, strings.TrimPrefix(tn.Authority, "https://")+`"`, `127.0.0.1:2"`)
		rewrite(t, config, strings.TrimPrefix(tn.Graph, "https://")+`"`, `127.0.0.1:3"`)
		check(t, config, cli.ExitUsage, "connect.nobody_signed_in", "outbound.address")
	})
}
